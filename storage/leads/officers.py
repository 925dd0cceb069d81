"""Officers: invitations, the regencies of each, the roster of those at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.engine.world import Officer
from storage import tables
from storage.engine.ids import new_id
from storage.engine.readable_codes import CodeKind
from storage.outbox import messages
from storage.people.people import Where, find
from storage.sealing.unreadable import NAME, Opening
from storage.sealing.vault import Vault

from . import timers
from .leads import OPEN

officer, regency, invitation, lead, address = (
    tables.table(tables.OfficerRow),
    tables.table(tables.OfficerRegency),
    tables.table(tables.Invitation),
    tables.table(tables.LeadRow),
    tables.table(tables.Address),
)

ROLES = ("officer", "coordinator", "admin")
INVITATION = CodeKind("PTG-", 10)  # nobody guesses one in the seven days that it lives
INVITED_FOR = timedelta(days=7)
MAX_WRONG_CODES = 5  # per person; after that no code from this person is looked up any more


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """One officer in the lists of the command line and the console."""

    id: int
    name: str
    role: str
    regencies: tuple[str, ...]
    bound: bool
    absent: bool
    open_leads: int
    reached: bool = True  # messages arrive in their chat


@dataclass(frozen=True, slots=True)
class Bound:
    id: int
    name: str
    role: str


async def invite(
    tx: AsyncConnection, vault: Vault, *, name: str, role: str, regencies: Sequence[str], now: datetime
) -> str:
    """Store a new officer with an invitation; the one-time code that binds their chat, shown once and kept only as a hash."""
    officer_id = new_id(tx)
    sealed = vault.seal(name, table="officer", column="name", row=officer_id)
    values = {"id": officer_id, "role": role, "name": sealed, "created_at": now, "absent": False, "digest": True}
    await tx.execute(officer.insert().values(**values))
    if regencies:
        await tx.execute(regency.insert(), [{"officer_id": officer_id, "regency": code} for code in regencies])
    code = INVITATION.fresh()
    await tx.execute(
        invitation.insert().values(find=vault.invitation(code), officer_id=officer_id, expires_at=now + INVITED_FOR)
    )
    return code


async def bound(tx: AsyncConnection) -> list[tuple[int, str]]:
    """(person id, role) of every officer with a bound chat."""
    rows = await tx.execute(select(officer.c.person_id, officer.c.role).where(officer.c.person_id.is_not(None)))
    return [(row.person_id, row.role) for row in rows]


async def one_bound_on(tx: AsyncConnection, channel: str) -> int | None:
    """The id of some officer who has a chat on this channel; None where no officer has."""
    theirs = select(address.c.person_id).where(address.c.channel == channel)
    return (await tx.execute(select(officer.c.id).where(officer.c.person_id.in_(theirs)).limit(1))).scalar()


async def invited(tx: AsyncConnection, vault: Vault, code: str, now: datetime) -> int | None:
    """The officer whom this invitation code binds; None when the code is unknown, used or expired."""
    query = select(invitation.c.officer_id).where(
        invitation.c.find == vault.invitation(code.strip().upper()),
        invitation.c.used_at.is_(None),
        invitation.c.expires_at > now,
    )
    return (await tx.execute(query)).scalar()


async def invited_as(tx: AsyncConnection, vault: Vault, code: str, now: datetime) -> Officer | None:
    """The officer whom this invitation code binds, with name, role and regencies, for its sender to confirm; None as in
    ``invited``."""
    if (officer_id := await invited(tx, vault, code, now)) is None:
        return None
    row = (await tx.execute(select(officer).where(officer.c.id == officer_id))).one()
    [(_, name)] = await named(tx, vault, [row])
    return Officer(officer_id, name, row.role, (await regencies_of(tx, [officer_id]))[officer_id])


async def bind(tx: AsyncConnection, vault: Vault, officer_id: int, person_id: int, now: datetime) -> Bound | None:
    """Make this person that officer; None when somebody else has used the invitation meanwhile.

    An earlier binding of the same person ends; open leads stay theirs. The binding shows them all waiting leads, so
    their first digest is that of the next day.
    """
    unused = (invitation.c.officer_id == officer_id) & invitation.c.used_at.is_(None)
    if not (await tx.execute(update(invitation).where(unused).values(used_at=now))).rowcount:
        return None
    before = (await tx.execute(select(officer.c.id).where(officer.c.person_id == person_id))).scalar()
    if before is not None:
        await tx.execute(update(officer).where(officer.c.id == before).values(person_id=None, left_at=now))
        await timers.put_of(tx, timers.CLOSE, person_id, now)
        theirs = (lead.c.officer_id == before) & lead.c.closed_at.is_(None)
        await tx.execute(update(lead).where(theirs).values(officer_id=officer_id))
        to_them = update(lead).where(lead.c.offered_to == before)
        await tx.execute(to_them.values(offered_to=officer_id))
    bound = update(officer).where(officer.c.id == officer_id)
    await tx.execute(bound.values(person_id=person_id, digest_on=now.date()))
    row = (await tx.execute(select(officer).where(officer.c.id == officer_id))).one()
    [(_, name)] = await named(tx, vault, [row])
    return Bound(officer_id, name, row.role)


async def regencies_of(tx: AsyncConnection, officer_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The regencies that each of these officers looks after, in order; () for an officer without any."""
    query = select(regency.c.officer_id, regency.c.regency).where(regency.c.officer_id.in_(officer_ids))
    found: dict[int, tuple[str, ...]] = dict.fromkeys(officer_ids, ())
    for officer_id, code in await tx.execute(query.order_by(regency.c.regency)):
        found[officer_id] += (code,)
    return found


