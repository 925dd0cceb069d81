"""Telegram in plain values: an update of the Bot API becomes ``Inbound``, ``Outgoing`` becomes a call. Pure.

Shared by the drivers, which differ in the library that carries the calls. Updates are read as they come (decoded JSON):
a part that is not of the shape that https://core.telegram.org/bots/api describes is passed over, never an error, for an
update that is refused would be brought again for a day.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from conversations.engine.core import Contact, Heard, Press
from conversations.rules.size import beginning, size

from .base import BOLD_OFF, BOLD_ON, KEPT_KEYS, Inbound, Key, Limits, Media, Outgoing, SendFailed, decode
from .linked_words import after_start, of_a_ready_text

NAME = "telegram"
# One message a second in a chat; Telegram lets short bursts through, such as replies:
# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
LIMITS = Limits(text=4096, buttons=20, label=60, per_row=2, shares_contact=True, chat_gap=1.0)
CAPTION = 1024  # characters that may stand under a file
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

Update = Mapping[str, Any]

_DATA_BYTES = 64
_ID_BITS = 52  # "at most 52 significant bits", https://core.telegram.org/bots/api#chat

# Kinds of messages that we cannot read, by their field, and the conversation's name of each. The order matters: an
# animation comes with a document beside it, a venue with a location.
_CONTENT = {
    "photo": "photo", "live_photo": "photo", "voice": "voice", "audio": "voice", "video": "video",
    "video_note": "video", "animation": "video", "sticker": "sticker", "venue": "location", "location": "location",
    "document": "document", "paid_media": "photo", "poll": "poll",
}  # fmt: skip

# Service messages of the platform about the chat, in which nobody said anything.
_SERVICE = (
    "pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "write_access_allowed",
    "connected_website", "users_shared", "chat_shared", "gift", "unique_gift", "gift_upgrade_sent", "boost_added",
    "proximity_alert_triggered", "successful_payment", "refunded_payment", "checklist_tasks_done",
    "checklist_tasks_added", "web_app_data", "managed_bot_created", "forum_topic_created", "forum_topic_edited",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- what comes in


def inbound(update: Any, account: str, clock: Callable[[], datetime]) -> Inbound | None:
    """The event of an update; None when the update is not for us: groups, channels, other bots, unknown kinds.

    ``clock`` dates events without a date of their own: pressed buttons.
    """
    event = update.get("update_id") if isinstance(update, Mapping) else None
    if not isinstance(event, int) or isinstance(event, bool):
        return None
    for kind, read in _READERS.items():
        if isinstance(what := update.get(kind), Mapping):
            return read(what, _Envelope(account, str(event), clock()))
    return None


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The values that all events of an update share."""

    account: str
    event: str
    now: datetime

    def put(self, address: str, heard: Heard, date: Any = None, **more: str) -> Inbound:
        return Inbound(NAME, self.account, self.event, address, heard, _moment(date, self.now), **more)


def _message(message: Update, envelope: _Envelope) -> Inbound | None:
    address = _private(message)
    if not address:
        return None
    sender = _part(message, "from")
    contact = message.get("contact")
    if isinstance(contact, Mapping):
        heard = _contact(contact, sender)
    elif isinstance(text := message.get("text"), str) and text:
        heard = _words(text)
    elif any(note in message for note in _SERVICE):
        return None
    else:
        kind = next((name for kind, name in _CONTENT.items() if kind in message), "unknown")
        heard = replace(_words(_beside(message)), other=kind)
    return envelope.put(address, heard, message.get("date"), quotes=_quoted(message), profile=_profile(sender))


def _quoted(message: Update) -> str:
    """The id of a message of ours that this message replies to; "" for none."""
    quoted = _part(message, "reply_to_message")
    return _id(quoted.get("message_id")) if _part(quoted, "from").get("is_bot") is True else ""


def _profile(sender: Update) -> str:
    """The first name on the sender's profile, as they wrote it; "" for none."""
    name = sender.get("first_name")
    return name if isinstance(name, str) else ""


def _beside(message: Update) -> str:
    """The words that came with a message that is not text: a caption, or the name and address of a place."""
    venue = _part(message, "venue")
    found = (message.get("caption"), venue.get("title"), venue.get("address"))
    return ", ".join(each for each in found if isinstance(each, str) and each)


