"""All reads of a turn: the world of each visitor, under the locks that protect the turn's writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.broadcasts.answers import asked_to_change
from bot.channels.base import Inbound, Limits
from conversations.dialogues.book import first_session
from conversations.dialogues.invited import code_of
from conversations.dialogues.remind_me import asks_for_codes, beside_code, code_alone
from conversations.engine.core import Session
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, Officer, World
from storage.leads import bridges, lead_list, leads, officers, twins
from storage.leads.officers import INVITATION, MAX_WRONG_CODES
from storage.outbox import messages
from storage.people import sessions
from storage.people.people import Known
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Vault

# Questions before a lead may be sent, and those before which and at which the places of officers stand as buttons.
ABOUT_THE_OFFICE = frozenset({"contact_time", "confirm", "phone", "outside", "name", "regency"})

ABOUT_THE_TEAM = ("handing",)
OF_THE_TEAM = ("hand", "hand_many", "hand_picked")  # buttons

ABOUT_A_LEAD = ("followup", "handing", "merging")  # dialogues of an officer

SHOW_ALIKE = ("show", "more", "merge")  # buttons of a card

Arrival = tuple[Inbound, int, Known]
"""An event, the id of its inbox row, and the person who did it."""


@dataclass(slots=True)
class Visitor:
    """One person of a batch: the event, the person, their session and their world."""

    inbound: Inbound
    inbox_id: int
    known: Known
    session: Session
    world: World
    lead_id: int | None = None  # the id of world.lead


async def gather(
    tx: AsyncConnection,
    vault: Vault,
    knowledge: Knowledge,
    arrivals: Iterable[Arrival],
    now: datetime,
    fresh: Callable[[], str],
    limits: Callable[[str], Limits],
) -> tuple[list[Visitor], list[Arrival]]:
    """The visitors of a batch with their worlds, and the arrivals whose session does not open. A handful of set-based
    reads for all visitors together."""
    arrivals, broken, opened = await _sessions(tx, vault, arrivals)
    returning = [known.person_id for _, _, known in arrivals if known.has_leads]
    owned = await leads.of_people(tx, vault, returning) if returning else {}
    about = await _about(tx, vault, knowledge, arrivals, opened)
    needs_staff = _needs_staff(opened.values())
    staffed = await officers.staffed(tx) if needs_staff or returning else frozenset()  # "status" names a day, too
    above, overseen = await officers.overseen(tx) if needs_staff else (False, frozenset[str]())
    offices = await _offices(tx, arrivals, opened, knowledge)
    quoted = await _quoted(tx, vault, arrivals)
    writing = [known.person_id for _, _, known in arrivals if known.has_leads or known.officer_id is not None]
    bridged = await bridges.of_people(tx, writing, now) if writing else {}
    team = await officers.team(tx, vault) if _needs_team(arrivals, opened) else ()
    visitors = []
    for inbound, inbox_id, known in arrivals:
        officer, task_count, task_codes = offices.get(known.officer_id or 0, NO_DUTIES)
        mine = owned.get(known.person_id, ())
        found = about.get(_code(inbound, known, opened[known.person_id]))
        invited, invitation = await _invitation(tx, vault, inbound, known, opened[known.person_id], now)
        world = World(
            now=now,
            knows=knowledge.heard_in(known.language),
            channel=inbound.channel,
            chat=known.address_id,
            fresh=fresh(),
            phone=inbound.phone,  # not known.phone: where the channel does not show it, the owner may name another
            profile=inbound.profile,
            shares_contact=limits(inbound.channel).shares_contact,
            leads=mine,
            stopped=known.stopped,
            news=known.news,
            campaign=known.campaign,
            language=known.language,
            officer=officer,
            lead=_owned_by(found[1], known) if found else None,
            team=team if officer else (),
            task_count=task_count,
            task_codes=task_codes,
            staffed=staffed,
            above=above,
            overseen=overseen,
            bridge=bridged.get(known.person_id),
            draft=await _draft(tx, vault, inbound, officer),
            invitation=invitation,
            invited=invited,
            joined=known.joined,
            join_code=known.join_code,
            other=known.other,
            redraws=limits(inbound.channel).edits,
            quoted=quoted.get((known.address_id, inbound.quotes), ""),
        )
        session = opened[known.person_id] or first_session(world)
        visitors.append(Visitor(inbound, inbox_id, known, session, world, found[0] if found else None))
    return visitors, broken


async def _quoted(tx: AsyncConnection, vault: Vault, arrivals: Iterable[Arrival]) -> dict[tuple[int, str], str]:
    """The questions that our messages asked to which these events reply, by (address id, the platform's id of the
    message)."""
    replies = [(known, inbound.quotes) for inbound, _, known in arrivals if inbound.quotes]
    if not replies:
        return {}
    opening, found = Opening(vault), {}
    for row in await messages.told(tx, [known.person_id for known, _ in replies], [quotes for _, quotes in replies]):
        body = opening.json(row.sealed, table="outbox", column="sealed", row=row.id)
        found[row.address_id, row.external_id] = str((body or {}).get("q", ""))
    await opening.note(tx)
    return found


def pressed_code(inbound: Inbound) -> str:
    """The code of the lead that a pressed card's button names; "" for any other event."""
    press = inbound.heard.pressed
    return press.value if press and press.dialogue == "lead" else ""


