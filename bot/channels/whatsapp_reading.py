"""The events in a webhook body of the Cloud API: messages, statuses, preferences and notices. Pure.

Read as it comes (decoded JSON): Meta puts several entries, changes, messages and statuses into one body, in no order. A
part that is not of the shape that
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference describes is passed over,
never an error, for a body that is refused would be brought again for a week.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from conversations.engine.core import Contact, Heard, Press

from .base import Inbound, Notice, PlatformStatus, decode
from .linked_words import of_a_ready_text
from .whatsapp import NAME
from .whatsapp_payload import Part, address, international, mark, moment, part, parts, text
from .whatsapp_statuses import notices, statuses

Event = Inbound | PlatformStatus | Notice

_DATA = re.compile(r"[\x20-\x7e]{1,256}")  # the data of our buttons is plain ASCII
_AD_DIGITS = 12  # the last digits of an ad's number tell it from others; all digits would look like an identity number

# Types of messages that we cannot read, and the conversation's name of each. A message that was deleted
# is like one that was changed: the answer that it gave stays as it was.
_CONTENT = {
    "image": "photo", "audio": "voice", "video": "video", "sticker": "sticker", "location": "location",
    "document": "document", "reaction": "reaction", "edit": "edited", "revoke": "edited",
}  # fmt: skip
_MOVES = ("user_changed_number", "customer_changed_number", "user_changed_user_id")
_PREFERENCES = {"stop": "stopped", "resume": "resumed"}


def events(body: Any, account: str, waba: str, clock: Callable[[], datetime]) -> list[Event]:
    """All events in a body for this number (``account``, its id) and its business account (``waba``).

    Events of people come in the order in which they happened, as far as the body tells. ``clock`` dates those without
    date.
    """
    now = clock()
    found: list[Event] = []
    for entry in parts(body, "entry"):
        for change in parts(entry, "changes"):
            value, field = part(change, "value"), text(change.get("field"))
            if field in ("messages", "user_preferences"):
                if part(value, "metadata").get("phone_number_id") == account:
                    found += _of_people(_Value(value, account, now))
                    found += statuses(value, account, now)
            elif entry.get("id") == waba:
                found += notices(field, value, account)
    return sorted(found, key=lambda event: event.at if isinstance(event, Inbound) else now)


@dataclass(frozen=True, slots=True)
class _Value:
    """The values that all events of a change share."""

    value: Part
    account: str
    now: datetime

    def put(self, event: str, sender: Part, heard: Heard, date: Any, **more: str) -> Inbound | None:
        """The event of the person whose ids stand in ``sender``; None without an id."""
        who = _address(sender)
        if not who or not event:
            return None
        phone, profile = international(sender.get("from")), self._profile(sender)
        at = moment(date, self.now)
        return Inbound(NAME, self.account, event, who, heard, at, phone=phone, profile=profile, **more)

    def _profile(self, sender: Part) -> str:
        """The name on the sender's profile, as they wrote it; "" for none."""
        ids = {text(sender.get("from_user_id")), text(sender.get("from"))} - {""}
        theirs = (
            each for each in parts(self.value, "contacts") if ids & {text(each.get("user_id")), text(each.get("wa_id"))}
        )
        return next((text(part(each, "profile").get("name")) for each in theirs), "")


def _of_people(envelope: _Value) -> Iterator[Inbound]:
    contacts = parts(envelope.value, "contacts")
    users = {text(each.get("wa_id")): text(each.get("user_id")) for each in contacts if each.get("wa_id")}
    for message in parts(envelope.value, "messages"):
        if event := _message(message, users, envelope):
            yield event
    for preference in parts(envelope.value, "user_preferences"):
        if event := _preference(preference, users, envelope):
            yield event


def _message(message: Part, users: Mapping[str, str], envelope: _Value) -> Inbound | None:
    event, date, kind = mark(message.get("id")), message.get("timestamp"), message.get("type")
    if "group_id" in message:
        return None
    if kind == "system":
        return _moved(part(message, "system"), message, envelope)
    sender = {**message, "from_user_id": message.get("from_user_id") or users.get(text(message.get("from")), "")}
    heard = _from_an_ad(_heard(kind, message, sender), part(message, "referral"))
    quoted = mark(part(message, "context").get("id"))
    under, quotes = (quoted, "") if heard and heard.pressed else ("", quoted)
    return envelope.put(event, sender, heard, date, under=under, quotes=quotes) if heard else None


