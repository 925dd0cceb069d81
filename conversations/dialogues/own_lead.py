"""What an owner says of a lead that was sent reaches the lead, or its officer: given up, taken up again, registered
elsewhere, paid, called, or anything else that a person has to read."""

from __future__ import annotations

from collections.abc import Callable

from conversations.engine.ask import YES_NO, pick
from conversations.engine.core import Dialogue, Effect, Field, Say, Scene, Text, Turn
from conversations.engine.effects import GiveUp, OwnerSaid, Reopen, WriteToOfficer
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.rules.outcomes import REOPENED

from .letters import LONGEST, only_owner
from .own_status import called_by, status
from .owner_notices import not_called, said_lately


def give_up(state: TurnState, value: str) -> Turn:
    """Ask an owner whether they give their lead up, as that ends it."""
    return state.over("giving_up", about=state.world.open_leads[-1].code).ask_open()


def ended_lead(world: World) -> Lead | None:
    """The latest lead of this person, where it has ended and may be opened again; None while one is open."""
    ended = [lead for lead in world.leads if lead.status in REOPENED]
    return ended[-1] if ended and not world.open_leads else None


def take_up_again(state: TurnState, value: str) -> Turn:
    """Ask an owner whose lead has ended whether it is about that business again."""
    lead = ended_lead(state.world)
    return state.over("reopening", about=lead.code).ask_open() if lead else state.ask_again()


def told(what: str) -> Callable[[TurnState, str], Turn]:
    """The command by which an owner tells how their lead stands (``outcomes.SAID``), in words or by a button, whose value
    is the lead's code; the same again within hours bothers nobody."""

    def tell(state: TurnState, code: str) -> Turn:
        answer = Say(Text(f"own_lead.{what}"))
        if (lead := _meant(state.world, code)) is None:
            return state.ask_again(answer)
        told = () if said_lately(lead, what, state.world) else (OwnerSaid(lead.code, what),)
        return state.ask_again(*told, answer)

    return tell


def _meant(world: World, code: str) -> Lead | None:
    """The open lead with this code, or else the latest."""
    named = next((lead for lead in world.open_leads if lead.code == code), None)
    return named or (world.open_leads[-1] if world.open_leads else None)


def nobody_called(state: TurnState, value: str) -> Turn:
    """Nobody called yet, says the owner: until the promised day is over they hear who calls and by when; then those above
    hear of it."""
    lead = state.world.open_leads[-1]
    if state.world.here(state.world.now).date() <= called_by(lead, state.world):
        return status(state, value)
    return not_called(state, lead.code)


def unpaid(state: TurnState, value: str) -> Turn:
    return state.say("unpaid.not_yet")


def offer_to_pass_on(state: TurnState, words: str) -> Turn:
    """Offer to pass words that a person has to read on to the officer. They wait sealed, in the session; more of them,
    before the answer, are passed on with the first."""
    waiting = state.session.answers.get("words", "") if state.session.dialogue == "passing_on" else ""
    whole = f"{waiting}\n{words}" if waiting else words
    lead = state.world.open_leads[-1]
    return state.over("passing_on", about=lead.code, words=whole[:LONGEST]).ask_open()


def _given_up(scene: Scene) -> tuple[Effect, ...]:
    if scene.answers["sure"] == "yes":
        return GiveUp(scene.about), Say(Text("giving_up.done", {"code": scene.about}))
    return (Say(Text("giving_up.left", {"code": scene.about})),)


def _reopened(scene: Scene) -> tuple[Effect, ...]:
    if scene.answers["same"] == "yes":
        return Reopen(scene.about), Say(Text("reopening.done", {"code": scene.about}))
    return (Say(Text("reopening.left")),)


def _passed_on(scene: Scene) -> tuple[Effect, ...]:
    if scene.answers["sure"] == "yes":
        return (WriteToOfficer(scene.about, scene.answers["words"]),)
    return (Say(Text("passing_on.left")),)


def _still_ended(scene: Scene) -> Text | None:
    lead = ended_lead(scene.world)
    return None if lead and lead.code == scene.about else Text("reopening.open_already")


def _about(key: str) -> Callable[[Scene], Text]:
    def prompt(scene: Scene) -> Text:
        fields: dict[str, Field] = {"code": scene.about}
        return Text(key, fields)

    return prompt


giving_up = Dialogue(
    "giving_up",
    (pick("giving_up.sure", YES_NO, prompt=_about("giving_up.sure.ask"), open_only=True),),
    finish=_given_up,
    barred=only_owner,
)

reopening = Dialogue(
    "reopening",
    (
        pick(
            "reopening.same",
            YES_NO,
            prompt=_about("reopening.same.ask"),
            commands=lambda scene: ("another",),
            open_only=True,
        ),
    ),
    finish=_reopened,
    barred=_still_ended,
)

passing_on = Dialogue(
    "passing_on",
    (pick("passing_on.sure", YES_NO, open_only=True),),
    finish=_passed_on,
    barred=only_owner,
    answers=True,
)
