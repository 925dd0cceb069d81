"""The interface of every channel: a translator between a platform and three plain values.

``Inbound`` comes in, ``Outgoing`` goes out, ``SendStatus`` or ``SendFailed`` is the result of sending. A channel knows
nothing of dialogues, leads or the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, runtime_checkable

from conversations.engine.core import Heard, Press

BOLD_ON, BOLD_OFF = "\ue000", "\ue001"  # private-use marks around bold text; a channel writes them its own way
KEPT_KEYS = frozenset({"lead", "command"})  # dialogues whose buttons stay: a card lives on, a command may come again


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event at a channel: something that one person did there.

    ``account`` is the bot (its id) or number that received the event, ``external_id`` the platform's id of the event,
    unique within the account. ``address`` is where an answer goes (chat id, WhatsApp user id). ``callback`` is what a
    channel needs to settle a pressed button; ``under`` the platform's id of the message with that button. ``phone`` is
    set only when the channel itself vouches that it is the sender's. ``profile`` is the name that the person gave
    themselves on the platform: offered to them, and an answer only once they take it. ``reach`` tells what changed about
    reaching the person, when nobody said anything: "blocked" or "back", "stopped" or "resumed" (the platform's own switch
    for news), "moved" (``was`` is the address that they had until now). ``quotes`` is the platform's id of the message
    that words reply to.
    """

    channel: str
    account: str
    external_id: str
    address: str
    heard: Heard
    at: datetime
    callback: str = ""
    under: str = ""
    phone: str = ""
    profile: str = field(default="", repr=False)
    reach: str = ""
    was: str = ""
    quotes: str = ""


