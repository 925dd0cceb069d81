"""*Calon peserta*: the leads that somebody may see, searched and narrowed; several are handed over from here at once.

A search is a form that is sent, for what is looked for is a name or a number, which belongs in no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk
from bot.console.office.lead_line import LeadLine, lead_line
from bot.console.office.offices import is_id
from bot.console.office.today import end_of_day
from bot.now import WIB
from bot.turns.at_desk import Changed
from conversations.dialogues import handing
from conversations.dialogues.finding import LONGEST, sought
from conversations.engine.core import Heard, Press, Session
from conversations.engine.core import Text as Said
from conversations.engine.world import Officer
from conversations.rules.outcomes import AT_WORK, CLOSED, UNTAKEN, WAITING
from storage.console import lead_table
from storage.console.lead_table import NOBODY, LeadFilter, PageEnd
from storage.console.scope import Part
from storage.leads import finding, leads, officers, offices
from storage.leads.offices import OfficeLine

PER_PAGE = 25
MOST_FOUND = 50  # of a search: who has more must say more
STATUSES = tuple(dict.fromkeys((UNTAKEN, *AT_WORK, *CLOSED, WAITING)))
FIELDS = ("bagian", "status", "kantor", "petugas", "kampanye", "dari", "sampai")
ANYBODY, UNHELD = "semua", "tanpa"  # besides an officer's id
LONGEST_CAMPAIGN = 64


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page is narrowed by: ``said`` by field as it was sent, ``asked`` as it was understood, and the fields that
    were ``wrong``."""

    said: Mapping[str, str]
    asked: LeadFilter
    wrong: tuple[str, ...]
    offices: Sequence[OfficeLine]
    people: Sequence[Officer]

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in self.said.items() if value}


async def chosen(tx: AsyncConnection, desk: Desk, said: Mapping[str, str]) -> Chosen:
    """The filter of these fields. What cannot be read is named in ``wrong``, and narrows nothing."""
    me, wrong = desk.officer, []
    every = [one for one in await offices.listed(tx) if one.regencies]
    own = [one for one in every if me.area is None or set(one.regencies) & set(me.area)]
    people = [one for one in await officers.team(tx, desk.services.vault) if one.id == me.id or me.oversees(one)]
    part = said["bagian"] or None
    if part is not None and part not in get_args(Part):
        wrong.append("bagian")
    status = said["status"]
    if status and status not in STATUSES:
        wrong.append("status")
    office = next((one for one in own if str(one.id) == said["kantor"]), None)
    if said["kantor"] and office is None:
        wrong.append("kantor")
    since, until = _day(said["dari"]), _day(said["sampai"])
    wrong += [name for name, day in (("dari", since), ("sampai", until)) if said[name] and day is None]
    asked = LeadFilter(
        officer=me,
        but=await officers.person_of(tx, me.id) or 0,
        now=desk.now,
        midnight=end_of_day(me, desk.now),
        part=None if "bagian" in wrong else part,  # type: ignore[arg-type]  # one of its names
        status="" if "status" in wrong else status,
        regencies=office.regencies if office else None,
        holder=_holder(said, me, people),
        campaign=said["kampanye"][:LONGEST_CAMPAIGN],
        since=since,
        until=until and until + timedelta(days=1),
    )
    if asked.holder is None and said["petugas"] not in ("", ANYBODY):
        wrong.append("petugas")
    return Chosen(said, asked, tuple(wrong), own, people)


def _holder(said: Mapping[str, str], me: Officer, people: Iterable[Officer]) -> int | None:
    """Whose leads are asked for. An officer who asks for nobody's and no part sees their own."""
    if said["petugas"] == UNHELD:
        return NOBODY
    if said["petugas"]:
        return next((one.id for one in people if str(one.id) == said["petugas"]), None)
    return me.id if me.role == "officer" and not said["bagian"] else None


def _day(said: str) -> datetime | None:
    """The beginning of a day in WIB; None for what is none.

    >>> _day("2026-11-30").isoformat(), _day("kemarin"), _day("0001-01-01")
    ('2026-11-30T00:00:00+07:00', None, None)
    """
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=WIB) if 2000 <= found.year < 2100 else None


# ------------------------------------------------------------------------------------------------ the pages


async def page(desk: Desk) -> Response:
    return await _list(desk, {name: desk.asked(name) for name in FIELDS}, _place(desk.asked("lanjut")))


async def search(desk: Desk) -> Response:
    """Look for a lead by its code, its owner's name or number, among those that the page is narrowed to (a form)."""
    said = {name: await desk.said(name) for name in FIELDS}
    return await _list(desk, said, None, words=(await desk.said("cari"))[:LONGEST])


