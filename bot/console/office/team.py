"""*Tim*: a row an officer; their list, from which leads are handed over; their leave; an invitation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk
from bot.console.office.offices import is_id, own_offices, shown
from bot.mail import leave
from bot.turns.at_desk import Changed
from bot.turns.team import week_of
from conversations.dialogues import away, handing
from conversations.dialogues.team import LONGEST_NAME, Member, Workload
from conversations.engine.core import Heard, Press, Session
from conversations.engine.effects import SetAbsent
from conversations.engine.world import Lead, Officer, World
from conversations.hear.leave import Leave
from conversations.rules.quiet_hours import zone
from storage.leads import lead_list, leads, leaves, officers, offices, team
from storage.leads.lead_list import Part
from storage.people import audit

PER_PAGE = 50  # leads of an officer, and officers: an admin may look after hundreds
LONGEST_LEAVE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """An officer in the table. ``places``: the names of their regencies."""

    member: Member
    has: Workload
    places: str


async def page(desk: Desk) -> Response:
    return await _team(desk)


async def _team(desk: Desk, status: int = 200, *, wrong: str = "", code: Any = "") -> HTMLResponse:
    """The table; ``wrong``: what an invitation lacked; ``code``: the words with its code, shown this once."""
    days, number = desk.services.knowledge.working_days, _page_number(desk)
    async with desk.product.database.read() as tx:
        everybody = await team.members(tx, desk.services.vault, desk.officer)
        members = everybody[number * PER_PAGE : (number + 1) * PER_PAGE]
        has = await team.figures(tx, [each.id for each in members], desk.now, week_of(desk.now), days)
        some = own_offices(desk.officer, await offices.listed(tx))
    await desk.audit("looked", "team", "console")
    names = desk.services.knowledge.ear.places.name
    lines = [MemberLine(each, has[each.id], ", ".join(map(names, each.regencies))) for each in members]
    everywhere = desk.officer.area is None
    return desk.page(
        "team.html",
        status,
        lines=lines,
        page_number=number,
        more=(number + 1) * PER_PAGE < len(everybody),
        offices=[shown(each, names) for each in some],
        everywhere=everywhere,
        wrong=wrong,
        code=code,
    )


async def invite(desk: Desk) -> Response:
    """Invite an officer, as in the chat (a form); the answer shows the code, so it leads nowhere."""
    name, chosen = (await desk.said("name"))[:LONGEST_NAME], await desk.said("office")
    if not any(letter.isalpha() for letter in name):
        return await _team(desk, 400, wrong="name")
    if desk.officer.area is None and not is_id(chosen):
        return await _team(desk, 400, wrong="office")
    begins: dict[str, Any] = {"office": int(chosen)} if desk.officer.area is None else {}
    return await _team(desk, code=await desk.do(Heard(text=name), session=Session("inviting", begins, asked="name")))


def _page_number(desk: Desk) -> int:
    """The page of a list that is asked for, from 0."""
    asked = desk.asked("hal")
    return int(asked) if is_id(asked) and len(asked) < 4 else 0


# ------------------------------------------------------------------------------------------------ one officer


async def member_page(desk: Desk) -> Response:
    return await _member(desk)


async def _member(desk: Desk, status: int = 200, *, wrong: str = "", said: Any = "") -> HTMLResponse:
    """An officer's leads, by when their next step is due; ``said``: words of the chat that refuse what was asked."""
    number = _page_number(desk)
    async with desk.product.database.read() as tx:
        members = await team.members(tx, desk.services.vault, desk.officer)
        member = _of(members, desk)
        count, ids = await lead_list.tasks(tx, member.id, Part(), number * PER_PAGE, PER_PAGE)
        found = list((await leads.in_order(tx, desk.services.vault, ids)).values())
        since, until = await leaves.planned(tx, member.id)
    desk.looked += [lead.code for lead in found]
    await desk.audit("looked", f"officer:{member.id}", "console")
    places = desk.services.knowledge.ear.places
    return desk.page(
        "team_member.html",
        status,
        member=member,
        since=since,
        until=until,
        colleagues=[each for each in members if each.bound and not each.absent and each.id != member.id],
        leads=[_lead_line(lead, places.name) for lead in found],
        count=count,
        page_number=number,
        more=(number + 1) * PER_PAGE < count,
        today=desk.now.astimezone(_zone_of(member)).date(),
        wrong=wrong,
        said=said,
    )