def _heard(kind: Any, message: Part, sender: Part) -> Heard | None:
    """What the person said or pressed; None for nothing: a reaction that is taken back."""
    if kind == "text":
        return _words(text(part(message, "text").get("body")))
    if kind == "interactive":
        answer = part(message, "interactive")
        reply = part(answer, "button_reply") or part(answer, "list_reply")
        return _pressed(reply.get("id"), reply.get("title"))
    if kind == "button":  # the quick reply of a template
        button = part(message, "button")
        return _pressed(button.get("payload"), button.get("text"))
    if kind == "contacts":
        return next(
            filter(None, (_contact(card, sender) for card in parts(message, "contacts"))), Heard(other="contact")
        )
    if kind == "reaction" and not part(message, "reaction").get("emoji"):
        return None
    return _something_else(kind, message) if isinstance(kind, str) else Heard(other="unknown")


def _something_else(kind: str, message: Part) -> Heard:
    """A message that we cannot read, with the words that came with it: a caption, a note on an order, or the name of a
    place."""
    content = part(message, kind)
    names = ("name", "address") if kind == "location" else ("text",) if kind == "order" else ("caption",)
    words = ", ".join(filter(None, (text(content.get(name)) for name in names)))
    return replace(of_a_ready_text(words), other=_CONTENT.get(kind, "unknown"))


def _words(said: str) -> Heard:
    """A text, or the campaign of one of our links in it.

    >>> _words("Halo Rangkul (pasar-gede)").start, _words("mau daftar").text
    ('pasar-gede', 'mau daftar')
    """
    return of_a_ready_text(said) if said else Heard(other="unknown")


def _from_an_ad(heard: Heard | None, referral: Part) -> Heard | None:
    """The first message of a person who arrives from an ad, words or a photo: with the ad as its campaign.

    >>> heard = _from_an_ad(Heard(other="photo"), {"source_id": "120208455810220139"})
    >>> heard.other, heard.start
    ('photo', 'ad-455810220139')
    """
    ad = text(referral.get("source_id"))
    if heard is None or heard.start or not (ad.isascii() and ad.isdigit()):
        return heard
    return replace(heard, start=f"ad-{ad[-_AD_DIGITS:]}")


def _pressed(data: Any, label: Any) -> Heard:
    """A pressed button; the label of a button that is not ours counts as words."""
    press = _press(data)
    return Heard(pressed=press) if press else _words(text(label))


def _press(data: Any) -> Press | None:
    return decode(data) if isinstance(data, str) and _DATA.fullmatch(data) else None


def _contact(card: Part, sender: Part) -> Heard | None:
    """A contact card; None for one without a number. It counts as the sender's own number only where WhatsApp itself took
    it from them at our request."""
    phones = [international(each.get("wa_id") or each.get("phone")) for each in parts(card, "phones")]
    phone = next(filter(None, phones), "")
    if not phone:
        return None
    known = international(sender.get("from"))
    return Heard(contact=Contact(phone, own=card.get("origin") == "contact_request" and known in ("", phone)))


def _moved(system: Part, message: Part, envelope: _Value) -> Inbound | None:
    """The event of a person with a new number, and with it a new id; or with a new id alone."""
    if system.get("type") not in _MOVES:
        return None
    number = text(system.get("wa_id")) or text(system.get("new_wa_id"))
    new = {"from_user_id": system.get("user_id"), "from": number}
    was = _address({"from_user_id": system.get("previous_user_id"), "from": message.get("from")})
    if not was or was == _address(new):
        return None
    return envelope.put(
        mark(message.get("id")), new, Heard(), message.get("timestamp"), reach="moved", was=was,
    )  # fmt: skip


def _preference(preference: Part, users: Mapping[str, str], envelope: _Value) -> Inbound | None:
    """The event of a person who has switched off, or on again, what WhatsApp takes for marketing."""
    value = preference.get("value")
    reach = _PREFERENCES.get(value, "") if isinstance(value, str) else ""
    if not reach or preference.get("category") != "marketing_messages":
        return None
    known = users.get(text(preference.get("wa_id")), "")
    sender = {"from_user_id": preference.get("user_id") or known, "from": preference.get("wa_id")}
    date = preference.get("timestamp")
    what = f"{envelope.account}|{_address(sender)}|{date}|{value}"  # a preference has no id of its own
    event = f"preference-{hashlib.sha256(what.encode(errors='replace')).hexdigest()[:32]}"
    return envelope.put(event, sender, Heard(), date, reach=reach)


def _address(sender: Part) -> str:
    return address(sender.get("from_user_id"), sender.get("from"))
