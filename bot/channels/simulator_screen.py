"""The screen of one phone of the simulator: the messages that stand on it, with their buttons and ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from conversations.engine.core import Heard, Press

from .base import KEPT_KEYS, Inbound, Key, Outgoing, decode, encode

KEPT = 200  # messages on one screen; the oldest go first

GOING, UNSENT, SENT, ANSWERED = "going", "unsent", "sent", "answered"
START = "/start"  # what Telegram sends when a chat is opened; nobody has written it

Wake = Callable[[str], None]
"""Called when a screen has changed, with the words of a toast or with ""."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a screen; two messages that look the same are equal bubbles.

    ``own``: written on this phone, and then ``state`` is one of ``GOING``, ``UNSENT``, ``SENT``, ``ANSWERED``. A
    message of the bot has no state, or ``UNSENT`` when the press of one of its buttons did not get through. ``what``
    names a message that is not words ("photo", "contact", …). ``chosen`` is the label of the button that was pressed,
    once the buttons are gone. ``edition`` counts how often the bot has replaced the message.
    """

    id: str
    own: bool
    at: datetime
    text: str = ""
    what: str = ""
    state: str = ""
    keys: tuple[tuple[Key, ...], ...] = ()
    chosen: str = ""
    contact_label: str = ""
    file: tuple[str, str] | None = None
    edition: int = 0


class PastEvent(NamedTuple):
    """What the person wrote or pressed earlier; ``id`` is that of the event."""

    id: str
    at: datetime
    heard: Heard


class PastMessage(NamedTuple):
    """What the bot sent earlier; ``id`` is that of the message."""

    id: str
    at: datetime
    message: Outgoing


@dataclass(slots=True)
class Screen:
    """The screen of one phone. ``renewed``: the phone was in use before this process began, and what stood on it is not
    shown again. ``recalled``: what stood on it has been looked for."""

    bubbles: dict[str, Bubble] = field(default_factory=dict)
    renewed: bool = False
    recalled: bool = False
    typing: bool = False
    listeners: list[Wake] = field(default_factory=list)
    unsent: dict[str, Inbound] = field(default_factory=dict)
    pressed: dict[str, str] = field(default_factory=dict)  # by message, the label of the button that was pressed last

    def put(self, bubble: Bubble) -> None:
        """Show a bubble: in place of the bubble with the same id, or as the newest."""
        self.bubbles[bubble.id] = bubble
        while len(self.bubbles) > KEPT:
            gone = next(iter(self.bubbles))
            del self.bubbles[gone]
            self.unsent.pop(gone, None)
            self.pressed.pop(gone, None)

    def mark(self, bubble_id: str, state: str) -> None:
        """Set the state of a bubble, if it is still on the screen."""
        if bubble := self.bubbles.get(bubble_id):
            self.bubbles[bubble_id] = replace(bubble, state=state)

    def tell(self, message_id: str, at: datetime, message: Outgoing) -> None:
        """Show a message of the bot: in place of the message with the same id, or as the newest.

        What the person wrote before is answered by it, and the question before is no longer open.
        """
        earlier = self.bubbles.get(message_id)
        for old in tuple(self.bubbles.values()):
            if old.state in (GOING, SENT):
                self.mark(old.id, ANSWERED)
            elif old.id != message_id and _is_over(old, message):
                self.bubbles[old.id] = replace(old, keys=())
        self.ask_no_more()
        self.unsent.pop(message_id, None)
        self.put(
            Bubble(
                id=message_id,
                own=False,
                at=earlier.at if earlier else at,
                text=message.text,
                keys=message.keys,
                contact_label=message.contact_label,
                file=message.file,
                what=message.media.kind if message.media else "",
                edition=earlier.edition + 1 if earlier else 0,
            )
        )

    def press(self, message_id: str, pressed: Press) -> None:
        """Note which button was pressed: the answer may close the question before the press is settled."""
        data = encode(pressed)
        keys = (key for row in self.bubbles[message_id].keys for key in row)
        if label := next((key.label for key in keys if key.data == data), ""):
            self.pressed[message_id] = label

    def settle(self, message_id: str) -> None:
        """Take the buttons of a message away, and show which was pressed."""
        bubble = self.bubbles[message_id]
        self.bubbles[message_id] = replace(bubble, keys=(), chosen=self.pressed.pop(message_id, bubble.chosen))

    def ask_no_more(self) -> None:
        """Take the share-my-number buttons away."""
        for bubble in tuple(self.bubbles.values()):
            if bubble.contact_label:
                self.bubbles[bubble.id] = replace(bubble, contact_label="")

    def recall(self, past: Iterable[PastEvent | PastMessage] | None) -> None:
        """Show again what was said before this process began, oldest first, above what has been said since. None: nobody
        has used this phone."""
        before = Screen()
        for one in past or ():
            if isinstance(one, PastMessage):
                before.tell(one.id, one.at, one.message)
            elif one.heard.pressed:
                before._press_again(one.heard.pressed)
            elif one.heard.text != START:
                text, what = shown_as(one.heard)
                before.put(Bubble(one.id, own=True, at=one.at, text=text, what=what, state=SENT))
        self.renewed = past is not None and not before.bubbles
        self.bubbles = {**before.bubbles, **self.bubbles}
        self.recalled = True

    def _press_again(self, pressed: Press) -> None:
        data = encode(pressed)
        for bubble in reversed(tuple(self.bubbles.values())):
            if any(key.data == data for row in bubble.keys for key in row):
                self.press(bubble.id, pressed)
                self.settle(bubble.id)
                return

    def wake(self, toast: str = "") -> None:
        for listener in tuple(self.listeners):
            listener(toast)


def shown_as(heard: Heard) -> tuple[str, str]:
    """The words, and the kind where it is no text, of what a person has sent."""
    if heard.contact:
        return heard.contact.phone, "contact"
    start = f"{START} {heard.start}" if heard.start else ""
    return " ".join(filter(None, (start, heard.text))), heard.other


def _is_over(old: Bubble, newer: Outgoing) -> bool:
    """Whether a message whose buttons are still there asks nothing any more, now that a newer message has come.

    Only the newest question is open: the buttons of an earlier one that was answered in words would answer it again.
    Cards and commands ask nothing, and keep theirs.
    """
    asked = _questions(old.keys)
    return bool(asked) and bool(newer.asks or asked & _questions(newer.keys))


def _questions(keys: Iterable[Iterable[Key]]) -> set[tuple[str, str]]:
    presses = filter(None, (decode(key.data) for row in keys for key in row))
    return {(press.dialogue, press.question) for press in presses if press.dialogue not in KEPT_KEYS}
