"""Signing in on the console: one-time links and six digits, and the sessions that come of them.

Of every secret only a keyed hash is stored. A session ends with its hours, with signing out, and at once when its
officer leaves: each request asks who the officer is now.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Officer
from storage import tables
from storage.leads import officers
from storage.sealing.vault import Vault

session, sign_in, officer = (
    tables.table(tables.ConsoleSession),
    tables.table(tables.SignIn),
    tables.table(tables.OfficerRow),
)

OPEN_FOR = timedelta(minutes=5)  # a link, and digits
SIGNED_IN_FOR = timedelta(hours=12)  # a working day
SECRET = 16  # bytes
MOST_WAITING = 50  # browsers that show digits at a time: so many guesses of a million may fit
MOST_TRIES = 5  # digits that an officer may send within ``OPEN_FOR``


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in, as the pages of who may end it list them. ``key`` names it to :func:`end`."""

    key: str
    officer_id: int
    name: str
    since: datetime
    until: datetime


async def link(tx: AsyncConnection, vault: Vault, officer_id: int, now: datetime) -> str:
    """A new secret of 128 bit that signs this officer in within five minutes, once."""
    secret = secrets.token_urlsafe(SECRET)
    await _open(tx, vault, secret, now, officer_id=officer_id)
    return secret


async def wait(tx: AsyncConnection, vault: Vault, now: datetime) -> str | None:
    """The secret of a browser that shows six digits until an officer sends them to the bot: they are what stands behind
    its last point. None while too many are waiting."""
    waiting = select(func.count()).where(sign_in.c.officer_id.is_(None), sign_in.c.expires_at > now)
    if (await tx.execute(waiting)).scalar_one() >= MOST_WAITING:
        return None
    digits = f"{secrets.randbelow(1_000_000):06}"
    secret = f"{secrets.token_urlsafe(SECRET)}.{digits}"
    found = vault.find("digits", digits)
    same = (sign_in.c.digits == found) & sign_in.c.officer_id.is_(None)
    await tx.execute(delete(sign_in).where(same))  # the same digits would let both in
    await _open(tx, vault, secret, now, digits=found)
    return secret


async def _open(
    tx: AsyncConnection,
    vault: Vault,
    secret: str,
    now: datetime,
    *,
    officer_id: int | None = None,
    digits: bytes | None = None,
) -> None:
    values = {"find": vault.find("sign in", secret), "digits": digits, "officer_id": officer_id}
    await tx.execute(sign_in.insert().values(**values, expires_at=now + OPEN_FOR))


async def allow(tx: AsyncConnection, vault: Vault, digits: str, officer_id: int, now: datetime) -> bool | None:
    """Let the browser that shows these digits in as this officer; False where none shows them, None where the officer
    has sent digits too often within minutes."""
    theirs = (sign_in.c.officer_id == officer_id) & sign_in.c.digits.is_not(None)
    tries = select(func.count()).where(theirs, sign_in.c.expires_at > now)
    if (await tx.execute(tries)).scalar_one() >= MOST_TRIES:
        return None
    found = vault.find("digits", digits)
    shown = (sign_in.c.digits == found) & sign_in.c.officer_id.is_(None) & (sign_in.c.expires_at > now)
    if (await tx.execute(update(sign_in).where(shown).values(officer_id=officer_id))).rowcount:
        return True
    await _open(
        tx, vault, secrets.token_urlsafe(SECRET), now, officer_id=officer_id, digits=found
    )  # a secret nobody has
    return False


async def allowed(tx: AsyncConnection, vault: Vault, secret: str, now: datetime) -> bool | None:
    """Whether who holds this secret may go in now: True, or False while an officer has yet to send the digits; None: the
    way in is closed."""
    query = select(sign_in.c.officer_id).where(
        sign_in.c.find == vault.find("sign in", secret), sign_in.c.expires_at > now
    )
    row = (await tx.execute(query)).first()
    return None if row is None else row.officer_id is not None


