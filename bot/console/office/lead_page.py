"""One lead: its card as in the chat, what was done with it, and what may be done now, as forms.

Each form carries how many events the page showed: what has changed since is shown, and not done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.console.office import lead_acts, render
from bot.console.office.desk import Desk, without_nul
from bot.console.office.lead_acts import Acts, Unclear
from bot.console.office.lead_list import is_code
from bot.console.office.offices import is_id
from bot.turns.at_desk import Changed
from conversations.dialogues.officer import card, in_reach, still_there
from conversations.engine.core import Text as Said
from conversations.engine.world import Lead, World
from storage.console import timeline
from storage.console.timeline import TimelineEvent
from storage.leads import bridges, leads, officers, twins
from storage.leads.bridges import StandingBridge

KEPT = ("catatan", "kapan", "pesan", "kode")  # what somebody typed, given back where it could not be done


class Traces(NamedTuple):
    """What a form may leave behind: events, whom the lead is offered to, whether its bridge stands and was heard of."""

    events: int
    offered_to: int | None
    bridge: bool
    heard: Any


@dataclass(frozen=True, slots=True)
class LeadShown:
    """A lead as the page shows it."""

    id: int
    lead: Lead
    events: list[TimelineEvent]
    bridge: StandingBridge | None
    acts: Acts
    world: World

    @property
    def traces(self) -> Traces:
        bridge = self.bridge
        return Traces(timeline.seen(self.events), self.lead.offered_to, bridge is not None, bridge and bridge.heard_at)


async def page(desk: Desk) -> Response:
    shown = await _of(desk)
    if shown.lead.into:
        return desk.go(f"/calon/{shown.lead.into}")
    return await _page(desk, shown)


async def act(desk: Desk) -> Response:
    """Do one of the things of the page, as in the chat (a form)."""
    verb, code = desk.request.path_params["verb"], _code(desk)
    shown = await _of(desk)
    seen = await desk.said("seen")
    if verb not in lead_acts.VERBS or not is_id(seen):
        raise HTTPException(404 if verb not in lead_acts.VERBS else 400)
    form = {name: without_nul(value) for name, value in (await desk.form()).items() if isinstance(value, str)}
    try:
        heard, session = lead_acts.VERBS[verb](form, shown.lead, shown.world)
        answer = await desk.do(*heard, session=session, about=code, seen=int(seen))
    except Unclear as unclear:
        return await _page(desk, shown, 400, wrong=unclear.why, typed=form)
    except Changed:
        return await _page(desk, await _of(desk), 409, wrong="changed", typed=form)
    now = await _of_code(desk, code)
    if now is None:  # what was done took it out of reach
        return desk.go("/calon", f"lead.{verb}")
    passed_on = now.traces.heard != shown.traces.heard or not answer  # the chat says nothing of what has arrived
    if passed_on if verb == "tulis" else now.traces != shown.traces:
        return desk.go(f"/calon/{now.lead.into or code}", f"lead.{verb}")
    return await _page(desk, now, 409, answer=answer, typed=form)


def _code(desk: Desk) -> str:
    """The code of the address. Raises HTTPException 404 for what is none."""
    code = str(desk.request.path_params["code"]).upper()
    if not is_code(code):
        raise HTTPException(404)
    return code


async def _of(desk: Desk) -> LeadShown:
    """The lead of the address. Raises HTTPException 404 where there is none, or none that this officer may see."""
    found = await _of_code(desk, _code(desk))
    if found is None:
        raise HTTPException(404)
    return found


async def _of_code(desk: Desk, code: str) -> LeadShown | None:
    me, vault, knows = desk.officer, desk.services.vault, desk.services.knowledge
    async with desk.product.database.read() as tx:
        lead_id, lead = (await leads.by_code(tx, vault, [code])).get(code, (0, None))
        person = await officers.person_of(tx, me.id)
        if not still_there(lead) or not in_reach(lead, me) or lead.owner_id in (None, person):
            return None
        lead = await twins.with_alike(tx, vault, lead_id, lead, knows.ear.is_shared)
        events = await timeline.of(tx, vault, lead_id)
        bridge = await bridges.standing(tx, lead_id, desk.now, lock=False)
        team = await officers.team(tx, vault)
    world = World(now=desk.now, knows=knows, officer=me, lead=lead, team=team)
    return LeadShown(lead_id, lead, events, bridge, lead_acts.possible(lead, world, events, bridge), world)


async def _page(
    desk: Desk,
    shown: LeadShown,
    status: int = 200,
    *,
    wrong: str = "",
    answer: Any = "",
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page. ``wrong``: why a form was refused, ``answer``: what the chat says to one, ``typed``: what stood in it."""
    lead = shown.lead
    desk.looked.append(lead.code)
    phone = lead.answers.get("phone") or {}
    number = str(phone.get("e164", "")) if phone.get("kind") == "phone" and not lead.stopped else ""
    return desk.page(
        "lead_page.html",
        status,
        lead=lead,
        name=render.owner(lead.answers),
        card=render.said(card(lead, shown.world, desk.officer)),
        events=[(each, _what(each)) for each in shown.events],
        seen=timeline.seen(shown.events),
        acts=shown.acts,
        bridge=shown.bridge,
        regency=lead.answers.get("regency") or "",
        wa=f"https://wa.me/{number.removeprefix('+')}" if number else "",
        wrong=wrong,
        answer=answer,
        typed={name: (typed or {}).get(name, "") for name in (*KEPT, "hasil")},
        outcome_of=lambda name: render.said(Said(f"outcome.{name}")),
    )


def _what(each: TimelineEvent) -> Any:
    """What was done, in words."""
    return render.said(Said(f"outcome.{each.outcome}")) if each.outcome else render.words(f"event.{each.kind}")
