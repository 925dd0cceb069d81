"""People on Telegram: what their phones show, and what they can do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Happens = Callable[[str, dict[str, Any]], int]
"""An update of this kind comes into being; gives its number."""

NO_NAME = "🌸"  # on a profile that tells nobody's name

_MEDIA: dict[str, Any] = {
    "photo": [{"file_id": "f1", "file_unique_id": "u1", "width": 90, "height": 60}],
    "voice": {"file_id": "f2", "file_unique_id": "u2", "duration": 4},
    "video": {"file_id": "f3", "file_unique_id": "u3", "width": 90, "height": 60, "duration": 4},
    "sticker": {"file_id": "f4", "file_unique_id": "u4", "type": "regular", "width": 512, "height": 512,
                "is_animated": False, "is_video": False},
    "document": {"file_id": "f5", "file_unique_id": "u5", "file_name": "usaha.pdf"},
    "location": {"latitude": -7.57, "longitude": 110.82},
}  # fmt: skip


@dataclass(slots=True)
class Shown:
    """One message on a screen. ``own``: by this person, the bot's else. ``marked`` has bold words between asterisks.

    ``rows`` are inline buttons as the Bot API writes them, ``what`` names what is not words, ``file`` is (name, text).
    """

    id: int
    own: bool
    text: str
    marked: str = ""
    rows: list[list[dict[str, Any]]] = field(default_factory=list)
    what: str = ""
    file: tuple[str, str] | None = None
    edited: bool = False

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.rows for button in row]


class Person:
    """Somebody in a private chat with the bot. What they do is an update; it gives the update's number.

    ``profile`` is the first name that they show. ``keyboard`` is the reply keyboard they have before them, ``toasts`` what
    pressed buttons were answered with, ``menu`` the commands of this chat alone, ``spinning`` the buttons that wait for an
    answer.
    """

    def __init__(self, number: int, name: str, happens: Happens, clock: Callable[[], float]) -> None:
        self.id, self.name, self.phone = number, name, f"62812{number:08d}"
        self.profile = NO_NAME
        self._happens, self._clock = happens, clock
        self.screen: list[Shown] = []
        self.keyboard: list[list[dict[str, Any]]] = []
        self.toasts: list[str] = []
        self.spinning: set[str] = set()
        self.menu: list[dict[str, str]] | None = None
        self.blocked = self.begun = False
        self._last_id = self._callbacks = 0

    # ------------------------------------------------------------------------------------------ what they do

    def say(self, text: str) -> int:
        """Write words."""
        return self._send(Shown(self._fresh(), own=True, text=text), {"text": text})

    def reply(self, to: Shown, text: str) -> int:
        """Write words in reply to a message of the bot."""
        bot = {"id": 1, "is_bot": True, "first_name": "Rangkul"}
        quoted = {"message_id": to.id, "date": int(self._clock()), "chat": self.chat, "from": bot, "text": to.text}
        return self._send(Shown(self._fresh(), own=True, text=text), {"text": text, "reply_to_message": quoted})

    def tap(self, label: str) -> int:
        """Press the button with this label: under the newest message that has one, or of the reply keyboard.

        Raises LookupError when no button reads so.
        """
        wanted = label.casefold()
        for shown in reversed(self.screen):
            for button in (button for row in shown.rows for button in row):
                if button["text"].casefold() == wanted and "callback_data" in button:
                    return self.press(button["callback_data"], shown)
        for button in (button for row in self.keyboard for button in row):
            if button["text"].casefold() == wanted:
                return self.share_number() if button.get("request_contact") else self.say(button["text"])
        raise LookupError(f"no such button: {label}; there are {[shown.labels for shown in self.screen if shown.rows]}")

    def press(self, data: str, under: Shown) -> int:
        """Press a button with this data under a message, whether or not it is (still) there."""
        self._callbacks += 1
        callback = f"{self.id}{self._callbacks:06d}"
        self.spinning.add(callback)
        message = {"message_id": under.id, "date": int(self._clock()), "chat": self.chat, "text": under.text or "-"}
        query = {"id": callback, "from": self.user, "chat_instance": "1", "data": data, "message": message}
        return self._happens("callback_query", query)

    def share_number(self) -> int:
        """Press the button that shares one's own number."""
        return self._card({"phone_number": self.phone, "first_name": self.name, "user_id": self.id})

    def share_card(self, phone: str) -> int:
        """Send somebody's card from the phone book."""
        return self._card({"phone_number": phone, "first_name": "Kenalan"})

    def send(self, what: str, words: str = "") -> int:
        """Send what is not words: "photo", "voice", "video", "sticker", "document", "location"; with words under it, or as
        a place that is called so."""
        content = {what: _MEDIA[what]}
        if words and what == "location":
            content["venue"] = {**content, "title": words, "address": ""}
        elif words:
            content["caption"] = words
        return self._send(Shown(self._fresh(), own=True, text=words, what=what), content)

    def send_photo(self) -> int:
        return self.send("photo")

    def edit(self, text: str) -> int:
        """Change the words of one's last message."""
        last = next(shown for shown in reversed(self.screen) if shown.own)
        last.text, last.edited = text, True
        now = int(self._clock())
        return self._happens("edited_message", self._message(last.id, {"text": text, "edit_date": now}))

    def block(self) -> int:
        self.blocked = True
        return self._member("member", "kicked")

    def unblock(self) -> int:
        self.blocked = False
        return self._member("kicked", "member")

    # ------------------------------------------------------------------------------------------ what they see

    @property
    def told(self) -> list[Shown]:
        """What the bot said that is still to be seen, oldest first."""
        return [shown for shown in self.screen if not shown.own]

    @property
    def last(self) -> str:
        """The newest words of the bot; "" before any."""
        return self.told[-1].text if self.told else ""

    def show(self, shown: Shown, keyboard: list[list[dict[str, Any]]] | None) -> None:
        """Put a message of the bot on the screen; ``keyboard`` None leaves the reply keyboard as it is."""
        self.screen.append(shown)
        if keyboard is not None:
            self.keyboard = keyboard

    def found(self, message_id: int) -> Shown | None:
        return next((shown for shown in self.screen if shown.id == message_id), None)

    def fresh_id(self) -> int:
        """The number of the next message of this chat."""
        return self._fresh()

    # ------------------------------------------------------------------------------------------ inside

    @property
    def user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.profile, "language_code": "id"}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.profile}

    def _fresh(self) -> int:
        self._last_id += 1
        return self._last_id

    def _card(self, contact: dict[str, Any]) -> int:
        self.keyboard = []
        return self._send(Shown(self._fresh(), own=True, text="", what="contact"), {"contact": contact})

    def _send(self, shown: Shown, content: dict[str, Any]) -> int:
        self.begun = True
        self.screen.append(shown)
        return self._happens("message", self._message(shown.id, content))

    def _message(self, number: int, content: dict[str, Any]) -> dict[str, Any]:
        now = int(self._clock())
        return {"message_id": number, "date": now, "chat": self.chat, "from": self.user, **content}

    def _member(self, before: str, after: str) -> int:
        bot = {"id": 0, "is_bot": True, "first_name": "Rangkul"}
        old, new = _membership(before, bot), _membership(after, bot)
        now = int(self._clock())
        change = {"chat": self.chat, "from": self.user, "date": now, "old_chat_member": old, "new_chat_member": new}
        return self._happens("my_chat_member", change)


def _membership(status: str, user: dict[str, Any]) -> dict[str, Any]:
    return {"status": status, "user": user, **({"until_date": 0} if status == "kicked" else {})}
