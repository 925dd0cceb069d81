"""Officers: invitations, the regencies of each, the roster of those at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, union_all, update
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

officer, regency, of_office, invitation, lead, address = (
    tables.table(tables.OfficerRow),
    tables.table(tables.OfficerRegency),
    tables.table(tables.OfficeRegency),
    tables.table(tables.Invitation),
    tables.table(tables.LeadRow),
    tables.table(tables.Address),
)

ROLES = ("officer", "coordinator", "admin")
INVITATION = CodeKind("PTG-", 10)  # nobody guesses one in the seven days that it lives
INVITED_FOR = timedelta(days=7)
MAX_WRONG_CODES = 5  # per person; after that no code from this person is looked up any more

_HAS_OWN = exists().where(regency.c.officer_id == officer.c.id)
looked_after = union_all(
    select(regency.c.officer_id, regency.c.regency),
    select(officer.c.id, of_office.c.regency)
    .join(of_office, of_office.c.office_id == officer.c.office_id)
    .where(~_HAS_OWN),
).subquery("looked_after")
"""Who looks after which regency, as (officer_id, regency): an officer's own, else those of their office."""


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
    office: int | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    id: int
    name: str
    role: str


async def invite(
    tx: AsyncConnection,
    vault: Vault,
    *,
    name: str,
    role: str,
    regencies: Sequence[str] = (),
    office: int | None = None,
    now: datetime,
) -> str:
    """Store a new officer, of an office or of regencies of their own, with an invitation; the one-time code that binds
    their chat, shown once and kept only as a hash."""
    officer_id = new_id(tx)
    sealed = vault.seal(name, table="officer", column="name", row=officer_id)
    values = {"id": officer_id, "role": role, "name": sealed, "created_at": now, "absent": False, "digest": True}
    await tx.execute(officer.insert().values(**values, office_id=office))
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
    return Officer(officer_id, name, row.role, (await regencies_of(tx, [officer_id]))[officer_id], office=row.office_id)


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
    """The regencies that each of these officers looks after, their own or their office's, in order; () for an officer
    without any."""
    query = select(looked_after).where(looked_after.c.officer_id.in_(officer_ids))
    found: dict[int, tuple[str, ...]] = dict.fromkeys(officer_ids, ())
    for officer_id, code in await tx.execute(query.order_by(looked_after.c.regency)):
        found[officer_id] += (code,)
    return found


async def staffed(tx: AsyncConnection) -> frozenset[str]:
    """The regencies that an officer at work looks after; a coordinator is none, an admin with regencies is one there."""
    theirs = select(looked_after.c.regency).join(officer, officer.c.id == looked_after.c.officer_id)
    return frozenset((await tx.execute(theirs.where(at_work(), officer.c.role != "coordinator"))).scalars())


async def overseen(tx: AsyncConnection) -> tuple[bool, frozenset[str]]:
    """Whether somebody is at work who is told of any regency where no officer is, and the regencies whose coordinator is."""
    roster = Roster(tx)
    return bool(await roster.above("")), await roster.coordinated()


class _Hand(NamedTuple):
    """Somebody at work, once for each regency that they look after."""

    id: int
    person_id: int
    role: str
    office: int | None
    regency: str | None

    @property
    def who(self) -> tuple[int, int]:
        return self.id, self.person_id


class Roster:
    """The officers at work, read once for all leads of a transaction. ``forget`` after a change within that transaction."""

    __slots__ = ("_known", "_tx")

    def __init__(self, tx: AsyncConnection) -> None:
        self._tx = tx
        self._known: list[_Hand] | None = None

    def forget(self) -> None:
        self._known = None

    async def for_regency(self, code: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """Who is told of a lead in this regency, as (officer id, person id); without the officer ``but``.

        The regency's officers who are at work; where there is none, those above.
        """
        return await self.local(code, but=but) or await self.above(code, but=but)

    async def holder(self, officer_id: int | None) -> tuple[int, int] | None:
        """(officer id, person id) of this officer, where they are at work."""
        return next((each.who for each in await self._read() if each.id == officer_id), None)

    async def any_with(self, role: str, person_ids: Sequence[int]) -> bool:
        """Whether one of these persons is at work in this role."""
        return any(each.person_id in person_ids and each.role == role for each in await self._read())

    async def left_alone(self, regencies: Iterable[str], role: str) -> set[str]:
        """Those of these regencies of whose leads nobody in this role, nor in a role before it, is told any more."""
        here = {each.person_id for each in await self._read() if each.role in ROLES[: ROLES.index(role) + 1]}
        told = {code: await self.for_regency(code) for code in set(regencies)}
        return {code for code, found in told.items() if here.isdisjoint(p for _, p in found)}

    async def local(self, code: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """The officers at work of a regency, as (officer id, person id): in a small office its admin, too; never a
        coordinator, who hands leads out."""
        theirs = (each for each in await self._read() if each.role != "coordinator" and each.regency == code)
        return [each.who for each in theirs if each.id != but]

    async def above(self, code: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """Who at work is told where no officer is, as (officer id, person id): the coordinators of the regency's office,
        else those of no office, else the admins."""
        at_work = [each for each in await self._read() if each.id != but]
        coordinators = [each for each in at_work if each.role == "coordinator"]
        found = [each for each in coordinators if code and each.regency == code]
        found = found or [each for each in coordinators if each.office is None and each.regency is None]
        found = found or [each for each in at_work if each.role == "admin"]
        return list(dict.fromkeys(each.who for each in found))

    async def coordinated(self) -> frozenset[str]:
        """The regencies whose coordinator is at work."""
        return frozenset(each.regency for each in await self._read() if each.role == "coordinator" and each.regency)

    async def admins(self) -> list[tuple[int, int]]:
        """The admins at work, as (officer id, person id)."""
        return list(dict.fromkeys(each.who for each in await self._read() if each.role == "admin"))

    async def _read(self) -> list[_Hand]:
        if self._known is None:
            joined = officer.outerjoin(looked_after, looked_after.c.officer_id == officer.c.id)
            columns = (officer.c.id, officer.c.person_id, officer.c.role, officer.c.office_id, looked_after.c.regency)
            query = select(*columns).select_from(joined).where(at_work())
            self._known = [_Hand(*row) for row in await self._tx.execute(query.order_by(officer.c.id))]
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
        Officer(row.id, name, row.role, where[row.id], row.absent, row.office_id)
        for row, name in await named(tx, vault, rows)
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
        line = OfficerLine(row.id, name, row.role, where[row.id], bound, row.absent, count, row.reached, row.office_id)
        lines.append(line)
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


def everywhere() -> ColumnElement[bool]:
    """SQL condition on ``officer``: looks after all regencies (``Officer.area``)."""
    of_none = (officer.c.role == "coordinator") & officer.c.office_id.is_(None) & ~_HAS_OWN
    return (officer.c.role == "admin") | of_none


def at_work() -> ColumnElement[bool]:
    """SQL condition on ``officer``: has a bound chat in which messages arrive, has not left, is not absent."""
    return officer.c.person_id.is_not(None) & officer.c.left_at.is_(None) & officer.c.absent.is_(False) & can_be_told()
