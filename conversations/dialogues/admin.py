"""An admin's work on broadcasts in chat: /siaran, and the buttons of a broadcast's card.

Nothing is read here: the handler (bot/turns/admin.py) writes the reply, as it sees the broadcast under the lock that
protects it, so that an old button is answered by the broadcast's present state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Lines, Press, Say, Scene, Text, Turn
from conversations.engine.effects import ListBroadcasts, TreatBroadcast
from conversations.engine.turn_state import TurnState
from conversations.engine.world import World
from conversations.rules.size import shortened

from .compose import audience_lines, show_when

ACTS = ("show", "test", "start", "approve", "refuse", "pause", "resume", "cancel", "discard", "report")
CHANGE, NEW = "change", "new"

BUTTONS: Mapping[str, tuple[str, ...]] = {  # by state; the first is the likeliest
    "draft": ("test", "start", CHANGE, "discard"),
    "waiting": ("approve", "refuse", "cancel"),
    "scheduled": ("show", "cancel"),
    "planning": ("pause", "cancel", "show"),
    "running": ("pause", "cancel", "show"),
    "paused": ("resume", "cancel", "show"),
    "halted": ("resume", "cancel", "report"),
    "done": ("report",),
    "cancelled": ("report",),
}
WORDS_SHOWN = 120  # characters of a broadcast's text on its card
MINUTES_SHOWN = 120  # a longer time is shown in whole hours
SHOWN = ("sent", "failed", "uncertain", "planned", "parked", "skipped", "cancelled")


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """A broadcast as its card needs it. ``answers`` are those of the composing dialogue.

    ``count``, ``by_channel``, ``seconds``, ``days``, ``waits``, ``cost``: the estimate, of a draft or a waiting
    broadcast (``waits``: persons who get it only once they write); the cost is None where WhatsApp has no part in it,
    "" where its price is not known. ``progress``: how many recipients are in each state, of a broadcast that has begun.
    """

    id: int
    name: str
    state: str
    answers: Mapping[str, Any]
    author: str = ""  # "" for a broadcast from the command line
    own: bool = False  # the viewer is the author
    count: int | None = None
    by_channel: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    days: int = 0
    waits: int = 0
    cost: str | None = None
    start_at: datetime | None = None
    progress: Mapping[str, int] = field(default_factory=dict)
    reason: Text | str = ""
    file: str = ""  # the name of the broadcast's picture or document
    quiet_until: datetime | None = None


def siaran(turn_state: TurnState, value: str) -> Turn:
    """The command /siaran: "" lists broadcasts; "new"; "change:<id>"; else one of ACTS with a broadcast's id,
    "pause:<id>"."""
    officer = turn_state.world.officer
    if officer is None or officer.role != "admin":
        return turn_state.say("siaran.not_yours")
    act, _, number = value.partition(":")
    if act == NEW:
        return turn_state.over("compose").ask_open()
    if act == CHANGE and turn_state.world.draft:
        return turn_state.over("compose", about=number, **turn_state.world.draft).ask_open(Say(Text("siaran.changing")))
    if act in (*ACTS, CHANGE) and number.isdecimal():
        return Turn(turn_state.session, (TreatBroadcast(int(number), "show" if act == CHANGE else act),))
    return Turn(turn_state.session, (ListBroadcasts(),))


def listed(broadcasts: tuple[BroadcastView, ...], world: World) -> Say:
    """The latest broadcasts, each with its state and a button."""
    new = command("siaran", NEW, "siaran.new")
    if not broadcasts:
        return Say(Text("siaran.none"), (new,))
    lines = Lines(Text("siaran.line", {"name": b.name, "state": Text(f"siaran.state.{b.state}")}) for b in broadcasts)
    keys = (Button(_press("show", b), b.name) for b in broadcasts)
    return Say(Text("siaran.list", {"lines": lines}), (new, *keys))


def card(broadcast: BroadcastView, world: World) -> Say:
    """The card of a broadcast: all about it on one screen, with buttons for what can be done."""
    fields: dict[str, Field] = {
        "name": broadcast.name,
        "state": Text(f"siaran.state.{broadcast.state}"),
        **_about(broadcast, world),
    }
    return Say(Text("siaran.card", fields), _buttons(broadcast, world))


def about(broadcast: BroadcastView, world: World) -> Lines:
    """What the card says of a broadcast, below its name and state."""
    return Lines(_about(broadcast, world).values())


def _about(broadcast: BroadcastView, world: World) -> dict[str, Field]:
    return {
        "author": Text("siaran.author", {"name": broadcast.author}) if broadcast.author else "",
        "purpose": Text("siaran.purpose", {"purpose": Text(f"compose.purpose.{broadcast.answers['purpose']}")}),
        "audience": audience_lines(broadcast.answers, world),
        "words": _words(broadcast),
        "file": Text("siaran.file", {"name": broadcast.file}) if broadcast.file else "",
        "size": _size(broadcast),
        "when": _when(broadcast, world),
        "progress": _progress(broadcast),
        "quiet": Text("siaran.quiet", {"when": world.here(broadcast.quiet_until)}) if broadcast.quiet_until else "",
        "reason": Text("siaran.reason", {"reason": broadcast.reason}) if broadcast.reason else "",
    }


def report(name: str, reasons: Sequence[tuple[str, Text | str, int]]) -> Text:
    """The report of a broadcast, from (state, reason, how many)."""
    lines = Lines(
        Text("siaran.report_why", {"state": _state(state), "reason": reason, "count": count})
        if reason
        else Text("siaran.report_line", {"state": _state(state), "count": count})
        for state, reason, count in reasons
    )
    return Text("siaran.report", {"name": name, "lines": lines or Text("siaran.nobody_yet")})


def _buttons(broadcast: BroadcastView, world: World) -> tuple[Button, ...]:
    acts = BUTTONS.get(broadcast.state, ())
    if broadcast.state == "waiting":
        acts = ("cancel",) if broadcast.own else ("approve", "refuse")
    if broadcast.state == "draft" and _is_late(broadcast, world):
        acts = tuple(act for act in acts if act != "start")
    return tuple(_button(act, broadcast) for act in acts)


def _is_late(broadcast: BroadcastView, world: World) -> bool:
    return broadcast.start_at is not None and broadcast.start_at <= world.now


def _button(act: str, broadcast: BroadcastView) -> Button:
    label = Text(f"siaran.{act}")
    if act == "report":
        label = Text("siaran.report_button")
    if act == "start" and broadcast.start_at:
        label = Text("siaran.schedule")
    return Button(_press(act, broadcast), label)


def _press(act: str, broadcast: BroadcastView) -> Press:
    return Press("command", "siaran", f"{act}:{broadcast.id}")


def _words(broadcast: BroadcastView) -> Field:
    """The beginning of a broadcast's text, on one line; "" once the words were purged."""
    words = " ".join(broadcast.answers.get("words", "").split())
    cut = shortened(words, WORDS_SHOWN)
    return Text("siaran.words", {"words": cut}) if cut else ""


