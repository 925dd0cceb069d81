"""The one message in which an officer is told of all that waits for them at a moment."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.engine.ask import command
from conversations.engine.core import Lines, Say, Text
from conversations.engine.world import Lead, World
from conversations.rules.reminders import appointment_notes, broken_promises

from .lead_lists import MOST_SHOWN, also_offered, due
from .officer import lead_button, show_button


def duty(
    due_now: Sequence[Lead],
    named: Sequence[Lead],
    broken: Sequence[str],
    lent: Sequence[str],
    world: World,
    counts: tuple[int, int] = (0, 0),
) -> Say | None:
    """What is due, what owners named a time for, whose promise was broken, and what others may take too (codes); None
    where there is nothing. ``counts``: how many are due, and how many are lent, where there are more than are given."""
    parts = [
        *((due(due_now, world, counts[0]),) if due_now or counts[0] else ()),
        *((appointment_notes(named, world),) if named else ()),
        *((broken_promises(broken),) if broken else ()),
        *((also_offered(lent, counts[1]),) if lent or counts[1] else ()),
    ]
    if len(parts) < 2:
        return parts[0] if parts else None
    codes = dict.fromkeys((*(lead.code for lead in (*due_now, *named)), *broken, *lent))
    keys = [show_button(code) for code in codes][: MOST_SHOWN - 1]
    keys += [lead_button("note", code) for code in codes if len(codes) == 1]
    return Say(Text("next.together", {"lines": Lines(part.text for part in parts)}), (command("tasks"), *keys))
