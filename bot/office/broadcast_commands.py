"""``rangkul broadcast``: the commands of an operator for broadcasts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.office.arguments import MOST
from bot.settings import Settings, load

app = typer.Typer(help="One message to many: plan it, look at it, let it go, stop it.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="id or name, see `rangkul broadcast status`")]


def _run(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work(load()))


@app.command()
def plan(  # noqa: PLR0913, PLR0917 - each is an option that an operator reads about in --help
    name: Annotated[str, typer.Option(help="what admins call it; names nobody")],
    text_file: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="its text (UTF-8), with {nama} {usaha} {kode} {kabupaten}")
    ],
    role: Annotated[str, typer.Option(help="owner or officer")] = "owner",
    regency: Annotated[list[str] | None, typer.Option(help="Kemendagri code, e.g. 33.72; may be repeated")] = None,
    sector: Annotated[str, typer.Option(help="category of the business, e.g. kuliner")] = "",
    program: Annotated[str, typer.Option(help="two or three")] = "",
    status: Annotated[str, typer.Option(help="status of the lead, e.g. new or active")] = "",
    unfinished: Annotated[bool, typer.Option("--unfinished", help="who began and sent nothing yet")] = False,
    campaign: Annotated[str, typer.Option(help="who came by this link")] = "",
    purpose: Annotated[str, typer.Option(help="news or reminder")] = "news",
    button: Annotated[list[str] | None, typer.Option(help="register, continue, another, status or human")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="a picture (jpg, png) or a PDF")
    ] = None,
) -> None:
    """Write a draft down; tells how many people it is for, how long sending takes and what it costs."""
    from bot.office import arguments, broadcast_actions
    from storage.broadcasts.audience import Audience

    whom = Audience(role, tuple(regency or ()), sector, program, status, unfinished, campaign)
    words = arguments.text_of("--text-file", text_file)
    _run(lambda s: broadcast_actions.plan(s, name, words, whom, purpose, tuple(button or ()), file))


@app.command()
def preview(which: Which) -> None:
    """Show the broadcast's message on each channel."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.preview(s, which))


@app.command("test")
def try_out(
    which: Which, officer: Annotated[int, typer.Option(min=1, max=MOST, help="id from `officers list`")]
) -> None:
    """Send one copy to an officer's own chat."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.try_out(s, which, officer))


@app.command()
def approve(which: Which) -> None:
    """Approve a broadcast from chat whose audience is larger than one admin may decide on alone."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.approve(s, which))


@app.command()
def start(
    which: Which, at: Annotated[str, typer.Option(help='e.g. "2026-12-01 09:00 WITA"; now if left out')] = ""
) -> None:
    """Freeze a draft's words and audience, and start sending."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.start(s, which, at))


@app.command()
def pause(which: Which) -> None:
    """Hold a broadcast within a second; copies that are being sent just now still arrive."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.pause(s, which))


@app.command()
def resume(which: Which) -> None:
    """Let a held or halted broadcast go on where it stopped."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.resume(s, which))


@app.command()
def cancel(which: Which) -> None:
    """End a broadcast for good."""
    from bot.office import broadcast_actions

    _run(lambda s: broadcast_actions.cancel(s, which))


@app.command()
def status(
    which: Annotated[str, typer.Argument(help="id or name; all if left out")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="show a bar until it is over")] = False,
) -> None:
    """Show how far a broadcast is, counted from the rows."""
    from bot.office import broadcast_progress

    _run(lambda s: broadcast_progress.status(s, which, follow=follow))


@app.command()
def report(
    which: Which,
    csv: Annotated[Path | None, typer.Option(help="write every recipient, without names, to this file")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="the same for a spreadsheet")] = None,
    excel: Annotated[bool, typer.Option("--excel", help="csv with ; as Excel in Indonesian opens it")] = False,
) -> None:
    """Show how a broadcast ended, with the reason of every failure. Audited."""
    from bot.office import broadcast_progress

    forms = {"excel" if excel else "csv": csv, "xlsx": xlsx}
    files = {form: path for form, path in forms.items() if path}
    _run(lambda s: broadcast_progress.report(s, which, files))
