"""Finding leads by number, by words of a name, by place: through blind indexes, without opening any.

A search sees only what its officer may see (``dialogues/officer.in_reach``), and never that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, FromClause, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversations.rules import found_by
from conversations.rules.found_by import Sought
from conversations.rules.twins import sound
from storage import tables
from storage.engine.bulk_statements import id_in
from storage.engine.upserts import insert_missing
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

lead, leadfind = tables.table(tables.LeadRow), tables.table(tables.LeadFind)

NEAR = 20  # leads that share a number or a name with one are looked at
MOST = 200  # leads that fit are counted up to here; so many say nothing to anybody
_COUNTED = 1_000  # of the leads with a word, to begin with the rarest word
_MOST_EITHER = 2  # terms that are looked for as places and as words
_REGENCY = 5  # letters of a regency's code; a district's is longer
_KEY = ("find", "regency", "lead_id")


# ------------------------------------------------------------------------------------------------ the index


def rows(vault: Vault, lead_id: int, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of ``leadfind`` for a lead with these answers."""
    finds = [_of_word(vault, word) for word in found_by.words_of(answers)]
    if number := found_by.number(answers):
        finds.append(_of_phone(vault, number))
    regency = answers.get("regency") or ""
    return [{"find": find, "regency": regency, "lead_id": lead_id} for find in finds]


async def put(tx: AsyncConnection, vault: Vault, lead_id: int, answers: Mapping[str, Any]) -> None:
    """Find a lead by these answers from now on, and no longer by those it had."""
    await drop(tx, [lead_id])
    if made := rows(vault, lead_id, answers):
        await insert_missing(tx, leadfind, made, conflict=_KEY)


async def drop(tx: AsyncConnection, ids: Iterable[int]) -> None:
    """Find these leads no longer."""
    await tx.execute(_DROP, {"ids": list(ids)})


_DROP = delete(leadfind).where(id_in(leadfind.c.lead_id))


async def fill(tx: AsyncConnection, vault: Vault, after: int, limit: int) -> int | None:
    """Make the rows of the next ``limit`` leads behind the id ``after`` that have none, as those of an earlier version;
    the id to go on from, None where none was left. A lead that does not open is passed over."""
    wanting = _wanting(after)
    found = (await tx.execute(select(lead.c.id, lead.c.sealed).where(wanting).order_by(lead.c.id).limit(limit))).all()
    opening, made = Opening(vault), list[dict[str, Any]]()
    for lead_id, sealed in found:
        answers = opening.json(sealed, table="lead", column="sealed", row=lead_id)
        made += rows(vault, lead_id, answers) if isinstance(answers, dict) else []
    await opening.note(tx)
    if made:
        await insert_missing(tx, leadfind, made, conflict=_KEY)
    return int(found[-1].id) if len(found) == limit else None


async def any_to_fill(tx: AsyncConnection, after: int) -> bool:
    """Whether a lead behind the id ``after`` may be in need of :func:`fill`."""
    return (await tx.execute(select(lead.c.id).where(_wanting(after)).limit(1))).first() is not None


def _wanting(after: int) -> ColumnElement[bool]:
    """SQL condition: a lead behind this id that has answers and no rows."""
    return (lead.c.id > after) & lead.c.person_id.is_not(None) & ~exists().where(leadfind.c.lead_id == lead.c.id)


def _of_word(vault: Vault, word: str) -> bytes:
    return vault.find("lead.word", sound(word))


def _of_phone(vault: Vault, number: str) -> bytes:
    return vault.find("lead.phone", number)


# ------------------------------------------------------------------------------------------------ searching


async def near(
    tx: AsyncConnection, vault: Vault, answers: Mapping[str, Any], names: Iterable[Sequence[str]]
) -> set[int]:
    """Ids of leads with the number of these answers, or in their regency with all words of one of these names; ``NEAR`` of
    each at most."""
    ids: set[int] = set()
    if number := found_by.number(answers):
        query = select(leadfind.c.lead_id).where(leadfind.c.find == _of_phone(vault, number))
        ids |= set((await tx.execute(query.limit(NEAR))).scalars())
    for words in names:
        if words:
            finds = [_of_word(vault, word) for word in words]
            ids |= await _with_all(tx, finds, found_by.regency(answers), NEAR)
    return ids


