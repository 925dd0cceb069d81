"""The channel "telegram" without the library that carries its calls: each driver brings a carrier (``carry``)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Literal, Protocol

import structlog
from starlette.routing import Route

from bot.log import where_in_code

from . import telegram_menu, telegram_webhook
from .background import Background
from .base import Inbound, Outgoing, Receive, SendFailed, SendStatus, Unavailable
from .receiving import Receiving, look_again_and_again
from .telegram import LIMITS, NAME, Call, call, inbound, parted, settlement
from .telegram_keeping import EVERY, TelegramKeeping, tried
from .telegram_polling import LONGEST_PAUSE, Lease, Poller
from .telegram_refusals import (
    TelegramFloods,
    TelegramRefused,
    failure,
    is_unchanged,
    is_uneditable,
    is_unknown_file,
)
from .telegram_uploads import Uploads

SETTLING = 128  # pressed buttons whose calls are under way at a time: at 50 ms a call some 1,200 presses a second
UNSETTLED = 2000  # pressed buttons that may wait for their calls; further ones go on spinning
TYPING_AFTER = 1.0  # seconds; mostly the answer is there long before

log = structlog.get_logger()

Mode = Literal["polling", "webhook", "none"]
"""How updates come; "none": another process receives updates, this one only sends."""


class BotApiCarrier(Protocol):
    """Carries calls to a Bot API server: the library of a driver."""

    def open(self) -> None:
        """Keep connections open for the next call from now on."""

    async def close(self) -> None:
        """Close the connections after the last call under way; a later call gets a connection of its own."""

    async def call(self, one: Call) -> Any:
        """Make a call; its result as JSON. Raises TelegramRefused."""


class TelegramChannel:
    """One bot. ``token`` as BotFather gives it; ``api`` the URL of another Bot API server than Telegram's own.

    ``public_url`` and ``secret`` are for the webhook; without a secret one is derived from the token. ``lease`` lets
    one process of several poll. ``clock`` gives aware times, ``pause`` is the first wait in seconds after a failure.
    Raises ValueError for a malformed token, or a webhook without a public URL.
    """

    name = NAME
    limits = LIMITS
    carry: Callable[[str, str], BotApiCarrier]
    """Makes the carrier for a token and the URL of a server ("": Telegram's own)."""

    def __init__(
        self,
        token: str,
        *,
        api: str = "",
        mode: Mode = "polling",
        secret: str = "",
        public_url: str = "",
        lease: Lease = nullcontext,
        clock: Callable[[], datetime],
        pause: float = 1.0,
    ) -> None:
        self.account, colon, _ = token.partition(":")
        if not colon or not self.account.isdecimal():
            raise ValueError("a Telegram token reads 123456:ABC…")
        if mode == "webhook" and not public_url:
            raise ValueError("a webhook needs a public address")
        self._token, self._mode, self._public_url = token, mode, public_url
        self._secret = secret or telegram_webhook.own_secret(token)
        self._lease, self._clock, self._pause = lease, clock, pause
        self._carrier = type(self).carry(token, api)
        self._call = self._carrier.call
        self._receive: Receive | None = None
        self._name = ""
        self._poller: Poller | None = None
        self._floods, self._uploads = TelegramFloods(), Uploads()
        self._background = Background()
        self._settling = asyncio.Semaphore(SETTLING)
        self._looking: asyncio.Task[None] | None = None
        self.receiving = Receiving(NAME, clock) if mode != "none" else None

    # ------------------------------------------------------------------------------------------ as every channel

    async def start(self, receive: Receive) -> None:
        """Begin to receive. Telegram need not be within reach yet: each call is tried until it works."""
        self._receive = receive
        self._carrier.open()
        if self._mode == "polling":
            self._poller = Poller(self._call, self._read, self._take, self._lease, self._pause, self.receiving)
            self._poller.start()
        if self.receiving:
            url = telegram_webhook.address(self._public_url, self._token, self._secret)
            webhook = (url, self._secret) if self._mode == "webhook" else None
            look = partial(self._look, TelegramKeeping(self._call, self.receiving, self._clock, webhook))
            self._background.add(look())
            self._looking = asyncio.create_task(look_again_and_again(look, EVERY, self._clock), name="telegram looking")

    async def stop(self) -> None:
        """Stop receiving. Messages may still be sent; connections are closed after the last call."""
        if self._looking:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        if self._poller:
            await self._poller.stop()
        self._receive = None
        await self._background.stop()
        await self._carrier.close()

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        """Deliver one message. An edit without a change counts as done; an edit of a message that is gone is sent as a
        new one."""
        receipt = None
        for part in parted(message):
            try:
                receipt = await self._show(address, part)
            except SendFailed as failed:
                failed.unsure = failed.unsure or receipt is not None  # another try would show the first part again
                raise
        assert receipt  # noqa: S101 - narrows the type for mypy: a message has a part
        return receipt

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Answer a pressed button and take its keyboard away, in the background, so that no reply waits."""
        if inbound.callback and len(self._background) < UNSETTLED:
            self._background.add(self._settle(inbound, toast))

    # ------------------------------------------------------------------------------------------ Telegram's own

    def routes(self) -> list[Route]:
        """The web server's routes for this channel; none without a webhook."""
        if self._mode != "webhook" or not self.receiving:
            return []
        return [telegram_webhook.route(self._secret, self._read, self._take, self.receiving.turned_away)]

    async def role(self, address: str, role: str, language: str = "") -> None:
        """Show the menu of a role ("officer", "coordinator", "admin"; any other: an owner's) in one chat, in this language
        ("": the source)."""
        await tried(self._call, telegram_menu.menu(address, role, language))

    async def public_name(self) -> str:
        """The bot's user name, asked once; "" while Telegram does not tell."""
        if not self._name:
            me = await tried(self._call, Call("getMe"))
            self._name = str(me.get("username") or "") if isinstance(me, dict) else ""
        return self._name

    async def mend_menu(self, address: str, role: str, language: str) -> None:
        """Show the menu of a role in one chat, where the chat shows another menu."""
        shown = await tried(self._call, telegram_menu.shown_menu(address))
        if shown is not None and shown != telegram_menu.menu(address, role, language).params.get("commands", []):
            log.warning("telegram: a chat showed another role's menu", role=role)
            await self.role(address, role, language)

    # ------------------------------------------------------------------------------------------ inside

    async def _show(self, address: str, message: Outgoing) -> SendStatus:
        one = call(address, message)
        if message.media:
            one = self._uploads.by_name(one)
        try:
            result = await self._call(one)
        except TelegramRefused as refused:
            if message.media and not one.file and is_unknown_file(refused):
                self._uploads.forget(message.media)
                return await self._show(address, message)
            if message.edits and is_unchanged(refused):
                return SendStatus(message.edits)
            if message.edits and is_uneditable(refused):
                return await self._show(address, replace(message, edits=""))
            wait = refused.retry_after
            wide = wait is not None and self._floods.note(address, wait, time.monotonic())
            raise failure(refused, wide=wide, edits=bool(message.edits)) from None
        if not isinstance(result, dict) or "message_id" not in result:
            raise SendFailed("unreadable answer", unsure=True)
        if message.media:
            self._uploads.note(message.media, result)
        if message.menu:
            self._background.add(self.role(address, message.menu, message.language))
        return SendStatus(str(result["message_id"]))

    def _read(self, update: Any) -> Inbound | None:
        return inbound(update, self.account, self._clock)

    async def _take(self, event: Inbound) -> Any:
        """Hand an event over. After an unforeseen error the event is refused, so that Telegram brings it again."""
        if self._receive is None:
            raise Unavailable("not receiving")
        slow = asyncio.get_running_loop().call_later(TYPING_AFTER, self._show_typing, event.address)
        try:
            taken = await self._receive(event)
        except Unavailable:
            raise
        except Exception as error:
            log.error("telegram: event not taken", error=type(error).__name__, where=where_in_code(error))
            raise Unavailable(type(error).__name__) from error
        finally:
            slow.cancel()
        if self.receiving:
            self.receiving.came()
        return taken

    def _show_typing(self, address: str) -> None:
        """Show for five seconds that an answer is being written, because it takes long."""
        self._background.add(tried(self._call, Call("sendChatAction", {"chat_id": int(address), "action": "typing"})))

    async def _look(self, keeping: TelegramKeeping) -> None:
        """Look at Telegram's settings, again and again until that succeeds."""
        pause = self._pause
        while True:
            try:
                return await keeping.look()
            except TelegramRefused as refused:
                log.warning("telegram: not looked at what it keeps", reason=str(refused))
                await asyncio.sleep(refused.retry_after or pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _settle(self, inbound: Inbound, toast: str) -> None:
        async with self._settling:
            for one in settlement(inbound, toast):
                with suppress(TelegramRefused):  # too late, or the message is gone: does not matter
                    await self._call(one)