def _words(text: str) -> Heard:
    """The event of a text: a deep link's payload, a command without the name of the bot behind it, or just words.

    >>> _words("/start pasar-gede").start, _words("/Status@RangkulBot").text, _words("/start mau daftar").text
    ('pasar-gede', '/Status', 'mau daftar')
    """
    if not text.startswith("/"):
        return of_a_ready_text(text)
    command, *rest = text.split(maxsplit=1)
    command = command.partition("@")[0]
    if command == "/start" and rest:
        return after_start(rest[0].strip())
    return Heard(text=" ".join((command, *rest)).strip())


def _contact(contact: Update, sender: Update) -> Heard:
    number = contact.get("phone_number")
    phone = international(number) if isinstance(number, str) else ""
    if not phone:
        return Heard(other="contact")
    return Heard(contact=Contact(phone, own=_id(contact.get("user_id")) == _id(sender.get("id")) != ""))


def international(number: str) -> str:
    """A shared number in E.164; "" for none. Telegram gives one's own without "+"; cards from a phone book are as
    people wrote them.

    >>> international("6281234567890"), international("+62 812-3456-7890"), international("0812 3456 7890")
    ('+6281234567890', '+6281234567890', '+6281234567890')
    """
    digits = re.sub(r"[^0-9]", "", number)
    if digits.startswith("0"):
        digits = f"62{digits.removeprefix('0')}"
    return f"+{digits}" if 5 <= len(digits) <= 15 else ""


def _edited(message: Update, envelope: _Envelope) -> Inbound | None:
    address = _private(message)
    if not address or not ("text" in message or "caption" in message):
        return None  # a live location moves on by edits, and nobody asked for an answer
    return envelope.put(address, Heard(other="edited"), message.get("edit_date"))


def _callback(query: Update, envelope: _Envelope) -> Inbound | None:
    """The event of a pressed button. Data that is not ours counts as unknown, for the button must be answered all the
    same."""
    callback, sender, message = query.get("id"), _part(query, "from"), _part(query, "message")
    chat = _part(message, "chat") or {**sender, "type": "private"}  # a message too old to be shown comes without
    address = _private({"chat": chat, "from": sender})
    if not address or not isinstance(callback, str) or not callback:
        return None
    pressed = _press(query.get("data"))
    heard = Heard(pressed=pressed) if pressed else Heard(other="unknown")
    under = _id(message.get("message_id"))
    return envelope.put(address, heard, callback=callback, under=under, profile=_profile(sender))


def _press(data: Any) -> Press | None:
    """The press for a button's data; None for data that is not ours. A doctored app may send any bytes, also such as no
    database takes."""
    if not isinstance(data, str) or len(data.encode(errors="replace")) > _DATA_BYTES or not data.isprintable():
        return None
    return decode(data)


_REACH = {"kicked": "blocked", "member": "back"}


def _membership(change: Update, envelope: _Envelope) -> Inbound | None:
    """The event of a person who blocked the bot, or took that back."""
    address = _private(change)
    status = _part(change, "new_chat_member").get("status")
    reach = _REACH.get(status, "") if isinstance(status, str) else ""
    return envelope.put(address, Heard(), change.get("date"), reach=reach) if address and reach else None


_READERS: Mapping[str, Callable[[Update, _Envelope], Inbound | None]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _callback,
    "my_chat_member": _membership,
}


def _private(holder: Update) -> str:
    """The address of the private chat, with a person, in which something happened; "" for any other chat."""
    chat = _part(holder, "chat")
    if chat.get("type") != "private" or _part(holder, "from").get("is_bot") is True:
        return ""
    return _person(chat)


def _person(holder: Update) -> str:
    identity = _id(holder.get("id"))
    return identity if identity and 0 < int(identity) < 1 << _ID_BITS else ""