def _lead_line(lead: Lead, name_of: Callable[[str], str]) -> Mapping[str, Any]:
    answers = lead.answers
    where = answers.get("district") or answers.get("regency") or ""
    return {
        "code": lead.code,
        "name": render.owner(answers),
        "business": str(answers.get("business_name") or (answers.get("sector") or {}).get("said", "")),
        "place": name_of(where) if where else "",
        "regency": answers.get("regency") or "",
        "reason": lead.next_reason,
        "at": lead.next_at,
    }


def _of(members: Sequence[Member], desk: Desk) -> Member:
    """The officer of the address. Raises HTTPException 404 for whoever is not looked after by who asks."""
    asked = desk.request.path_params["officer"]
    found = next((each for each in members if str(each.id) == asked), None)
    if found is None:
        raise HTTPException(404)
    return found


def _zone_of(member: Member) -> tzinfo:
    return zone(member.regencies[0] if member.regencies else "")


async def hand(desk: Desk) -> Response:
    """Hand over what is ticked, all that is overdue, or all, as in the chat (a form)."""
    which, to = await desk.said("which"), await desk.said("to")
    codes = [each for each in (await desk.form()).getlist("code") if isinstance(each, str) and each.isascii()]
    async with desk.product.database.read() as tx:
        member = _of(await team.members(tx, desk.services.vault, desk.officer), desk)
        before, _ = await lead_list.tasks(tx, member.id, Part(), 0, 0)
    if which not in (handing.ALL, handing.LATE, handing.SOME) or (which == handing.SOME and not codes):
        return await _member(desk, 400, wrong="which")
    if not is_id(to):
        return await _member(desk, 400, wrong="to")
    about = f"{which}:{member.id}" + (f":{','.join(codes)}" if which == handing.SOME else "")
    try:
        said = await desk.do(Heard(pressed=Press("handing", "to", to)), session=Session("handing", about=about))
    except Changed:
        return await _member(desk, 409, wrong="changed")
    async with desk.product.database.read() as tx:
        after, _ = await lead_list.tasks(tx, member.id, Part(), 0, 0)
    if after >= before:
        return await _member(desk, 409, said=said)
    return desk.go(f"/tim/{member.id}", "handed")


async def set_leave(desk: Desk) -> Response:
    """Note an officer's leave from a day to a day, or end it, for them (a form); they are told."""
    ends = await desk.said("back")
    days = None if ends else _days(await desk.said("first"), await desk.said("last"), desk.now.date())
    async with desk.writing() as mail:
        member = _of(await team.members(mail.tx, desk.services.vault, desk.officer), desk)
        person_id = await officers.person_of(mail.tx, member.id)
        if person_id is not None and (ends or days):
            officer = Officer(member.id, member.name, "officer", member.regencies, member.absent)
            to = SetAbsent(False)
            told = away.called_back(desk.officer.name)
            if days:
                to, _ = away.absence(days, World(now=desk.now, knows=desk.services.knowledge, officer=officer))
                told = away.given_leave(desk.officer.name, days, to.until.date() if to.until else days.last)
            await leave.change(mail, officer, person_id, to)
            await _note_leave(mail.tx, desk, member.id, to)
            await mail.tell([person_id], told, "notice")
    if person_id is None or not (ends or days):
        return await _member(desk, 400, wrong="unbound" if person_id is None else "days")
    return desk.go(f"/tim/{member.id}", "back" if ends else "leave")


async def _note_leave(tx: AsyncConnection, desk: Desk, officer_id: int, to: SetAbsent) -> None:
    act, until = "away" if to.absent else "back", f"until {to.until:%Y-%m-%d}" if to.until else ""
    await audit.record(tx, at=desk.now, actor=desk.actor, act=act, subject=f"officer:{officer_id}", detail=until)


def _days(first: str, last: str, today: date) -> Leave | None:
    """The leave of a form; None where a day is missing or odd, or it is over, or longer than a year.

    >>> _days("2026-11-01", "2026-12-04", date(2026, 11, 30)), _days("", "2026-11-29", date(2026, 11, 30))
    (Leave(first=datetime.date(2026, 11, 30), last=datetime.date(2026, 12, 4)), None)
    """
    try:
        begins = max(date.fromisoformat(first), today) if first else today
        ends = date.fromisoformat(last)
    except ValueError:
        return None
    return Leave(begins, ends) if begins <= ends <= today + LONGEST_LEAVE else None
