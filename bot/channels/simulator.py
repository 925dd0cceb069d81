"""The simulator: phones that exist only in this process; the product as on a platform, but no message leaves the computer.

A phone is an address such as "pemilik-1" or "petugas-1". Its screen is kept in memory; after a restart it is recalled
from what the database keeps of the conversation. A page follows a screen with :meth:`Simulator.listen`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from conversations.engine.core import Contact, Heard

from .base import Inbound, Limits, Outgoing, SendStatus, Take, Unavailable, decode
from .linked_words import after_start, of_a_ready_text
from .simulator_screen import GOING, SENT, START, UNSENT, Bubble, Screen, Wake

STRANGER = Contact("+6281298765432", own=False)  # the invented contact that "share someone else's contact" shares


class Simulator:
    """The channel "simulator", with all its phones. ``clock`` gives aware times."""

    name = "simulator"
    account = "local"
    limits = Limits(text=4096, buttons=20, label=40, per_row=2, shares_contact=True)

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._screens: dict[str, Screen] = {}
        self._receive: Take | None = None

    # ------------------------------------------------------------------------------------------ as every channel

    async def start(self, receive: Take) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        """Show a message on a phone; a message that ``edits`` takes the place of the earlier one if that is still shown."""
        screen = self.screen(address)
        message_id = message.edits if message.edits in screen.bubbles else uuid4().hex
        screen.tell(message_id, self._clock(), message)
        screen.typing = False
        screen.wake()
        return SendStatus(message_id)

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Take the buttons of a pressed button's message away, unless the bot has replaced the message since, and show
        the toast."""
        screen = self.screen(inbound.address)
        bubble = screen.bubbles.get(inbound.under)
        if bubble and str(bubble.edition) == inbound.callback:
            screen.settle(bubble.id)
        screen.typing = screen.typing and not toast  # a toast may be all the answer there is
        screen.wake(toast)

    # ------------------------------------------------------------------------------------------ for the pages

    def screen(self, address: str) -> Screen:
        """The screen of a phone, empty where it is new to this process."""
        return self._screens.setdefault(address, Screen())

    def listen(self, address: str, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` at each change of a screen; the function that ends this."""
        listeners = self.screen(address).listeners
        listeners.append(wake)
        return lambda: listeners.remove(wake) if wake in listeners else None

    def unused(self, address: str) -> str:
        """The next address of the same kind that is new in this process: "pemilik-2" after "pemilik-1"."""
        kind = address.rstrip("0123456789").rstrip("-")
        taken = [_number(known) for known in (address, *self._screens) if known.startswith(f"{kind}-")]
        return f"{kind}-{max(taken, default=0) + 1}"

    async def say(self, address: str, text: str) -> None:
        """The person writes a text; "/start <payload>" is what opening a deep link sends."""
        if not (text := text.strip()):
            return
        command, *rest = text.split(maxsplit=1)
        heard = after_start(rest[0]) if command == START and rest else of_a_ready_text(text)
        await self._bring(address, heard, text=text)

    async def open_chat(self, address: str) -> None:
        """The person opens the chat, as with Telegram's "Start": the bot hears "/start", and nobody has written it."""
        screen = self.screen(address)
        if not screen.typing:  # a second tap before the answer is the same wish
            event = uuid4().hex
            inbound = Inbound(self.name, self.account, event, address, Heard(text=START), self._clock())
            await self._hand_over(screen, inbound, event)

    async def send_other(self, address: str, kind: str, words: str = "") -> None:
        """The person sends a message of another kind than text: "photo", "voice", "sticker", "document", "location",
        "edited"; with a caption."""
        await self._bring(address, Heard(other=kind, text=words.strip()), text=words.strip(), what=kind)

    async def share_number(self, address: str) -> None:
        """The person shares the number of this phone."""
        self.screen(address).ask_no_more()
        number = number_of(address)
        await self._bring(address, Heard(contact=Contact(number, own=True)), text=number, what="contact")

    async def share_stranger(self, address: str) -> None:
        """The person shares a contact of someone else."""
        await self._bring(address, Heard(contact=STRANGER), text=STRANGER.phone, what="contact")

    async def press(self, address: str, data: str, message_id: str) -> None:
        """The person presses a button; pressed again after a failure, the press is the same event as before."""
        screen = self.screen(address)
        bubble, pressed = screen.bubbles.get(message_id), decode(data)
        if bubble is None or pressed is None:
            return
        failed = screen.unsent.get(message_id)
        if failed and failed.heard.pressed == pressed:
            await self.retry(address, message_id)
            return
        screen.press(message_id, pressed)
        event, edition = uuid4().hex, str(bubble.edition)
        heard, at = Heard(pressed=pressed), self._clock()
        inbound = Inbound(self.name, self.account, event, address, heard, at, callback=edition, under=message_id)
        await self._hand_over(screen, inbound, message_id)

    async def retry(self, address: str, bubble_id: str) -> None:
        """Send once more, as the same event, what did not get through: a message, or the press of one of its buttons."""
        screen = self.screen(address)
        if inbound := screen.unsent.get(bubble_id):
            await self._hand_over(screen, inbound, bubble_id)

    # ------------------------------------------------------------------------------------------ inside

    async def _bring(self, address: str, heard: Heard, *, text: str = "", what: str = "") -> None:
        screen, at, event = self.screen(address), self._clock(), uuid4().hex
        screen.put(Bubble(event, own=True, at=at, text=text, what=what))
        await self._hand_over(screen, Inbound(self.name, self.account, event, address, heard, at), event)

    async def _hand_over(self, screen: Screen, inbound: Inbound, bubble_id: str) -> None:
        """Hand over one event and await its commit; the bubble (the message itself, or the one with the button) shows
        the result."""
        screen.unsent.pop(bubble_id, None)
        written = not inbound.heard.pressed
        screen.mark(bubble_id, GOING if written else "")
        screen.typing = True
        screen.wake()
        try:
            if self._receive is None:
                raise Unavailable("the simulator is not started")
            await self._receive(inbound)
        except Exception as error:
            if bubble_id in screen.bubbles:
                screen.unsent[bubble_id] = inbound
            screen.mark(bubble_id, UNSENT)
            screen.typing = False
            screen.wake()
            if not isinstance(error, Unavailable):
                raise
            return
        # The answer may have been shown before the commit was told: then the bubble is ``ANSWERED`` already.
        if bubble_id in screen.bubbles and screen.bubbles[bubble_id].state == GOING:
            screen.mark(bubble_id, SENT)
            screen.wake()


def number_of(address: str) -> str:
    """The invented number of a phone, in E.164: owners count from 1; officers and other addresses get numbers apart
    from theirs.

    >>> number_of("pemilik-7"), number_of("petugas-7")
    ('+6281200000007', '+6281200100007')
    """
    kind, _, number = address.rpartition("-")
    if number.isdecimal() and int(number) < 100_000 and kind in _FIRST:
        return f"+62812{_FIRST[kind] + int(number):08d}"
    return f"+62812{1_000_000 + zlib.crc32(address.encode()) % 9_000_000:08d}"


_FIRST = {"pemilik": 0, "petugas": 100_000}


def _number(address: str) -> int:
    digits = address.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
