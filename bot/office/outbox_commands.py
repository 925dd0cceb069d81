"""``rangkul outbox``: commands to list waiting and failed messages, to send them again, or to cancel them. All are
audited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from bot.office.arguments import MOST
from bot.settings import BadSetting, Settings, load

app = typer.Typer(help="Messages that wait, failed, or may have left.", no_args_is_help=True)


def _run(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work(load()))


@app.command("list")
def show(
    state: Annotated[
        list[str] | None, typer.Option(help="due, sending, parked, uncertain or failed; may be repeated")
    ] = None,
    lane: Annotated[str, typer.Option(help="reply, notice or bulk")] = "",
    older: Annotated[int, typer.Option(min=0, max=10**6, help="only those written so many minutes ago or earlier")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10**6, help="how many at most")] = 100,
) -> None:
    """List the oldest messages first, one a line: id, channel, kind, lane, state, age, attempts, reason."""
    from bot.office import outbox_actions

    _run(lambda settings: outbox_actions.show(settings, tuple(state or ()), lane, older, limit))


@app.command()
def retry(
    message: Annotated[list[int] | None, typer.Argument(min=1, max=MOST, help="ids from `outbox list`")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="all that failed")] = False,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="all that may have left: their people may get them twice")
    ] = False,
) -> None:
    """Send failed or uncertain messages again."""
    from bot.office import outbox_actions

    if failed and uncertain:
        raise BadSetting("outbox retry: --failed or --uncertain, one after the other")
    state = "failed" if failed else "uncertain" if uncertain else ""
    _run(lambda settings: outbox_actions.retry(settings, tuple(message or ()), state))


@app.command()
def cancel(
    message: Annotated[list[int] | None, typer.Argument(min=1, max=MOST, help="ids from `outbox list`")] = None,
    broadcast: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="all copies of this broadcast that have not left")
    ] = None,
) -> None:
    """Cancel messages that have not left yet."""
    from bot.office import outbox_actions

    _run(lambda settings: outbox_actions.cancel(settings, tuple(message or ()), broadcast))
