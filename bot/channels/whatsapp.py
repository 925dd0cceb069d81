"""WhatsApp in plain values: ``Outgoing`` becomes a message of the Cloud API. Pure; incoming events are read in
``whatsapp_reading.py``.

The shapes are those of https://developers.facebook.com/documentation/business-messaging/whatsapp/messages. The renderer
keeps ``LIMITS``; a message that all the same fits no form with buttons is written out with its choices numbered.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from conversations.rules.size import beginning, size

from .base import BOLD_OFF, BOLD_ON, Key, Limits, Media, Outgoing, SendFailed, Template

NAME = "whatsapp"
LIMITS = Limits(
    text=4096,
    buttons=3,
    label=20,
    row_label=24,
    rows=10,
    per_row=1,
    edits=False,
    shares_contact=True,
    with_buttons=1024,
    with_rows=4096,
    contact_alone=True,
    window=timedelta(hours=24),
    chat_gap=6.0,
    burst=45,
)
ROW_NOTE = 72  # characters of a row's second line
CAPTION = 1024  # characters that may stand under a picture or a document

Body = dict[str, Any]

_BOLD = re.compile(f"{BOLD_ON}(\\s*)([^{BOLD_ON}{BOLD_OFF}]*?)(\\s*){BOLD_OFF}")
# Characters that WhatsApp takes for markup where a word begins or ends with them; within a word they mean nothing.
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_UNDERLINES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_QUOTES = re.compile(r"^>", re.MULTILINE)


def to(address: str) -> Body:
    """The field that names a person to the Cloud API: "to" for a phone number, "recipient" for a user id."""
    return {"to": address} if address.isdecimal() else {"recipient": address}


def body(address: str, message: Outgoing, choose: str, media_id: str = "") -> Body:
    """The message as JSON for the Cloud API. ``choose`` is the label of the button that opens a list of rows;
    ``media_id`` the id of the uploaded ``attached(message)``.

    Raises SendFailed for a text under a file that is longer than a caption: it belongs into a message of its own.
    """
    kind, content = _content(message, choose, media_id)
    ref = {"biz_opaque_callback_data": str(message.ref)} if message.ref else {}
    head = {"messaging_product": "whatsapp", "recipient_type": "individual", **to(address), **ref}
    return {**head, "type": kind, kind: content}


def attached(message: Outgoing) -> Media | None:
    """The file that must be uploaded before the message can be sent; None for none."""
    if message.template:
        return None
    if message.file:
        name, text = message.file
        return Media("document", name, "text/plain", text.encode())
    return message.media


def markup(text: str) -> str:
    """A text with our bold as WhatsApp writes it; other characters that it would take for markup are replaced by
    lookalikes.

    >>> markup(f"{BOLD_ON}Warung *Bu_ _Siti*{BOLD_OFF} a_b"), markup(f"satu{BOLD_ON} dua {BOLD_OFF}")
    ('*Warung ∗Buˍ ˍSiti∗* a_b', 'satu *dua* ')
    """
    plain = _QUOTES.sub("›", _UNDERLINES.sub(lambda found: "ˍ" * len(found[0]), text.translate(_LOOKALIKES)))
    bold = _BOLD.sub(lambda found: f"{found[1]}*{found[2]}*{found[3]}" if found[2] else found[1] + found[3], plain)
    return bold.replace(BOLD_ON, "").replace(BOLD_OFF, "")


# ------------------------------------------------------------------------------------------------ the forms


def _content(message: Outgoing, choose: str, media_id: str) -> tuple[str, Body]:
    """The type of the Cloud API's message, and its content: the first form that carries the whole message."""
    if message.template:
        return "template", _template(message.template)
    text, keys = markup(message.text), [key for row in message.keys for key in row]
    media = attached(message)
    if media:
        return _with_media(text, keys, media, media_id)
    if message.contact_label:
        found = _asking(_written(text, keys))
    else:
        found = _link(text, keys) or _buttons(text, keys) or _list(text, keys, choose)
    return ("interactive", found) if found else ("text", {"body": _written(text, keys), "preview_url": False})