def _code(inbound: Inbound, known: Known, session: Session | None) -> str:
    """The code of the lead that a turn is about: a button's, or an officer's typed one, else that of a note being written
    or waiting below; "" for none."""
    stack = (session, session.under) if session else ()
    typed = code_alone(inbound.heard.text) if known.officer_id is not None else ""
    if known.officer_id is not None and not typed and (session is None or session.dialogue == "home"):
        typed, _ = beside_code(inbound.heard.text)
    return (
        pressed_code(inbound) or typed or next((one.about for one in stack if one and one.dialogue in ABOUT_A_LEAD), "")
    )


async def _sessions(
    tx: AsyncConnection, vault: Vault, arrivals: Iterable[Arrival]
) -> tuple[list[Arrival], list[Arrival], dict[int, Session | None]]:
    """Arrivals whose session opens or who have none, arrivals whose session does not open, and the sessions by person id."""
    whole: list[Arrival] = []
    broken: list[Arrival] = []
    opened: dict[int, Session | None] = {}
    opening = Opening(vault)
    for arrival in arrivals:
        known = arrival[2]
        session = sessions.opened_by(opening, known.person_id, known.session) if known.session else None
        if known.session and session is None:
            broken.append(arrival)
        else:
            whole.append(arrival)
            opened[known.person_id] = session
    await opening.note(tx)
    return whole, broken, opened


def _needs_staff(opened: Iterable[Session | None]) -> bool:
    waiting = [one for session in opened if session for one in (session, session.under) if one]
    return any(session.asked in ABOUT_THE_OFFICE for session in waiting)


def _needs_team(arrivals: Iterable[Arrival], opened: Mapping[int, Session | None]) -> bool:
    """Whether a turn of an officer may depend on who works in the offices."""
    for inbound, _, known in arrivals:
        if known.officer_id is None:
            continue
        session, press = opened[known.person_id], inbound.heard.pressed
        stack = (session, session.under) if session else ()
        if any(one and one.dialogue in ABOUT_THE_TEAM for one in stack) or (press and press.question in OF_THE_TEAM):
            return True
    return False