async def staffed(tx: AsyncConnection) -> frozenset[str]:
    """The regencies that an officer at work looks after."""
    query = select(regency.c.regency).join(officer, officer.c.id == regency.c.officer_id).where(at_work())
    return frozenset((await tx.execute(query)).scalars())


async def anybody_above(tx: AsyncConnection) -> bool:
    """Whether a coordinator or admin is at work."""
    query = select(exists().where(officer.c.role.in_(("coordinator", "admin")), at_work()))
    return bool((await tx.execute(query)).scalar())


class Roster:
    """The officers at work, read once for all leads of a transaction. ``forget`` after a change within that transaction."""

    __slots__ = ("_known", "_tx")

    def __init__(self, tx: AsyncConnection) -> None:
        self._tx = tx
        self._known: list[tuple[int, int, str, str | None]] | None = None

    def forget(self) -> None:
        self._known = None

    async def for_regency(self, code: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """Who is told of a lead in this regency, as (officer id, person id); without the officer ``but``.

        The regency's officers who are at work; where there is none, the coordinators; where there is none, the admins.
        """
        local = await self.local(code, but=but)
        return local or await self._with_role("coordinator", but) or await self._with_role("admin", but)

    async def holder(self, officer_id: int | None) -> tuple[int, int] | None:
        """(officer id, person id) of this officer, where they are at work."""
        return next(((o, p) for o, p, *_ in await self._read() if o == officer_id), None)

    async def any_with(self, role: str, person_ids: Sequence[int]) -> bool:
        """Whether one of these persons is at work in this role."""
        return any(p in person_ids and has == role for _, p, has, _ in await self._read())

    async def left_alone(self, regencies: Iterable[str], role: str) -> set[str]:
        """Those of these regencies of whose leads nobody in this role, nor in a role before it, is told any more."""
        here = {p for _, p, has, _ in await self._read() if has in ROLES[: ROLES.index(role) + 1]}
        told = {code: await self.for_regency(code) for code in set(regencies)}
        return {code for code, found in told.items() if here.isdisjoint(p for _, p in found)}

    async def local(self, code: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """The officers at work of a regency, as (officer id, person id)."""
        return [(o, p) for o, p, _, where in await self._read() if where == code and o != but]

    async def above(self) -> list[tuple[int, int]]:
        """The coordinators at work, as (officer id, person id); where there is none, the admins."""
        return await self._with_role("coordinator", None) or await self._with_role("admin", None)

    async def admins(self) -> list[tuple[int, int]]:
        """The admins at work, as (officer id, person id)."""
        return await self._with_role("admin", None)

    async def _with_role(self, role: str, but: int | None) -> list[tuple[int, int]]:
        return list(dict.fromkeys((o, p) for o, p, has, _ in await self._read() if has == role and o != but))

    async def _read(self) -> list[tuple[int, int, str, str | None]]:
        if self._known is None:
            joined = officer.outerjoin(regency, regency.c.officer_id == officer.c.id)
            query = select(officer.c.id, officer.c.person_id, officer.c.role, regency.c.regency).select_from(joined)
            rows = await self._tx.execute(query.where(at_work()).order_by(officer.c.id))
            self._known = [(row[0], row[1], row[2], row[3]) for row in rows]
        return self._known


async def person_of(tx: AsyncConnection, officer_id: int) -> int | None:
    """The person who is this officer; None while the officer's chat is not bound, or no longer."""
    return (await persons_of(tx, [officer_id])).get(officer_id)


async def persons_of(tx: AsyncConnection, officer_ids: Iterable[int | None]) -> dict[int, int]:
    """The person who is each of these officers; officers without a bound chat are left out, and so is None."""
    ids = {each for each in officer_ids if each is not None}
    if not ids:
        return {}
    bound = select(officer.c.id, officer.c.person_id).where(officer.c.id.in_(ids), officer.c.person_id.is_not(None))
    return {row[0]: row[1] for row in await tx.execute(bound)}


async def is_one(tx: AsyncConnection, vault: Vault, where: Where) -> bool:
    """Whether the person at this address is an officer."""
    theirs = (address.c.find == find(vault, where)) & (address.c.person_id == officer.c.person_id)
    return bool((await tx.execute(select(exists().where(theirs, officer.c.left_at.is_(None))))).scalar())


async def with_role(tx: AsyncConnection, role: str) -> list[tuple[int, int]]:
    """(officer id, person id) of every officer with this role and a bound chat, absent or not."""
    bound = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None) & (officer.c.role == role)
    query = select(officer.c.id, officer.c.person_id).where(bound).order_by(officer.c.id)
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def names_of(tx: AsyncConnection, vault: Vault, person_ids: Sequence[int]) -> dict[int, str]:
    """The officer's name of each of these persons who is an officer, by person id."""
    query = select(officer.c.id, officer.c.person_id, officer.c.name).where(
        officer.c.person_id.in_(person_ids), officer.c.left_at.is_(None)
    )
    return {row.person_id: name for row, name in await named(tx, vault, list(await tx.execute(query)))}


async def called(tx: AsyncConnection, vault: Vault) -> dict[int, str]:
    """The name of every officer, also of those who have left, by officer id."""
    return {row.id: name for row, name in await named(tx, vault, list(await tx.execute(select(officer))))}


async def team(tx: AsyncConnection, vault: Vault) -> tuple[Officer, ...]:
    """Everybody who works in the offices and has a bound chat, with name and regencies, absent or not."""
    bound = officer.c.person_id.is_not(None) & officer.c.left_at.is_(None)
    rows = (await tx.execute(select(officer).where(bound).order_by(officer.c.id))).all()
    where = await regencies_of(tx, [row.id for row in rows])
    return tuple(
        Officer(row.id, name, row.role, where[row.id], row.absent) for row, name in await named(tx, vault, rows)
    )


async def set_absent(
    tx: AsyncConnection, officer_id: int, absent: bool, *, since: datetime | None = None, until: datetime | None = None
) -> None:
    """Note that an officer is away, from ``since`` on where that is later, ``until`` then; or back. Any other leave ends."""
    values = {"absent": absent, "absent_from": since, "absent_until": until}
    await tx.execute(update(officer).where(officer.c.id == officer_id).values(**values))


async def set_digest(tx: AsyncConnection, officer_id: int, wanted: bool) -> None:
    await tx.execute(update(officer).where(officer.c.id == officer_id).values(digest=wanted))


async def remove(tx: AsyncConnection, officer_id: int, now: datetime) -> bool:
    """Cut an officer off at once: the chat is unbound, unused invitations die, unsent messages to them about leads are
    cancelled, and the clock empties their cards. False when there is no such officer."""
    if (person_id := await person_of(tx, officer_id)) is not None:
        await messages.withdraw_office(tx, person_id)
        await timers.put_of(tx, timers.CLOSE, person_id, now)
    gone = await tx.execute(
        update(officer)
        .where(officer.c.id == officer_id, officer.c.left_at.is_(None))
        .values(left_at=now, person_id=None)
    )
    await tx.execute(delete(invitation).where(invitation.c.officer_id == officer_id))
    await tx.execute(delete(regency).where(regency.c.officer_id == officer_id))
    return bool(gone.rowcount)


async def listed(tx: AsyncConnection, vault: Vault) -> list[OfficerLine]:
    counts = select(lead.c.officer_id, func.count()).where(OPEN).group_by(lead.c.officer_id)
    open_leads = {row[0]: row[1] for row in await tx.execute(counts)}
    lines = []
    all_here = select(officer, can_be_told().label("reached")).where(officer.c.left_at.is_(None))
    here = (await tx.execute(all_here.order_by(officer.c.id))).all()
    where = await regencies_of(tx, [row.id for row in here])
    for row, name in await named(tx, vault, here):
        bound = row.person_id is not None
        count = open_leads.get(row.id, 0)
        lines.append(OfficerLine(row.id, name, row.role, where[row.id], bound, row.absent, count, row.reached))
    return lines


async def named(tx: AsyncConnection, vault: Vault, rows: Sequence[Any]) -> list[tuple[Any, str]]:
    """Rows of officers, each with the officer's name; ``unreadable.NAME`` where a name does not open."""
    opening = Opening(vault)
    opened = [(row, opening.text(row.name, table="officer", column="name", row=row.id)) for row in rows]
    await opening.note(tx)
    return [(row, NAME if name is None else name) for row, name in opened]


def can_be_told() -> ColumnElement[bool]:
    """SQL condition on ``officer``: has a chat in which messages arrive. An officer who has blocked the bot, or has no
    account any more, counts as absent."""
    theirs = address.c.person_id == officer.c.person_id
    return ~exists().where(theirs, ~address.c.reachable) | exists().where(theirs, address.c.reachable)


def at_work() -> ColumnElement[bool]:
    """SQL condition on ``officer``: has a bound chat in which messages arrive, has not left, is not absent."""
    return officer.c.person_id.is_not(None) & officer.c.left_at.is_(None) & officer.c.absent.is_(False) & can_be_told()