async def owners_of(tx: AsyncConnection, vault: Vault, number: str, limit: int) -> list[int]:
    """The persons whose leads have this number (E.164)."""
    query = select(lead.c.person_id).join(leadfind, leadfind.c.lead_id == lead.c.id).distinct()
    theirs = query.where(leadfind.c.find == _of_phone(vault, number), lead.c.person_id.is_not(None))
    return list((await tx.execute(theirs.limit(limit))).scalars())


async def _with_all(tx: AsyncConnection, finds: Sequence[bytes], regency: str, limit: int) -> set[int]:
    first, *others = finds
    query = select(leadfind.c.lead_id).where(leadfind.c.find == first, leadfind.c.regency == regency)
    query = query.where(*(_has(find, leadfind.c.regency, leadfind.c.lead_id) for find in others))
    return set((await tx.execute(query.limit(limit))).scalars())


async def search(
    tx: AsyncConnection,
    vault: Vault,
    sought: Sought,
    *,
    officer_id: int,
    regencies: Sequence[str] | None,
    but: int,
) -> list[int]:
    """The ids of the leads that fit, by when their next step is due, ended ones last; ``MOST`` and one at most, where
    there are more.

    Only leads of these regencies (None: of all) and those that the officer has or is handed, without those of the person ``but``.
    """
    if sought.code:
        wanted: ColumnElement[bool] = lead.c.code == sought.code
        reach = _mine(officer_id, regencies)
        return await _in_order(tx, wanted & reach, but)
    ids: set[int] = set()
    elsewhere = await _held_elsewhere(tx, officer_id, regencies) if regencies is not None else []
    for words, places in _ways(sought):
        finds = [_of_word(vault, word) for word in words] + ([_of_phone(vault, sought.phone)] if sought.phone else [])
        if finds or places:
            ids |= await _fitting(tx, finds, places, regencies)
        if elsewhere:
            ids |= await _of_these(tx, finds, places, elsewhere)
    return await _in_order(tx, id_in(lead.c.id), but, ids=list(ids)) if ids else []


def _ways(sought: Sought) -> list[tuple[list[str], list[tuple[str, ...]]]]:
    """Each way in which a lead can fit: with these words, in one of each of these places. A term that names a place may
    stand in the lead's name as well; where there are many such terms, all are places."""
    placed = [term for term in sought.terms if term.places]
    plain = [word for term in sought.terms if not term.places for word in term.words]
    ways: list[tuple[list[str], list[tuple[str, ...]]]] = []
    for as_places in product(*((True, False) if len(placed) <= _MOST_EITHER else (True,) for _ in placed)):
        given = list(zip(placed, as_places, strict=True))
        words = [word for term, is_place in given if not is_place for word in term.words]
        ways.append(([*plain, *words], [term.places for term, is_place in given if is_place]))
    return ways


async def _fitting(
    tx: AsyncConnection, finds: Sequence[bytes], places: Sequence[tuple[str, ...]], regencies: Sequence[str] | None
) -> set[int]:
    """Ids of leads of these regencies (None: of all) that have all these blind indexes, in one of each of these places;
    ``MOST`` and two at most: one may be one's own."""
    areas = [set(regencies)] if regencies is not None else []
    areas += [{code[:_REGENCY] for code in codes} for codes in places]
    area = set.intersection(*areas) if areas else None
    if area is not None and not area:
        return set()
    if not finds:
        query = select(lead.c.id).where(lead.c.person_id.is_not(None), lead.c.regency.in_(area or ()))
        query = query.where(*(_is_in(codes, lead) for codes in places))
    else:
        rarest, *others = await _rarest_first(tx, finds, area)
        query = select(leadfind.c.lead_id).where(leadfind.c.find == rarest, *_within(leadfind.c.regency, area))
        query = query.where(*(_has(find, leadfind.c.regency, leadfind.c.lead_id) for find in others))
        its = lead.alias()
        districts = [codes for codes in places if any(len(code) > _REGENCY for code in codes)]
        query = query.where(
            *(exists().where(its.c.id == leadfind.c.lead_id, _is_in(codes, its)) for codes in districts)
        )
    return set((await tx.execute(query.limit(MOST + 2))).scalars())


