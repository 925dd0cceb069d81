"""What an officer and an owner are told when they write to each other through the bot no more."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.dialogues.officer import lead_button
from conversations.engine.ask import command
from conversations.engine.core import Say, Text
from storage.leads.bridges import Over


def over(one: Over) -> Iterator[tuple[int, Say]]:
    """(person id, what they are told) of each who is told that a bridge is over."""
    if one.officer_person is not None:
        note = (lead_button("note", one.code),) if one.own else ()
        yield one.officer_person, Say(Text("bridge.over_officer", {"code": one.code}), note)
    if one.owner is not None:
        again = (command("reply", one.code),) if one.held else ()
        yield one.owner, Say(Text("bridge.over_owner", {"code": one.code}), again)
