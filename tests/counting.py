"""How many statements something costs, whatever it is stored in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection


class Sent(NamedTuple):
    """A statement as the driver was given it."""

    text: str
    parameters: Any


@contextmanager
def statements(tx: AsyncConnection | None = None) -> Iterator[list[Sent]]:
    """The statements that are sent meanwhile: in this transaction, or without one by the whole process."""
    of = tx.sync_connection if tx is not None else Engine
    seen: list[Sent] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        seen.append(Sent(statement, parameters))

    event.listen(of, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(of, "before_cursor_execute", keep)
