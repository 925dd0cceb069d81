"""Work row by row, so that a row that fails holds up no other: all due rows are worked on at once, and where that fails
each row by itself, within a savepoint. Failed rows stand in the table ``unreadable`` with the reason until they
succeed; `rangkul check` names them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.log import where_in_code
from bot.mail.mail import Mail
from storage.engine.database import is_unavailable
from storage.sealing import unreadable

Row = TypeVar("Row")
Work = Callable[[Mail, Sequence[Row]], Awaitable[None]]


async def row_by_row(
    mail: Mail, kind: str, rows: Sequence[Row], row_id: Callable[[Row], int], work: Work[Row]
) -> list[Row]:
    """Do this work for these rows; the rows for which it failed. ``kind``: of the rows, one of ``unreadable.ROWS``.

    Raises errors that say that the database is away: those are no row's fault.
    """
    if not rows:
        return []
    if await _done(mail, rows, work) is None:
        failed: dict[int, str] = {}
    else:
        failed = {
            at: f"{type(error).__name__} at {where_in_code(error)}"
            for at, row in enumerate(rows)
            if (error := await _done(mail, [row], work))
        }
    await unreadable.succeeded(mail.tx, kind, [row_id(row) for at, row in enumerate(rows) if at not in failed])
    await unreadable.failed(mail.tx, kind, {row_id(rows[at]): why for at, why in failed.items()})
    return [rows[at] for at in failed]


async def _done(mail: Mail, rows: Sequence[Row], work: Work[Row]) -> Exception | None:
    """Do the work within a savepoint; the error that undid it, with its messages, or None."""
    before = len(mail.out)
    try:
        async with mail.tx.begin_nested():
            await work(mail, rows)
    except Exception as error:
        if is_unavailable(error):
            raise
        del mail.out[before:]
        return error
    return None
