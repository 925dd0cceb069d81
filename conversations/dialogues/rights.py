"""One's rights over one's data (UU 27/2022): see it, have it as a file, stop messages, withdraw consent, have it erased."""

from __future__ import annotations

from conversations.engine.core import Document, Field, Lines, Say, Scene, Text, Turn
from conversations.engine.effects import StopMessages
from conversations.engine.turn_state import TurnState
from conversations.engine.world import Lead, World
from conversations.rules.formatting import note_rows

from .registration import registration, shown

FILE_NAME = "data-saya.txt"


def stop(state: TurnState, value: str) -> Turn:
    """Send nothing but direct answers from now on; a person with an open lead is asked whether its officer may ring up."""
    if state.session.dialogue == "calls":
        return state.ask_again(StopMessages(stopped=True))
    done = StopMessages(stopped=True), Say(Text("stop.officer" if state.world.officer else "stop.done"))
    if state.world.open_leads:
        return state.over("calls").ask_open(*done)
    return state.ask_again(*done)


def resume_messages(state: TurnState, value: str) -> Turn:
    """Undo the stop of messages; kinds of messages never allowed, or refused, stay so."""
    if state.session.dialogue == "calls":
        state = state.below()
    said = Text("stop.undone_without_news" if state.world.news is False else "stop.undone")
    return state.ask_again(StopMessages(stopped=False), Say(said))


def delete_data(state: TurnState, value: str) -> Turn:
    """Ask the person once whether to erase everything; after a yes all is erased within that turn (Art. 42-44).

    Whoever says "iya hapus" when everything has just been erased hears that nothing is there any more.
    """
    if _nothing_is_kept(state) and state.world.knows.ear.yesno.read(state.heard.text) == "yes":
        return state.say("deletion.nothing")
    return state.over("deletion").ask_open()


def _nothing_is_kept(state: TurnState) -> bool:
    """Whether this is the first that is known of this person."""
    session, world = state.session, state.world
    return (
        not (session.asked or session.answers or world.leads or world.stopped or world.officer) and world.news is None
    )


def withdraw(state: TurnState, value: str) -> Turn:
    """Withdraw consent: nothing may be kept without consent (Art. 40), so this is erasure, and the person is told so."""
    return state.over("deletion").ask_open(Say(Text("withdraw.means")))


def show_data(state: TurnState, value: str) -> Turn:
    """Show all data that is kept of this person, readable (Art. 32)."""
    return state.ask_again(Say(_everything(state)))


def export_data(state: TurnState, value: str) -> Turn:
    """Send all data that is kept of this person as a file, which can be kept or taken elsewhere."""
    turn = state.say("data.file")
    return Turn(turn.session, (*turn.effects, Document(FILE_NAME, _everything(state))))


def _everything(state: TurnState) -> Text:
    world = state.world
    parts = [_lead_data(lead, state) for lead in world.leads]
    if state.session.dialogue == "registration" and not state.session.about:
        parts.append(_open_data(state))
    yes_no = {True: "data.yes", False: "data.no", None: "data.unasked"}
    fields = {
        "news": Text(yes_no[world.news]),
        "messages": Text("data.no" if world.stopped else "data.yes"),
        "channel": Text(f"channel.{world.channel}"),
        "calls": _calls(world),
        "language": _language(world),
    }
    return Text("data.all", {"parts": Lines(parts) if parts else Text("data.nothing"), **fields})


def _calls(world: World) -> Field:
    """The line with the answer about calls, given with a stop of all messages; "" where that was not asked."""
    said = next((lead.may_call for lead in world.leads if lead.may_call is not None), None)
    return "" if said is None else Text("data.calls", {"allowed": Text("data.yes" if said else "data.no")})


def _language(world: World) -> Field:
    """The line with the language that is kept of a person; "" where none is."""
    name = world.knows.ear.languages.names.get(world.language)
    return Text("data.language", {"language": name}) if name else ""


def _lead_data(lead: Lead, state: TurnState) -> Text:
    scene = Scene(lead.answers, state.world)
    lines = [
        _item(key, shown(key, value, scene))
        for key, value in lead.answers.items()
        if value is not None and registration.question(key)
    ]
    lines += note_rows(lead.answers)
    lines += [Text("data.merged")] if lead.into else []
    visits = [
        Text(
            "card.visit",
            {"day": state.world.here(v.at), "outcome": Text(f"outcome.{v.outcome}"), "note": v.note},
        )
        for v in lead.history
    ]
    fields: dict[str, Field] = {
        "code": lead.code,
        "status": Text(f"status.{lead.status}"),
        "day": state.world.here(lead.created).date(),
        "history": Text("data.history", {"lines": Lines(visits)}) if visits else "",
    }
    return Text("data.lead", {**fields, "lines": Lines(lines)})


def _open_data(state: TurnState) -> Text:
    lines = [
        _item(question.key, question.show(state.session.answers[question.key], state.scene))
        for question in registration.questions
        if question.key in state.session.answers
    ]
    lines += note_rows(state.scene.answers)
    if state.session.held:
        told = " / ".join(state.session.held.split("\n"))
        lines.append(Text("review.item", {"label": Text("data.held"), "value": told}))
    return Text("data.open", {"lines": Lines(lines)}) if lines else Text("data.nothing")


def _item(key: str, value: Field) -> Text:
    return Text("review.item", {"label": Text(f"registration.{key}.label"), "value": value})