async def _about(
    tx: AsyncConnection,
    vault: Vault,
    knowledge: Knowledge,
    arrivals: list[Arrival],
    opened: Mapping[int, Session | None],
) -> dict[str, tuple[int, Lead]]:
    codes = {code for inbound, _, known in arrivals if (code := _code(inbound, known, opened[known.person_id]))}
    if not codes:
        return {}
    # Locked, though the turn may write nothing: whoever is refused is told what is so once others have committed.
    found = await leads.by_code(tx, vault, codes, lock=True)
    into = {lead.into for _, lead in found.values() if lead.into}
    going_on = await leads.by_code(tx, vault, into, lock=True) if into else {}
    found = {code: going_on.get(each[1].into, each) for code, each in found.items()}
    shown = dict(
        found[code]
        for inbound, _, known in arrivals
        if _shows_alike(inbound, known, opened[known.person_id])
        and (code := _code(inbound, known, opened[known.person_id])) in found
    )
    shared = knowledge.ear.is_shared
    alike = {lead_id: await twins.with_alike(tx, vault, lead_id, lead, shared) for lead_id, lead in shown.items()}
    return {code: (lead_id, alike.get(lead_id, lead)) for code, (lead_id, lead) in found.items()}


def _shows_alike(inbound: Inbound, known: Known, session: Session | None) -> bool:
    """Whether a turn of an officer may show which other leads are perhaps the same as the one that it is about."""
    press = inbound.heard.pressed
    if known.officer_id is None or (press and press.dialogue == "lead" and press.question not in SHOW_ALIKE):
        return False
    merging = any(one and one.dialogue == "merging" for one in (session, session.under if session else None))
    return merging or press is not None or bool(code_alone(inbound.heard.text))


def _owned_by(lead: Lead, known: Known) -> Lead:
    """The lead as seen by a person: ``owner_id`` is their officer id where the lead is their own, else None."""
    own = lead.owner_id == known.person_id
    return replace(lead, owner_id=known.officer_id if own else None)


class OfficerDuties(NamedTuple):
    """An officer who is talking, the number of their open leads, and where needed the codes of these leads."""

    officer: Officer | None = None
    task_count: int = 0
    task_codes: tuple[str, ...] = ()


NO_DUTIES = OfficerDuties()


async def _offices(
    tx: AsyncConnection, arrivals: list[Arrival], opened: Mapping[int, Session | None], knowledge: Knowledge
) -> dict[int, OfficerDuties]:
    """The officers among the arrivals, by officer id; no lead is opened."""
    here = {known.officer_id: (inbound, known) for inbound, _, known in arrivals if known.officer_id is not None}
    if not here:
        return {}
    regencies, counts = await officers.regencies_of(tx, list(here)), await lead_list.open_counts(tx, list(here))
    asking = [
        officer_id
        for officer_id, (inbound, known) in here.items()
        if asks_for_codes(opened[known.person_id] or Session("home"), inbound.heard, knowledge.ear)
    ]
    codes = await lead_list.open_codes(tx, asking) if asking else {}
    return {
        officer_id: OfficerDuties(
            Officer(
                officer_id,
                known.officer_name,
                known.officer_role,
                regencies[officer_id],
                known.officer_absent,
                known.officer_office,
            ),
            counts.get(officer_id, 0),
            codes.get(officer_id, ()),
        )
        for officer_id, (_, known) in here.items()
    }


async def _draft(
    tx: AsyncConnection, vault: Vault, inbound: Inbound, officer: Officer | None
) -> Mapping[str, Any] | None:
    """The answers of a broadcast's draft that an admin wants to change; None otherwise."""
    return await asked_to_change(tx, vault, inbound) if officer and officer.role == "admin" else None


async def _invitation(
    tx: AsyncConnection, vault: Vault, inbound: Inbound, known: Known, session: Session | None, now: datetime
) -> tuple[Officer | None, str]:
    """An officer's invitation code, typed or in a link: (whose, "ok" | "bad"); "" when nothing looks like a code. A
    code that waits for confirmation is looked up each time, for it may end meanwhile."""
    said = inbound.heard.start or inbound.heard.text
    if not INVITATION.has_form(said):
        binding = session is not None and session.dialogue == "binding" and known.wrong_codes < MAX_WRONG_CODES
        waiting = code_of(session.about) if session and binding else ""
        return (await officers.invited_as(tx, vault, waiting, now) if waiting else None), ""
    if known.wrong_codes >= MAX_WRONG_CODES:
        return None, "bad"
    officer = await officers.invited_as(tx, vault, said, now)
    return officer, "ok" if officer else "bad"