def _with_media(text: str, keys: list[Key], media: Media, media_id: str) -> tuple[str, Body]:
    """The form of a picture or a document: above buttons where there are any, else with the text as its caption."""
    kind = "image" if media.kind == "photo" else "document"
    about = {"id": media_id, **({"filename": media.name} if kind == "document" else {})}
    if buttons := _buttons(text, keys):
        return "interactive", {**buttons, "header": {"type": kind, kind: about}}
    caption = _written(text, keys)
    if size(caption) > CAPTION:
        raise SendFailed("caption too long", permanent=True)
    return kind, {**about, "caption": caption} if caption else about


def _buttons(text: str, keys: list[Key]) -> Body | None:
    """The form with reply buttons, which must be few, short and all different; None where it does not fit."""
    labels = {key.label for key in keys}
    fits = 0 < len(keys) <= LIMITS.buttons and len(labels) == len(keys) and _all_press(keys, LIMITS.label)
    if not fits or not 0 < size(text) <= LIMITS.with_buttons:
        return None
    buttons = [{"type": "reply", "reply": {"id": key.data, "title": key.label}} for key in keys]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}


def _list(text: str, keys: list[Key], choose: str) -> Body | None:
    """The form with a list of rows, which opens when its button is pressed; None where it does not fit."""
    if not 0 < len(keys) <= LIMITS.rows or not _all_press(keys, LIMITS.row_label):
        return None
    if not 0 < size(text) <= LIMITS.with_rows:
        return None
    rows = [
        {"id": key.data, "title": key.label, **({"description": beginning(key.note, ROW_NOTE)} if key.note else {})}
        for key in keys
    ]
    return {"type": "list", "body": {"text": text}, "action": {"button": choose, "sections": [{"rows": rows}]}}


def _link(text: str, keys: list[Key]) -> Body | None:
    """The form with one link as a button, beside which WhatsApp shows no other button; None where it does not fit."""
    if len(keys) != 1 or not keys[0].url or size(keys[0].label) > LIMITS.label:
        return None
    if not 0 < size(text) <= LIMITS.with_buttons:
        return None
    parameters = {"display_text": keys[0].label, "url": keys[0].url}
    return {"type": "cta_url", "body": {"text": text}, "action": {"name": "cta_url", "parameters": parameters}}


def _asking(text: str) -> Body | None:
    """The form that asks for a person's number, answered by one tap; WhatsApp labels the button, and shows no other
    beside it."""
    if not 0 < size(text) <= LIMITS.with_buttons:
        return None
    return {"type": "request_contact_info", "body": {"text": text}, "action": {"name": "request_contact_info"}}


def _all_press(keys: list[Key], longest: int) -> bool:
    return all(key.data and 0 < size(key.label) <= longest for key in keys)


def _written(text: str, keys: list[Key]) -> str:
    """The text with the choices below: to be answered by number, or opened where they are links."""
    lines = [f"{key.label}: {key.url}" if key.url else f"{number}. {key.label}" for number, key in enumerate(keys, 1)]
    return "\n\n".join(filter(None, (text, "\n".join(lines))))


def _template(template: Template) -> Body:
    """A template message: its name, the values of its body, the payloads of its quick replies."""
    components: list[Body] = []
    if template.fields:
        fields = [{"type": "text", "text": _field(field)} for field in template.fields]
        components.append({"type": "body", "parameters": fields})
    for index, data in enumerate(template.data):
        payload = [{"type": "payload", "payload": data}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": payload})
    return {"name": template.name, "language": {"code": template.language}, "components": components}


def _field(field: str) -> str:
    """A value for a template: in one line, not empty, at most one space between words (error 132018)."""
    return " ".join(markup(field.replace(BOLD_ON, "").replace(BOLD_OFF, "")).split()) or "-"