@dataclass(frozen=True, slots=True)
class PlatformStatus:
    """A platform's receipt for a message that it had accepted.

    ``ref`` is the ``Outgoing.ref`` that the message was sent with (0: unknown), ``state`` one of sent, delivered, read,
    failed (then ``failed`` says why). ``category`` and ``billable`` as the platform bills the message, where it told.
    """

    channel: str
    account: str
    external_id: str
    ref: int
    state: str
    at: datetime
    failed: SendFailed | None = None
    category: str = ""
    billable: bool | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A platform's notice about our account, not about a person.

    ``kind``: "template" (``name`` in ``language`` now has this ``status``, or this ``category``) or "account"
    (``status`` is the platform's word for what happened, or the number of an error).
    """

    channel: str
    account: str
    kind: str
    name: str = ""
    language: str = ""
    status: str = ""
    category: str = ""


class Key(NamedTuple):
    """A button as sent: its label, and the ``data`` that a press gives back. ``url`` makes it a link.

    ``note`` is a second line where a channel shows choices as a list of rows.
    """

    label: str
    data: str = ""
    url: str = ""
    note: str = ""


class Template(NamedTuple):
    """A message template filled for one message, for a person whose service window is closed; templates are approved
    beforehand, by name.

    ``fields`` fill its body in order, ``data`` are what its quick-reply buttons give back, in order.
    """

    name: str
    language: str
    category: str  # utility | marketing
    fields: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


class Media(NamedTuple):
    """A picture ("photo") or a "document" that goes with a message: the file's name, type and content."""

    kind: str
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as sent. Bold stands between ``BOLD_ON`` and ``BOLD_OFF``; nothing else is markup.

    ``edits`` is the platform's id of an earlier message to be replaced (sent anew where the channel cannot replace).
    ``menu`` names the role whose commands this chat shows from now on. ``language`` is that of the text, for words that
    the channel itself adds ("": the source language). ``contact_label`` asks for the share-my-number button with this
    label. ``file`` is a document: (name, text). ``media`` is a picture or document of a broadcast. ``template``
    replaces the whole message where the service window is closed. ``ref`` is the outbox row, for platforms that give it
    back in receipts. ``asks`` is the question ("dialogue.question") that the message ends with, for words that reply to it.
    """

    text: str
    keys: tuple[tuple[Key, ...], ...] = ()
    edits: str = ""
    contact_label: str = ""
    file: tuple[str, str] | None = None
    menu: str = ""
    language: str = ""
    media: Media | None = None
    template: Template | None = None
    ref: int = 0
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a channel, in characters unless said otherwise. 0 buttons: choices are written as a numbered list."""

    text: int
    buttons: int
    label: int
    row_label: int = 0  # a list of rows (WhatsApp), where there is one
    rows: int = 0
    per_row: int = 2  # how many short buttons stand side by side
    edits: bool = True  # whether an earlier message can be replaced
    shares_contact: bool = False  # whether a person can hand over their own number by a button
    with_buttons: int = 0  # characters of text that may stand above buttons; 0: as many as without
    with_rows: int = 0  # characters of text that may stand above a list of rows; 0: as many as without
    contact_alone: bool = False  # whether a message that asks for the person's number has no other buttons
    window: timedelta | None = None  # service window after a person's last message; afterwards templates only
    chat_gap: float = 0.0  # seconds between any message and the next notice or bulk message in one chat
    burst: int = 0  # replies that one chat may get at once, then one per chat_gap; 0: until the platform says to wait


@dataclass(frozen=True, slots=True)
class SendStatus:
    """The result of a message that the platform accepted; ``external_id`` is the platform's id of the message."""

    external_id: str


class SendFailed(Exception):  # noqa: N818 - named for what happened
    """Raised when a message did not go out.

    ``gone``: this person cannot be reached until they write again (blocked, deactivated, no such chat).
    ``retry_after``: seconds to wait, where the platform names them; ``wide``: the wait holds for the whole account.
    Neither gone nor ``permanent``: worth another try. ``closed``: the person's service window is closed, so only a
    template may go. ``halts``: no other message of this broadcast would fare better. ``alert``: an operator must act.
    ``unsure``: the connection broke after the message was handed over, so it may have been sent. ``silent``: the
    platform itself has said nothing (no connection, a page of a proxy in between), which never ends a message.
    """

    def __init__(
        self,
        reason: str,
        *,
        gone: bool = False,
        permanent: bool = False,
        retry_after: float | None = None,
        wide: bool = False,
        closed: bool = False,
        halts: bool = False,
        alert: bool = False,
        unsure: bool = False,
        silent: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.gone, self.permanent, self.silent = reason, gone, permanent, silent
        self.retry_after, self.wide = retry_after, wide
        self.closed, self.halts, self.alert, self.unsure = closed, halts, alert, unsure


Take = Callable[[Inbound], Awaitable[Any]]
"""As ``Receive``, for a channel that gives no receipts and no notices."""

Receive = Callable[[Inbound | PlatformStatus | Notice], Awaitable[Any]]
"""Hands one event to the turn writer; returns once it is committed. Raises ``Unavailable`` when the database is away."""


class Unavailable(Exception):  # noqa: N818 - named for what is so
    """Raised when an event could not be stored just now: the platform shall bring it again (503, offset not moved)."""


class Channel(Protocol):
    """A platform's channel. ``start`` begins receiving, ``stop`` ends it; ``send`` delivers one message to one address."""

    name: str
    account: str
    limits: Limits

    async def start(self, receive: Receive) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, address: str, message: Outgoing) -> SendStatus: ...

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Answer a pressed button and take its keyboard away, once the turn is committed; failures do not matter."""


@runtime_checkable
class InPublic(Protocol):
    """A channel that people find by a name: a bot's user name, a number."""

    async def public_name(self) -> str:
        """The name as links have it: a user name without "@", a number without "+"; "" where the platform does not say."""
        ...


def encode(press: Press) -> str:
    """The data of a button for a press: ``dialogue.question=value~nonce``.

    Raises ValueError past 64 bytes, Telegram's limit (https://core.telegram.org/bots/api#inlinekeyboardbutton).

    >>> encode(Press("registration", "workers", "2", "t1k2"))
    'registration.workers=2~t1k2'
    """
    data = f"{press.dialogue}.{press.question}={press.value}~{press.nonce}"
    if len(data.encode()) > 64:
        raise ValueError(f"button data over 64 bytes: {press.dialogue}.{press.question}")
    return data


def decode(data: str) -> Press | None:
    """The press for the data of a button; None when the data is not ours.

    >>> decode("registration.workers=2~t1k2")
    Press(dialogue='registration', question='workers', value='2', nonce='t1k2')
    >>> decode("something else") is None
    True
    """
    path, equals, rest = data.partition("=")
    dialogue, dot, question = path.partition(".")
    value, _, nonce = rest.rpartition("~") if "~" in rest else (rest, "", "")
    if not (equals and dot and dialogue and question):
        return None
    return Press(dialogue, question, value, nonce)
