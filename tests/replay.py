"""The stored messages of an owner, played again through ``step``: the same facts must lead to the same session."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.turns.events import heard_in
from conversations.dialogues.book import BOOK, first_session
from conversations.engine.core import Session, session_from_json, session_to_json
from conversations.engine.effects import (
    AllowNews,
    ChangeLead,
    ChooseLanguage,
    ForgetMe,
    KeepCampaign,
    StopMessages,
    SubmitLead,
)
from conversations.engine.knowledge import Knowledge
from conversations.engine.ladder import step
from conversations.engine.world import Lead, World
from conversations.rules.outcomes import STATUS_AFTER
from storage.leads.officers import INVITATION
from tests.conftest import WIB, nine
from tests.soundness import Kept, KeptLead


def replayed(found: Kept, name: str, knows: Knowledge) -> Session:
    """What the messages that are kept of this person lead to, from the beginning."""
    person = found.people[name]
    stored = iter([lead for lead in found.leads if lead.person == person])
    sent: list[tuple[KeptLead, dict[str, Any]]] = []
    world, session = World(nine(), knows, channel="terminal"), None
    for at, body in found.bodies[person]:
        heard = heard_in(body)
        world = replace(
            world,
            now=at.astimezone(WIB),
            leads=tuple(_as_it_was(lead, answers, at) for lead, answers in sent),
            invitation="bad" if INVITATION.has_form(heard.start or heard.text) else "",
        )
        turn = step(session or first_session(world), heard, world, BOOK)
        session = session_from_json(session_to_json(turn.session))
        for effect in turn.effects:
            assert not isinstance(effect, ForgetMe), "what led there went with it"
            if isinstance(effect, SubmitLead):
                sent.append((next(stored), dict(effect.answers)))
            elif isinstance(effect, ChangeLead):
                sent = [(lead, dict(effect.answers) if lead.code == effect.code else old) for lead, old in sent]
            elif isinstance(effect, AllowNews):
                world = replace(world, news=effect.allowed)
            elif isinstance(effect, StopMessages):
                world = replace(world, stopped=effect.stopped)
            elif isinstance(effect, ChooseLanguage):
                world = replace(world, language=effect.language)
            elif isinstance(effect, KeepCampaign):
                world = replace(world, campaign=effect.campaign)
    assert session is not None
    return session


def _as_it_was(lead: KeptLead, answers: dict[str, Any], at: datetime) -> Lead:
    status = "new" if "district" in answers else "waiting"
    for when, kind, outcome in lead.events:
        if when < at:
            status = "taken" if kind == "taken" else STATUS_AFTER.get(outcome) or status
    return Lead(lead.code, status, lead.created, answers)
