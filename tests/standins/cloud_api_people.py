"""People on WhatsApp: what their phones show, and what they can do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Happens = Callable[[dict[str, Any]], str]
"""Something of a webhook's ``value`` comes into being; gives the id of its message."""

_MEDIA: dict[str, dict[str, Any]] = {
    "image": {"id": "m1", "mime_type": "image/jpeg", "sha256": "x"},
    "audio": {"id": "m2", "mime_type": "audio/ogg; codecs=opus", "sha256": "x", "voice": True},
    "video": {"id": "m3", "mime_type": "video/mp4", "sha256": "x"},
    "sticker": {"id": "m4", "mime_type": "image/webp", "sha256": "x", "animated": False},
    "document": {"id": "m5", "mime_type": "application/pdf", "sha256": "x", "filename": "usaha.pdf"},
    "location": {"latitude": -7.57, "longitude": 110.82},
}  # fmt: skip


@dataclass(slots=True)
class Shown:
    """One message on a screen. ``options``: (id, title) of what can be pressed; ``asks``: for the person's number."""

    id: str
    own: bool
    text: str
    kind: str = "text"
    options: list[tuple[str, str]] = field(default_factory=list)
    asks: bool = False
    link: tuple[str, str] | None = None
    file: tuple[str, bytes] | None = None
    template: str = ""

    @property
    def labels(self) -> list[str]:
        return [title for _, title in self.options]


@dataclass
class Person:
    """Somebody who writes to the number. ``shows_number`` False: they have a user name, and no number is told.

    What they do gives the id of its message. ``wrote`` (epoch seconds) is when they last did: their window counts from it.
    """

    name: str
    phone: str  # digits
    user: str  # "ID.1349…"
    happens: Happens
    clock: Callable[[], float]
    shows_number: bool = True
    profile: str = "🌸"  # the name that they show, which need not be one
    screen: list[Shown] = field(default_factory=list)
    wrote: float | None = None
    blocked: bool = False
    stopped: bool = False
    tokens: float = 45.0  # messages that may come to them at once; see CloudApi
    filled_at: float = 0.0

    # ------------------------------------------------------------------------------------------ what they do

    def say(self, text: str, **more: Any) -> str:
        return self._send(text, {"type": "text", "text": {"body": text}, **more})

    def reply(self, to: Shown, text: str) -> str:
        """Write words in reply to a message of the number."""
        return self.say(text, context={"from": "628110000000", "id": to.id})

    def press(self, data: str, under: Shown) -> str:
        """Press a button, a row or a quick reply with this id under a message."""
        title = next((title for each, title in under.options if each == data), "?")
        context = {"context": {"from": "628110000000", "id": under.id}}
        if under.template:
            return self._send(title, {"type": "button", "button": {"payload": data, "text": title}, **context})
        kind = "list_reply" if under.kind == "list" else "button_reply"
        answer = {"type": kind, kind: {"id": data, "title": title}}
        return self._send(title, {"type": "interactive", "interactive": answer, **context})

    def tap(self, label: str) -> str:
        """Press what reads so, under the newest message that has it. Raises LookupError when there is none."""
        for shown in reversed(self.screen):
            for data, title in shown.options:
                if title.casefold() == label.casefold():
                    return self.press(data, shown)
        raise LookupError(f"no such button: {label}; there are {[shown.labels for shown in self.screen[-3:]]}")

    def share_number(self) -> str:
        """Press the button that shares one's own number."""
        card = {"name": {"formatted_name": self.name}, "origin": "contact_request"}
        return self._card({**card, "phones": [{"phone": f"+{self.phone}", "wa_id": self.phone, "type": "CELL"}]})

    def share_card(self, phone: str) -> str:
        """Send somebody's card from the phone book."""
        return self._card({"name": {"formatted_name": "Kenalan"}, "origin": "other", "phones": [{"phone": phone}]})

    def send(self, kind: str, words: str = "", **more: Any) -> str:
        """Send what is not words: "image", "audio", "video", "sticker", "document", "location"; with words under it, or as
        a place that is called so."""
        beside = {("name" if kind == "location" else "caption"): words} if words else {}
        return self._send(words, {"type": kind, kind: {**_MEDIA[kind], **beside}, **more})

    def react(self, emoji: str) -> str:
        return self._send("", {"type": "reaction", "reaction": {"message_id": self.screen[-1].id, "emoji": emoji}})

    def edit(self, text: str) -> str:
        """Change the words of one's last message."""
        last = next(shown for shown in reversed(self.screen) if shown.own)
        new = {"type": "text", "text": {"body": text}}
        return self._send(text, {"type": "edit", "edit": {"original_message_id": last.id, "message": new}})

    def prefer(self, value: str) -> None:
        """Press "Stop" or "Resume" ("stop", "resume") above the chat."""
        self.stopped = value == "stop"
        about = {"detail": "marketing", "category": "marketing_messages", "value": value}
        self.happens({"contacts": [self.contact], "user_preferences": [{**about, **self._ids("wa_id", "user_id")}]})

    def change_number(self, phone: str, user: str) -> None:
        """Take a new number, which brings a new id."""
        words = f"User {self.name} changed from {self.phone} to {phone}"
        about = {"body": words, "type": "user_changed_number", "wa_id": phone, "user_id": user}
        before = {"previous_user_id": self.user, "type": "user_changed_number"}
        self.happens({"messages": [{"from": self.phone, "type": "system", "system": {**about, **before}}]})
        self.phone, self.user = phone, user

    # ------------------------------------------------------------------------------------------ what they see

    @property
    def told(self) -> list[Shown]:
        """What the number sent them, oldest first."""
        return [shown for shown in self.screen if not shown.own]

    @property
    def last(self) -> str:
        return self.told[-1].text if self.told else ""

    @property
    def contact(self) -> dict[str, Any]:
        return {"profile": {"name": self.profile}, **self._ids("wa_id", "user_id")}

    # ------------------------------------------------------------------------------------------ inside

    def _ids(self, phone: str, user: str) -> dict[str, str]:
        return {user: self.user, **({phone: self.phone} if self.shows_number else {})}

    def _card(self, card: dict[str, Any]) -> str:
        return self._send("", {"type": "contacts", "contacts": [card]})

    def _send(self, text: str, content: dict[str, Any]) -> str:
        self.wrote = self.clock()
        message = {**self._ids("from", "from_user_id"), **content}
        shown = Shown("", own=True, text=text, kind=content["type"])
        self.screen.append(shown)
        shown.id = self.happens({"contacts": [self.contact], "messages": [message]})
        return shown.id