def _id(value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else ""


def _part(holder: Update, name: str) -> Update:
    part = holder.get(name)
    return part if isinstance(part, Mapping) else {}


def _moment(date: Any, now: datetime) -> datetime:
    """The time of epoch seconds, in the zone of ``now``; ``now`` itself for any other value."""
    if not isinstance(date, int) or isinstance(date, bool) or not 0 < date < 1 << 33:
        return now
    return datetime.fromtimestamp(date, now.tzinfo)


# ---------------------------------------------------------------------------------------------- what goes out


@dataclass(frozen=True, slots=True)
class Call:
    """One call: a method of the Bot API with its parameters as JSON. ``file`` is uploaded as the parameter named by its
    kind."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    file: Media | None = None


def call(address: str, message: Outgoing) -> Call:
    """The call that shows a message in a chat.

    Raises SendFailed for a text under a file that is longer than a caption: it belongs into a message of its own.
    """
    params: dict[str, Any] = {"chat_id": int(address)}
    if file := _file(message):
        if size(message.text) > CAPTION:
            raise SendFailed("caption too long", permanent=True)
        caption = {"caption": markup(message.text), "parse_mode": "HTML"} if message.text else {}
        inline = {"reply_markup": _inline(message.keys)} if message.keys else {}
        return Call("sendPhoto" if file.kind == "photo" else "sendDocument", params | caption | inline, file)
    params |= {"text": markup(message.text), "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    if message.edits:
        inline = {"reply_markup": _inline(message.keys)} if message.keys else {}  # without it the buttons go away
        return Call("editMessageText", params | {"message_id": int(message.edits)} | inline)
    return Call("sendMessage", params | {"reply_markup": _keyboard(message)})


def parted(message: Outgoing) -> tuple[Outgoing, ...]:
    """The messages to show for one message: the text of a picture, where it is longer than a caption, goes alone behind
    it."""
    if not message.media or size(message.text) <= CAPTION:
        return (message,)
    return (replace(message, text="", keys=()), replace(message, media=None))


def _file(message: Outgoing) -> Media | None:
    if message.file:
        name, text = message.file
        return Media("document", name, "text/plain; charset=utf-8", text.encode())
    return message.media


def markup(text: str) -> str:
    """A text as Telegram's HTML: only our bold marks become markup, and each <b> is closed.

    >>> markup(f"{BOLD_ON}Warung <Bu Siti>{BOLD_OFF} & co")
    '<b>Warung &lt;Bu Siti&gt;</b> &amp; co'
    """
    bold = _BOLD.sub(_as_bold, html.escape(text, quote=False))
    return bold.replace(BOLD_ON, "").replace(BOLD_OFF, "")


def _as_bold(found: re.Match[str]) -> str:  # a function, as re parses a replacement template anew each time
    return f"<b>{found[1]}</b>"


_BOLD = re.compile(f"{BOLD_ON}([^{BOLD_ON}{BOLD_OFF}]+){BOLD_OFF}")


def _keyboard(message: Outgoing) -> dict[str, Any]:
    """The reply markup of a message: buttons under it; or the share-my-number button in the keyboard's place; without
    either, that button is taken away."""
    if message.contact_label:
        share = [{"text": message.contact_label, "request_contact": True}]
        others = [[{"text": key.label} for key in row] for row in message.keys]
        return {"keyboard": [share, *others], "resize_keyboard": True, "one_time_keyboard": True}
    return _inline(message.keys) if message.keys else {"remove_keyboard": True}


def _inline(keys: tuple[tuple[Key, ...], ...]) -> dict[str, Any]:
    return {"inline_keyboard": [[_button(key) for key in row] for row in keys]}


def _button(key: Key) -> dict[str, str]:
    return {"text": key.label, "url": key.url} if key.url else {"text": key.label, "callback_data": key.data}


def settlement(inbound: Inbound, toast: str) -> tuple[Call, ...]:
    """The calls after a pressed button: the button is answered, or it would go on spinning, and its keyboard is taken
    away."""
    note = {"text": beginning(toast, 200)} if toast else {}
    answer = Call("answerCallbackQuery", {"callback_query_id": inbound.callback, **note})
    pressed = inbound.heard.pressed
    if not inbound.under or (pressed and pressed.dialogue in KEPT_KEYS):
        return (answer,)
    where = {"chat_id": int(inbound.address), "message_id": int(inbound.under)}
    return (answer, Call("editMessageReplyMarkup", where))