async def _rarest_first(tx: AsyncConnection, finds: Sequence[bytes], area: set[str] | None) -> list[bytes]:
    """These blind indexes, that of the fewest leads of this area (None: of all) first."""
    if len(finds) == 1:
        return list(finds)
    counts = []
    for find in finds:
        some = select(leadfind.c.lead_id).where(leadfind.c.find == find, *_within(leadfind.c.regency, area))
        counts.append(select(func.count()).select_from(some.limit(_COUNTED).subquery()).scalar_subquery())
    counted = (await tx.execute(select(*counts))).one()
    return [find for _, find in sorted(zip(counted, finds, strict=True))]


async def _held_elsewhere(tx: AsyncConnection, officer_id: int, regencies: Sequence[str]) -> list[int]:
    """Ids of the leads that an officer has, or is handed, in other regencies than their own."""
    theirs = _theirs(officer_id) & lead.c.regency.not_in(regencies)
    return list((await tx.execute(select(lead.c.id).where(theirs))).scalars())


async def _of_these(
    tx: AsyncConnection, finds: Sequence[bytes], places: Sequence[tuple[str, ...]], ids: Sequence[int]
) -> set[int]:
    """As ``_fitting``, among these leads."""
    query = select(lead.c.id).where(id_in(lead.c.id), *(_is_in(codes, lead) for codes in places))
    query = query.where(*(_has(find, lead.c.regency, lead.c.id) for find in finds))
    return set((await tx.execute(query, {"ids": list(ids)})).scalars())


def _has(find: bytes, regency: ColumnElement[str], lead_id: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL condition: the lead of this regency has this blind index."""
    other = leadfind.alias()
    return exists().where(other.c.find == find, other.c.regency == regency, other.c.lead_id == lead_id)


def _within(regency: ColumnElement[str], area: set[str] | None) -> list[ColumnElement[bool]]:
    return [] if area is None else [regency.in_(sorted(area))]


def _is_in(codes: Sequence[str], table: FromClause) -> ColumnElement[bool]:
    """SQL condition: the lead of this table is in one of these regencies or districts."""
    whole = [code for code in codes if len(code) == _REGENCY]
    parts = table.c.district.in_([code for code in codes if len(code) > _REGENCY])
    return or_(table.c.regency.in_(whole), parts) if whole else parts


def _mine(officer_id: int, regencies: Sequence[str] | None) -> ColumnElement[bool]:
    """SQL condition: the officer may see the lead."""
    if regencies is None:
        return lead.c.id.is_not(None)
    return _theirs(officer_id) | lead.c.regency.in_(regencies)


def _theirs(officer_id: int) -> ColumnElement[bool]:
    """SQL condition: the officer has the lead, or a colleague hands it over to them."""
    return (lead.c.officer_id == officer_id) | (lead.c.offered_to == officer_id)


async def _in_order(
    tx: AsyncConnection, where: ColumnElement[bool], but: int, **parameters: Sequence[int]
) -> list[int]:
    """The ids of these leads that have an owner other than the person ``but``, by when their next step is due; of one
    that was merged into another, that one's."""
    goes_on = func.coalesce(lead.c.into_id, lead.c.id)
    query = select(goes_on).where(where, lead.c.person_id.is_not(None), lead.c.person_id != but)
    by = (lead.c.next_at.is_(None), lead.c.next_at, lead.c.id)
    return list(dict.fromkeys((await tx.execute(query.order_by(*by).limit(MOST + 1), parameters)).scalars()))
