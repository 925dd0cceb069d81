"""The erasure log: who asked to be erased, so that restoring an older backup does not bring them back.

The truth is in the table ``audit``: an erasure and its row ``erased:<why>`` are one transaction. :func:`copy` writes
those rows to a file outside the database, which serves where the database itself is lost. A restore takes both.

A line of the file reads ``<audit id> <UTC time> <act> <pseudonym>``: no name, and only the holder of the key can tell
whose pseudonym it is. Erasures that were only due by time (``erased:expired``) are not listed: the restored rows carry
their own dates and end again by themselves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import tables
from storage.broadcasts import recipients
from storage.engine.database import Database
from storage.engine.ids import EPOCH, first_id, made_at, new_id
from storage.leads import leads, twins
from storage.outbox import messages
from storage.people import sessions
from storage.sealing.vault import Vault

from . import retention

audit, officer, outbox, person = (
    tables.table(tables.Audit),
    tables.table(tables.OfficerRow),
    tables.table(tables.Outbox),
    tables.table(tables.Person),
)

_LINE = re.compile(r"([0-9]{1,19}) ([0-9T:.+-]{19,32}) (erased:[a-z_]{1,32}) ([0-9a-f]{12})")
# An hour, as a difference of ids: another process's transaction may commit after one that began later.
_LATE = first_id(EPOCH + timedelta(hours=1))
_AT_ONCE = 500  # fewer than the 32,766 values that a statement of SQLite may carry


@dataclass(frozen=True, slots=True)
class Erasure:
    """One audit row that says that a person was erased at their own wish; ``subject`` is the person's pseudonym."""

    id: int
    at: datetime
    act: str
    subject: str


# ------------------------------------------------------------------------------------------------ the list


def written(erasure: Erasure) -> str:
    """The line of an erasure in the erasure log, with its line end.

    >>> written(Erasure(7, datetime(2026, 11, 22, 9, tzinfo=UTC), "erased:asked", "0123456789ab"))
    '7 2026-11-22T09:00:00+00:00 erased:asked 0123456789ab\\n'
    """
    return f"{erasure.id} {erasure.at.astimezone(UTC).isoformat()} {erasure.act} {erasure.subject}\n"


def parse(text: str) -> list[Erasure]:
    """The erasures in the text of an erasure log, each once. A line that a crash cut off is skipped: :func:`copy`
    writes it again.

    >>> [e.act for e in parse("7 2026-11-22T09:00:00+00:00 erased:asked 0123456789ab\\n8 2026-11-22T09")]
    ['erased:asked']
    """
    found: dict[int, Erasure] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            try:
                at = datetime.fromisoformat(match[2])
            except ValueError:
                continue
            if at.tzinfo:
                found[int(match[1])] = Erasure(int(match[1]), at, match[3], match[4])
    return list(found.values())


def read(path: Path) -> list[Erasure]:
    """The erasures in a file; empty where there is no file. Raises OSError when the file cannot be read."""
    try:
        return parse(path.read_text("ascii", errors="replace"))
    except FileNotFoundError:
        return []


def append(path: Path, erasures: Sequence[Erasure]) -> None:
    """Add erasures to a file (mode 0600, made with its directory when absent, also for none); on disk when this returns.

    Begins with a line end where the file is not empty, so that a line that a crash cut off spoils nothing behind it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if erasures:
            begun = "\n" if os.fstat(descriptor).st_size else ""
            os.write(descriptor, (begun + "".join(map(written, erasures))).encode("ascii"))
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(slots=True)
class Looked:
    """How far a process has brought the erasure log up to date, so that it reads neither the log nor the audit table as
    a whole again.

    ``file``: the file's inode, size and time then; another process, or an operator, may have changed the file since.
    """

    file: tuple[int, int, int] | None = None
    through: int = 0  # an audit id; all rows up to it were looked at, but for those that commit late
    listed: set[int] = field(default_factory=set)  # ids of lines, of those behind ``through``


async def copy(database: Database, path: Path, looked: Looked | None = None) -> int:
    """Bring the erasure log up to date with the database; how many lines were new.

    Costs a look at the audit rows of the last hour where ``looked`` is that of the call before, else at those since the
    last erasure that is listed.
    """
    looked = looked or Looked()
    if looked.file is None or looked.file != _signature(path):
        looked.listed = {erasure.id for erasure in read(path)}
        looked.through = max(looked.listed, default=_LATE) - _LATE
    async with database.read() as tx:
        newest = (await tx.execute(select(func.max(audit.c.id)))).scalar() or 0
        asked = await asked_for(tx, after=looked.through)
    new = [erasure for erasure in asked if erasure.id not in looked.listed]
    append(path, new)
    looked.through = max(looked.through, newest - _LATE)
    looked.listed = {each for each in (*looked.listed, *(erasure.id for erasure in new)) if each > looked.through}
    looked.file = _signature(path)
    return len(new)


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


# ------------------------------------------------------------------------------------------------ the database


async def asked_for(tx: AsyncConnection, after: int = 0) -> list[Erasure]:
    """The erasures at a person's own wish with an audit id above ``after``, oldest first."""
    query = select(audit.c.id, audit.c.at, audit.c.act, audit.c.subject).where(
        audit.c.id > after, audit.c.act.like("erased:%"), audit.c.act != "erased:expired"
    )
    return [Erasure(*row) for row in await tx.execute(query.order_by(audit.c.id))]


async def erase_again(tx: AsyncConnection, vault: Vault, erasures: Iterable[Erasure]) -> int:
    """Erase in a restored database every person who was erased after its backup; how many persons.

    Erasures that the database lists itself are done already and are passed over, so that a person who came back after
    their erasure keeps what they sent since. An officer stays an officer; only what they sent as an owner goes.
    """
    done = {erasure.id for erasure in await asked_for(tx)}
    missing = {erasure.id: erasure for erasure in erasures if erasure.id not in done}
    subjects = {erasure.subject for erasure in missing.values()}
    everyone = (await tx.execute(select(person.c.id))).scalars() if subjects else ()
    theirs = [person_id for person_id in everyone if vault.pseudonym(person_id) in subjects]
    working = set((await tx.execute(select(officer.c.person_id).where(officer.c.left_at.is_(None)))).scalars())
    for person_id in theirs:
        await _erase(tx, vault, person_id, works_here=person_id in working)
    rows = [
        {"id": e.id, "at": e.at, "actor": "restore", "act": e.act, "subject": e.subject, "detail": ""}
        for e in missing.values()
    ]
    for start in range(0, len(rows), _AT_ONCE):
        await tx.execute(audit.insert(), rows[start : start + _AT_ONCE])
    return len(theirs)


async def _erase(tx: AsyncConnection, vault: Vault, person_id: int, *, works_here: bool) -> None:
    _, with_theirs = await twins.let_go(tx, person_id, made_at(new_id(tx)))
    await messages.erase_sent(tx, with_theirs)
    mine = await leads.forget(tx, person_id, vault)
    await messages.withdraw(tx, [lead_id for lead_id, _ in mine])  # cards, and all else that officers were told
    await sessions.forget(tx, [person_id])
    if works_here:
        await messages.forget(tx, [person_id])
        await recipients.forget(tx, [person_id])
    else:
        await retention.forget(tx, [person_id])
