"""The channel "whatsapp" without the library that carries its calls: receiving, sending, read marks."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from starlette.routing import Route

from bot.log import where_in_code
from conversations.engine.core import Heard

from . import whatsapp_webhook
from .background import Background
from .base import Inbound, Media, Outgoing, PlatformStatus, Receive, SendFailed, SendStatus, Unavailable
from .receiving import Receiving, look_again_and_again
from .whatsapp import LIMITS, NAME, attached, body
from .whatsapp_keeping import EVERY, WhatsAppKeeping, shown_number
from .whatsapp_reading import Event, events
from .whatsapp_refusals import STOPPED, WhatsAppFloods, failure

TYPING_AFTER = 1.0  # seconds; mostly the answer is there long before
READING = 4  # read marks under way at a time
UNREAD = 16  # read marks that may wait; a message without one is shown as read with a later one of its chat
UPLOADS = 8  # media of broadcasts that are known, by content
OF_A_FILE = (100, 131009, 131052, 131053)  # refusals that may mean a file's id is not known any more
UPLOAD_KEPT = timedelta(days=7)  # Meta keeps them for 30

log = structlog.get_logger()


class WhatsAppRefused(Exception):  # noqa: N818 - named for what happened
    """Raised when a call got no result.

    ``code`` and ``subcode`` are Meta's, None where it gave none: then the answer was not Meta's. ``status`` as in HTTP,
    0 without an answer. ``unsure``: the call may have been carried out all the same.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        status: int = 0,
        unsure: bool = False,
    ) -> None:
        super().__init__(reason)
        self.code, self.subcode, self.status, self.unsure = code, subcode, status, unsure


class GraphApiCarrier(Protocol):
    """Carries calls to the Graph API: the library of the channel."""

    def open(self) -> None:
        """Keep connections open for the next call from now on."""

    async def close(self) -> None:
        """Close the connections after the last call under way; a later call gets a connection of its own."""

    async def call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> Any:
        """Make a call; its result as JSON. Raises WhatsAppRefused."""

    async def upload(self, path: str, media: Media) -> str:
        """Upload a file; its id. Raises WhatsAppRefused."""