def _size(broadcast: BroadcastView) -> Field:
    """The estimate of a broadcast: persons by channel, time, who gets it only later, cost."""
    if broadcast.count is None:
        return ""
    channels = Lines(
        Text("siaran.channel", {"channel": Text(f"channel.{name}"), "count": count})
        for name, count in sorted(broadcast.by_channel.items())
    )
    fields: dict[str, Field] = {
        "count": broadcast.count,
        "channels": channels if len(channels) > 1 else "",
        "time": _time(broadcast),
        "waits": Text("siaran.waits", {"count": broadcast.waits}) if broadcast.waits else "",
        "cost": _cost(broadcast.cost),
    }
    return Text("siaran.size", fields)


def _cost(cost: str | None) -> Field:
    if cost is None:
        return ""
    return Text("siaran.cost", {"cost": cost}) if cost else Text("siaran.cost_unknown")


def _time(broadcast: BroadcastView) -> Text:
    if broadcast.days:
        return Text("siaran.days", {"count": broadcast.days + 1})
    minutes = round(broadcast.seconds / 60)
    if minutes >= MINUTES_SHOWN:
        return Text("siaran.hours", {"count": round(minutes / 60)})
    return Text("siaran.minutes", {"count": minutes}) if minutes else Text("siaran.at_once")


def _when(broadcast: BroadcastView, world: World) -> Field:
    return starts(broadcast.start_at, world) if broadcast.state in ("draft", "waiting", "scheduled") else ""


def starts(at: datetime | None, world: World) -> Field:
    """When a broadcast is to start; "" for at once."""
    if at is None:
        return ""
    when = show_when(world.here(at).isoformat(), Scene({}, world))
    return Text("siaran.starts", {"when": when}) if at > world.now else Text("siaran.starts_late", {"when": when})


def _progress(broadcast: BroadcastView) -> Field:
    """The progress of a broadcast: arrived, failed, still to go, waiting for somebody to write; in the words of the
    states."""
    arrived = sum(broadcast.progress.get(state, 0) for state in ("sent", "delivered", "read"))
    to_go = sum(broadcast.progress.get(state, 0) for state in ("planned", "due", "sending"))
    counts = {**broadcast.progress, "sent": arrived, "planned": to_go}
    rows = [
        Text("siaran.progress_line", {"state": _state(state), "count": counts[state]})
        for state in SHOWN
        if counts.get(state)
    ]
    return Lines(rows) if broadcast.progress else ""


def _state(state: str) -> Text:
    return Text(f"siaran.copy.{state}")