async def hand(desk: Desk) -> Response:
    """Hand over the leads that are ticked, as in the chat (a form)."""
    said = {name: await desk.said(name) for name in FIELDS}
    codes = [each for each in (await desk.form()).getlist("kode") if isinstance(each, str) and is_code(each)]
    to = await desk.said("ke")
    if not codes or not is_id(to):
        return await _list(desk, said, None, status=400, failed="no_officer" if codes else "none_ticked")
    before = await _held(desk, codes, int(to))
    session = Session("handing", about=f"{handing.SOME}:0:{','.join(codes)}")
    try:
        answer = await desk.do(Heard(pressed=Press("handing", "to", to)), session=session)
    except Changed:
        return await _list(desk, said, None, status=409, failed="changed")
    if await _held(desk, codes, int(to)) == before:
        return await _list(desk, said, None, status=409, answer=answer)
    return desk.go("/calon", "handed", **{name: value for name, value in said.items() if value})


async def _held(desk: Desk, codes: Sequence[str], officer_id: int) -> int:
    """How many of these leads this officer has."""
    async with desk.product.database.read() as tx:
        return await lead_table.held_by(tx, codes, officer_id)


def is_code(said: str) -> bool:
    """Whether these words of a form can be a lead's code."""
    return len(said) == 9 and said.startswith("RK-") and said[3:].isalnum() and said.isascii()


async def _list(
    desk: Desk,
    said: Mapping[str, str],
    after: PageEnd | None,
    *,
    words: str = "",
    status: int = 200,
    failed: str = "",
    answer: Any = "",
) -> HTMLResponse:
    """The page. ``words``: what is looked for; ``failed``: why a form was refused, ``answer``: what the chat says to one."""
    me, vault = desk.officer, desk.services.vault
    async with desk.product.database.read() as tx:
        asks = await chosen(tx, desk, said)
        if words:
            ids, more = await _found(tx, desk, asks.asked, words), False
            too_many = len(ids) > MOST_FOUND
        else:
            places = await lead_table.page(tx, asks.asked, after, PER_PAGE + 1)
            more, too_many = len(places) > PER_PAGE, False
            ids = [each.id for each in places[:PER_PAGE]]
        found = list((await leads.in_order(tx, vault, ids[:MOST_FOUND])).values())
    desk.looked += [lead.code for lead in found]
    world = desk.services.knowledge
    lines: list[LeadLine] = [lead_line(lead, world, desk.now) for lead in found]
    next_page = {**asks.query, "lanjut": _address(places[PER_PAGE - 1])} if more else None
    return desk.page(
        "lead_list.html",
        status,
        lines=lines,
        said=said,
        query=urlencode(asks.query),
        narrowed=bool(asks.query),
        further=urlencode(next_page) if next_page else "",
        first=after is None,
        words=words,
        wrong=asks.wrong,
        failed=failed,
        answer=answer,
        too_many=too_many,
        parts=get_args(Part),
        statuses=[(each, render.said(Said(f"status.{each}"))) for each in STATUSES],
        offices=asks.offices if len(asks.offices) > 1 else (),
        people=sorted((one for one in asks.people if one.id != me.id), key=lambda one: one.name.casefold()),
        receivers=[one for one in asks.people if one.role == "officer" and not one.absent and one.id != me.id],
        moves=me.role != "officer",
    )


async def _found(tx: AsyncConnection, desk: Desk, asked: LeadFilter, words: str) -> list[int]:
    """The ids of the leads that these words name, of the filter; those whose next step is due first come first."""
    wanted = sought(words, desk.services.knowledge.ear)
    if wanted is None:
        return []
    me, vault = desk.officer, desk.services.vault
    ids = await finding.search(tx, vault, wanted, officer_id=me.id, regencies=me.area, but=asked.but)
    return await lead_table.those_of(tx, asked, ids)


def _address(place: PageEnd) -> str:
    """A place as an address carries it."""
    return f"{place.id}" if place.at is None else f"{place.id}.{round(place.at.timestamp() * 1_000_000)}"


def _place(said: str) -> PageEnd | None:
    """The place that an address names; None, the first page, for what is none.

    >>> _place("12"), _place("x"), _place("12.99999999999999999999")
    (PageEnd(id=12, at=None), None, None)
    """
    number, _, moment = said.partition(".")
    if not is_id(number):
        return None
    if not moment:
        return PageEnd(int(number))
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 17):
        return None
    return PageEnd(int(number), datetime.fromtimestamp(int(moment) / 1_000_000, WIB))
