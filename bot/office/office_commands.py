"""``rangkul offices``: commands to look at the offices, and to change them. All changes are audited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot.office.arguments import MOST
from bot.settings import Settings, load

app = typer.Typer(help="Offices: regencies, hours, who coordinates.", no_args_is_help=True)

_OFFICE = typer.Argument(help="part of its name, or the code of a regency of it")


def _run(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work(load()))


@app.command("list")
def show() -> None:
    """All offices, one a line: name, regencies, hours, coordinators, how many officers."""
    from bot.office import offices

    _run(offices.show)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help='as it stands in a sentence, e.g. "kantor BPJS Ketenagakerjaan Demak"')],
    regency: Annotated[list[str], typer.Option(help="Kemendagri code, e.g. 33.21; may be repeated")],
) -> None:
    """Add an office for regencies that no other office looks after."""
    from bot.office import offices

    _run(lambda settings: offices.add(settings, name, tuple(regency)))


@app.command()
def change(
    office: Annotated[str, _OFFICE],
    name: Annotated[str | None, typer.Option(help="another name")] = None,
    regency: Annotated[list[str] | None, typer.Option(help="the regencies from now on, all of them")] = None,
    hours: Annotated[str | None, typer.Option(help='e.g. "mon-thu 08:00-16:00, fri 08:00-15:30"')] = None,
    address: Annotated[str | None, typer.Option(help="street and town")] = None,
    phone: Annotated[str | None, typer.Option(help="number of the office")] = None,
) -> None:
    """Change what is given of an office; the running server follows within a minute."""
    from bot.office import offices

    given = offices.Given(name, tuple(regency) if regency else None, hours, address, phone)
    _run(lambda settings: offices.change(settings, office, given))


@app.command()
def assign(
    office: Annotated[str, _OFFICE],
    officer: Annotated[int, typer.Argument(min=1, max=MOST, help="id from `officers list`")],
    coordinator: Annotated[bool, typer.Option("--coordinator", help="they coordinate this office")] = False,
) -> None:
    """Have an officer work in this office: they look after its regencies, in place of any of their own."""
    from bot.office import offices

    _run(lambda settings: offices.assign(settings, office, officer, coordinator=coordinator))