class WhatsAppChannel:
    """One business number. ``phone_id`` is its id (not the number), ``waba_id`` the id of its WhatsApp Business Account.

    ``api`` is the URL of another server than Meta's own. ``choose`` gives the label of the button that opens a list of
    rows, in a language ("": the source). ``clock`` gives aware times. ``receives``: the webhook is this process's.
    """

    name = NAME
    limits = LIMITS
    carry: Callable[[str, str], GraphApiCarrier]
    """Makes the carrier for a token and the URL of a server ("": Meta's own)."""

    def __init__(
        self,
        token: str,
        *,
        phone_id: str,
        waba_id: str,
        app_secret: str,
        verify_token: str,
        choose: Callable[[str], str],
        api: str = "",
        clock: Callable[[], datetime],
        receives: bool = True,
    ) -> None:
        self.account, self._waba, self._choose, self._clock = phone_id, waba_id, choose, clock
        self._app_secret, self._verify_token = app_secret, verify_token
        self._carrier = type(self).carry(token, api)
        self._receive: Receive | None = None
        self._number = ""
        self._floods = WhatsAppFloods()
        self._uploads: dict[bytes, tuple[str, datetime]] = {}
        self._background = Background()
        self._reading, self._uploading = asyncio.Semaphore(READING), asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self.receiving = Receiving(NAME, clock) if receives else None

    # ------------------------------------------------------------------------------------------ as every channel

    async def start(self, receive: Receive) -> None:
        """Begin to receive the events that the webhook brings."""
        self._receive = receive
        self._carrier.open()
        if self.receiving:
            keeping = WhatsAppKeeping(self._carrier, self.receiving, self.account, self._waba, self._hand_over)
            look = partial(self._look, keeping)
            self._background.add(look())
            self._looking = asyncio.create_task(look_again_and_again(look, EVERY, self._clock), name="whatsapp looking")

    async def stop(self) -> None:
        """Stop receiving. Messages may still be sent; connections are closed after the last call."""
        if self._looking:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        self._receive = None
        await self._background.stop()
        await self._carrier.close()

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        """Hand one message over to Meta. Acceptance does not mean arrival: that comes later as a ``PlatformStatus``."""
        try:
            result = await self._post(address, message)
        except WhatsAppRefused as refused:
            if refused.code not in OF_A_FILE or not self._forget(message):
                raise self._failure(refused, address) from None
            try:  # Meta may have forgotten the file that we sent by its id
                result = await self._post(address, message)
            except WhatsAppRefused as again:
                raise self._failure(again, address) from None
        self._floods.passed(address)
        try:
            return SendStatus(str(result["messages"][0]["id"]))
        except (KeyError, IndexError, TypeError):
            raise SendFailed("not understood", unsure=True) from None

    async def public_name(self) -> str:
        """The number as a link has it, asked once; "" while Meta does not tell."""
        if not self._number:
            with suppress(WhatsAppRefused):
                self._number = await shown_number(self._carrier, self.account)
        return self._number

    async def _post(self, address: str, message: Outgoing) -> Any:
        """Raises WhatsAppRefused; SendFailed where its file cannot be uploaded."""
        posted = body(address, message, self._choose(message.language), await self._attach(message))
        return await self._carrier.call("POST", f"/{self.account}/messages", posted)

    def _forget(self, message: Outgoing) -> bool:
        """Whether the message's file was one that is uploaded once; the next message uploads it anew."""
        mark = hashlib.sha256(message.media.content).digest() if message.media else b""
        return self._uploads.pop(mark, None) is not None

    async def settle(self, inbound: Inbound, toast: str) -> None:
        """Does nothing: a pressed button of WhatsApp waits for no answer, and shows no toast."""

    # ------------------------------------------------------------------------------------------ WhatsApp's own

    def routes(self) -> list[Route]:
        """The web server's routes for this channel."""
        if not self.receiving:
            return []
        secrets = (self._app_secret, self._verify_token)
        return whatsapp_webhook.routes(*secrets, self._read, self._take, self.receiving.turned_away)

    # ------------------------------------------------------------------------------------------ inside

    def _read(self, told: Any) -> list[Event]:
        return events(told, self.account, self._waba, self._clock)

    async def _take(self, event: Event) -> Any:
        """Hand an event over, and show a person's message as read."""
        if not isinstance(event, Inbound) or event.reach:
            return await self._hand_over(event)
        slow = asyncio.get_running_loop().call_later(TYPING_AFTER, self._show_read, event, True)
        try:
            taken = await self._hand_over(event)
        finally:
            slow.cancel()
        self._show_read(event)
        return taken

    async def _hand_over(self, event: Event) -> Any:
        """Hand an event over. After an unforeseen error the event is refused, so that Meta brings it again."""
        if self._receive is None:
            raise Unavailable("not receiving")
        try:
            taken = await self._receive(event)
        except Unavailable:
            raise
        except Exception as error:
            log.error("whatsapp: event not taken", error=type(error).__name__, where=where_in_code(error))
            raise Unavailable(type(error).__name__) from error
        if self.receiving and isinstance(event, Inbound | PlatformStatus):
            self.receiving.came()
        return taken

    async def _look(self, keeping: WhatsAppKeeping) -> None:
        """Look at Meta's settings; a failure is left for the next look, as Meta calls the webhook whatever we see."""
        try:
            await keeping.look()
        except WhatsAppRefused as refused:
            log.warning("whatsapp: not looked at what it keeps", code=refused.code, reason=str(refused))
        except Unavailable:
            log.info("whatsapp: what it keeps is not written down")

    def _show_read(self, event: Inbound, typing: bool = False) -> None:
        """Show a message as read (two blue ticks), which costs nothing; ``typing``: also that an answer is being written."""
        if len(self._background) < UNREAD:
            self._background.add(self._mark_read(event.external_id, typing))

    async def _mark_read(self, message_id: str, typing: bool) -> None:
        shown: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        if typing:
            shown["typing_indicator"] = {"type": "text"}
        async with self._reading:
            try:
                await self._carrier.call("POST", f"/{self.account}/messages", shown)
            except WhatsAppRefused as refused:
                log.info("whatsapp: not shown as read", code=refused.code)

    async def _attach(self, message: Outgoing) -> str:
        """Upload a message's file; its id at Meta, "" for none. Raises SendFailed, never unsure: nothing has been sent
        yet."""
        media = attached(message)
        if media is None:
            return ""
        try:
            if message.file:
                return await self._carrier.upload(f"/{self.account}/media", media)
            async with self._uploading:
                return await self._uploaded(media)
        except WhatsAppRefused as refused:
            raise _decided(refused) from None

    async def _uploaded(self, media: Media) -> str:
        """The id at Meta of a broadcast's file, uploaded once, not once for each recipient."""
        mark, now = hashlib.sha256(media.content).digest(), self._clock()
        known = self._uploads.get(mark)
        if known and now - known[1] < UPLOAD_KEPT:
            return known[0]
        media_id = await self._carrier.upload(f"/{self.account}/media", media)
        self._uploads[mark] = (media_id, now)
        while len(self._uploads) > UPLOADS:
            del self._uploads[next(iter(self._uploads))]
        return media_id

    def _failure(self, refused: WhatsAppRefused, address: str) -> SendFailed:
        if refused.unsure:
            return SendFailed(str(refused), unsure=True, silent=True)
        if refused.code == STOPPED:
            self._background.add(self._stopped(address))
        return self._floods.note(refused.code, address) or _decided(refused)

    async def _stopped(self, address: str) -> None:
        """Hand over that this person has switched off what WhatsApp takes for marketing, known only from this refusal."""
        now = self._clock()
        mark = hashlib.sha256(f"{address}|{now:%Y-%m-%d}".encode()).hexdigest()[:32]
        with suppress(Unavailable):
            await self._hand_over(
                Inbound(NAME, self.account, f"stopped-{mark}", address, Heard(), now, reach="stopped")
            )


def _decided(refused: WhatsAppRefused) -> SendFailed:
    return failure(refused.code, refused.subcode, status=refused.status)