async def enter(tx: AsyncConnection, vault: Vault, secret: str, now: datetime) -> tuple[str, int] | None:
    """(cookie of a new session, officer id) for whoever holds this secret, which is used up; None where it opens nothing."""
    found = vault.find("sign in", secret)
    query = delete(sign_in).where(
        sign_in.c.find == found, sign_in.c.officer_id.is_not(None), sign_in.c.expires_at > now
    )
    row = (await tx.execute(query.returning(sign_in.c.officer_id))).first()
    if row is None or (await of_officer(tx, vault, row.officer_id)) is None:
        return None
    return await begin(tx, vault, row.officer_id, now), row.officer_id


async def begin(tx: AsyncConnection, vault: Vault, officer_id: int, now: datetime) -> str:
    """The cookie of a new session of this officer."""
    cookie = secrets.token_urlsafe(SECRET)
    values = {"find": vault.find("session", cookie), "officer_id": officer_id, "created_at": now}
    await tx.execute(session.insert().values(**values, expires_at=now + SIGNED_IN_FOR))
    return cookie


async def signed_in(tx: AsyncConnection, vault: Vault, cookie: str, now: datetime) -> Officer | None:
    """The officer of a session, as they are now; None where the session has ended, or its officer has left."""
    query = select(session.c.officer_id).where(
        session.c.find == vault.find("session", cookie), session.c.expires_at > now
    )
    row = (await tx.execute(query)).first()
    return await of_officer(tx, vault, row.officer_id) if row else None


async def of_officer(tx: AsyncConnection, vault: Vault, officer_id: int) -> Officer | None:
    """An officer who has a chat and has not left; None for any other."""
    at_work = (officer.c.id == officer_id) & officer.c.person_id.is_not(None) & officer.c.left_at.is_(None)
    row = (await tx.execute(select(officer).where(at_work))).first()
    if row is None:
        return None
    [(_, name)] = await officers.named(tx, vault, [row])
    regencies = (await officers.regencies_of(tx, [officer_id]))[officer_id]
    return Officer(officer_id, name, row.role, regencies, row.absent, row.office_id)


async def first_above(tx: AsyncConnection) -> int | None:
    """The id of the admin, else of the officer, who came first and has a chat; None while there is none."""
    here = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None)
    query = select(officer.c.id).where(here).order_by(officer.c.role != "admin", officer.c.id).limit(1)
    return (await tx.execute(query)).scalar()


async def leave(tx: AsyncConnection, vault: Vault, cookie: str) -> None:
    """End one session."""
    await tx.execute(delete(session).where(session.c.find == vault.find("session", cookie)))


async def leave_everywhere(tx: AsyncConnection, officer_id: int) -> int:
    """End every session of an officer, and what would begin one; how many there were."""
    await tx.execute(delete(sign_in).where(sign_in.c.officer_id == officer_id))
    return (await tx.execute(delete(session).where(session.c.officer_id == officer_id))).rowcount


async def sessions(tx: AsyncConnection, vault: Vault, now: datetime) -> Sequence[SignedIn]:
    """Every session that has not ended, the newest first."""
    query = select(session, officer.c.id, officer.c.name).join(officer, officer.c.id == session.c.officer_id)
    rows = (await tx.execute(query.where(session.c.expires_at > now).order_by(session.c.created_at.desc()))).all()
    named = await officers.named(tx, vault, rows)
    return [SignedIn(row.find.hex(), row.officer_id, name, row.created_at, row.expires_at) for row, name in named]


def key_of(vault: Vault, cookie: str) -> str:
    """The ``key`` of a browser's own session."""
    return vault.find("session", cookie).hex()


async def end(tx: AsyncConnection, key: str) -> int | None:
    """End the session with this key; whose it was, None where there is none."""
    try:
        found = bytes.fromhex(key)
    except ValueError:
        return None
    return (await tx.execute(delete(session).where(session.c.find == found).returning(session.c.officer_id))).scalar()


async def sweep(tx: AsyncConnection, now: datetime) -> None:
    """Forget what has ended."""
    for each in (session, sign_in):
        await tx.execute(delete(each).where(each.c.expires_at <= now))
