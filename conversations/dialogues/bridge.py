"""Through the bot: while a bridge stands, what an officer and an owner write goes to each other, and the bot is silent.

Buttons, commands with a stroke, and what may not be left to anybody else (a stop, an erasure, a complaint about the very
officer) go to the bot as ever; numbers that may be somebody's key go nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.engine.core import Button, Document, Effect, Press, Say, Text, Turn
from conversations.engine.effects import (
    EndBridge,
    FindLeads,
    ListTasks,
    ListTasksOf,
    ListTeam,
    ListUntaken,
    LookedAt,
    OpenBridge,
    Relay,
)
from conversations.engine.turn_state import TurnState
from conversations.hear.one_time_codes import may_be_key

# Dialogues over which a bridge goes: others (an outcome being noted, an erasure being confirmed) get the answers they wait for.
OVER = frozenset({"home", "registration", "news"})
# Wishes that only the bot can fulfil; and of an owner those that the officer must not be the one to hear.
OBEYED = frozenset({"stop", "resume", "delete_data", "withdraw"})
OF_OWNER = OBEYED | {"show_data", "export_data", "complaint", "faq:impostor"}
_ONLY_SAYING = (Say, Document, LookedAt, ListTasks, ListTasksOf, ListTeam, ListUntaken, FindLeads)


def open_by_owner(state: TurnState, code: str) -> Turn | None:
    """Open the bridge from an owner's side: of this lead, or of the newest that an officer has; None where nobody has one."""
    held = [lead for lead in state.world.open_leads if lead.officer_id is not None]
    chosen = next((lead for lead in held if lead.code == code), held[-1] if held and not code else None)
    return Turn(state.session, (OpenBridge(chosen.code, by_officer=False),)) if chosen else None


def bridge_end(state: TurnState, code: str) -> Turn:
    """End the bridge of this lead; the handler says so where there is none."""
    if state.session.dialogue == "home" or not state.session.asked:
        return Turn(state.session, (EndBridge(code),))
    return state.ask_again(EndBridge(code))


def bridged(state: TurnState) -> Turn | None:
    """Rung: words of somebody with an open bridge are the other's."""
    bridge, heard = state.world.bridge, state.heard
    if bridge is None or state.session.dialogue not in OVER or heard.pressed or heard.contact or heard.start:
        return None
    if state.world.invitation or state.world.join_code:
        return None
    text = heard.text.strip()
    if text and _ends(state, text):
        return bridge_end(state, bridge.code)
    if may_be_key(text):
        return Turn(state.session, (Say(Text("bridge.secret")),))
    if text and (text.startswith("/") or _is_obeyed(state, text, OBEYED if bridge.officer else OF_OWNER)):
        return None
    passed: tuple[Effect, ...] = (Relay(bridge.code, text),) if text else ()
    left_out = (Say(Text("bridge.words_only")),) if heard.other and heard.other != "reaction" else ()
    return Turn(state.session, (*passed, *left_out))


def _ends(state: TurnState, text: str) -> bool:
    return state.world.knows.ear.choices.exact(text, "bridge.command", ("end",)) is not None


def _is_obeyed(state: TurnState, text: str, wishes: frozenset[str]) -> bool:
    ear = state.world.knows.ear
    if ear.choices.exact(text, "owner.command", tuple(wishes)):
        return True
    return ear.intents.read(text, "done", lambda: False)[0] in wishes


def still_open(state: TurnState, turn: Turn) -> tuple[Say, ...]:
    """Told beside what the bot has said meanwhile: words still go to the other side."""
    bridge = state.world.bridge
    if (
        bridge is None
        or turn.session.dialogue not in OVER
        or not any(isinstance(e, _ONLY_SAYING) for e in turn.effects)
    ):
        return ()
    if not all(isinstance(effect, _ONLY_SAYING) for effect in turn.effects) or _is_own(turn.effects):
        return ()
    return (Say(Text("bridge.still_officer" if bridge.officer else "bridge.still_owner", {"code": bridge.code})),)


def _is_own(effects: Sequence[Effect]) -> bool:
    """Whether a turn is one of the bridge itself."""
    return any(isinstance(effect, Say) and effect.text.key.startswith("bridge.") for effect in effects)


def end_button(code: str) -> Button:
    return Button(Press("command", "bridge_end", code), Text("command.bridge_end"))
