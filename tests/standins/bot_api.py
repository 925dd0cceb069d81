"""A Bot API server in this process, with people who use Telegram and faults that come when they are asked for.

async with BotApi() as api:
    driver = Telegram(api.token, api=api.url, clock=now)
    ...
    siti = api.person(7, "Siti")
    siti.say("halo")
    await api.taken()                     # the bot has confirmed every update
    await api.until(lambda: siti.told)    # it has answered
    siti.tap("Ya, boleh")
    assert api.problems == []             # no call was other than the published schema says
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.web_request import FileField

from . import check_calls
from .bot_api_methods import METHODS, Refusal
from .bot_api_people import Person
from .bot_api_updates import Conflict, Updates

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # the example of the documentation
UPLOADS = 50 << 20  # bytes
LOOK_EVERY = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Made:
    """A call as it came, and how it was answered; ``status`` 0: it was cut off."""

    method: str
    params: dict[str, Any]
    status: int
    words: str = ""
    at: float = 0.0  # seconds on a steady clock


@dataclass(slots=True)
class Fault:
    """What befalls the next ``times`` calls of a method ("*": of any but those for updates)."""

    method: str
    times: int
    refusal: Refusal | None = None  # answered with this, without being done
    cut: str = ""  # "before" or "after" it is done
    chat: int | None = None

    def befalls(self, method: str, params: dict[str, Any]) -> bool:
        meant = method == self.method or (self.method == "*" and method != "getUpdates")
        return self.times > 0 and meant and self.chat in (None, params.get("chat_id"))


@dataclass(slots=True)
class Flood:
    """Nobody (or one chat) is sent anything for so many seconds, beginning with the next call that would.

    ``impatient``: calls that came again before they might.
    """

    seconds: float
    chat: int | None
    until: float = math.inf
    told: dict[Any, float] = field(default_factory=dict)
    impatient: int = 0


class BotApi:
    """``calls``: all that came. ``problems``: what was wrong with them. ``people`` by number. ``about``: the bot's texts.

    ``clock`` gives epoch seconds for the dates of messages.
    """

    def __init__(self, token: str = TOKEN, clock: Callable[[], float] = time.time) -> None:
        self.token, self.clock = token, clock
        number = int(token.partition(":")[0])
        self.bot = {"id": number, "is_bot": True, "first_name": "Rangkul", "username": "RangkulBot"}
        self.calls: list[Made] = []
        self.problems: list[str] = []
        self.people: dict[int, Person] = {}
        self.about: dict[str, Any] = {}
        self.files: dict[str, tuple[str, str]] = {}  # what was uploaded, by the name that it may be sent by again
        self.updates = Updates(self._changed)
        self.floods: list[Flood] = []
        self._faults: list[Fault] = []
        self._change = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=UPLOADS)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.updates.close()
        if self._runner:
            await self._runner.cleanup()

    # ------------------------------------------------------------------------------------------ people

    def person(self, number: int, name: str = "Siti") -> Person:
        """The person with this number, made if new. Nobody may be written to before they wrote."""
        if number not in self.people:
            self.people[number] = Person(
                number, name, lambda kind, body: self.updates.add(number, kind, body), self.clock
            )
        return self.people[number]

    def group_chatter(self, text: str, number: int = -1001234) -> int:
        """Somebody says something in a group that the bot is in; gives the update's number."""
        chat = {"id": number, "type": "supergroup", "title": "Paguyuban Pasar"}
        sender = {"id": 99, "is_bot": False, "first_name": "Orang"}
        message = {"message_id": 1, "date": int(self.clock()), "chat": chat, "from": sender, "text": text}
        return self.updates.add(number, "message", message)

    # ------------------------------------------------------------------------------------------ waiting

    async def until(self, so: Callable[[], Any], patience: float = 10.0) -> None:
        """Wait until this is so; looked at after each call and each update, and now and then. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while not so():
                self._change.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._change.wait(), LOOK_EVERY)

    async def taken(self, patience: float = 10.0) -> None:
        """Wait until the bot has confirmed every update. Raises TimeoutError."""
        await self.until(lambda: not self.updates.pending, patience)

    def made(self, method: str) -> list[Made]:
        """The calls of one method that came, in order."""
        return [call for call in self.calls if call.method == method]

    # ------------------------------------------------------------------------------------------ faults

    def flood(self, seconds: float, person: Person | None = None) -> Flood:
        """For so long from the next call on nobody, or this person, can be sent anything: 429 with the seconds left."""
        flood = Flood(seconds, person.id if person else None)
        self.floods.append(flood)
        return flood

    def fail(self, method: str, status: int = 500, words: str = "Internal Server Error", times: int = 1) -> None:
        """The next calls of this method are refused."""
        self._faults.append(Fault(method, times, Refusal(status, words)))

    def cut(self, method: str, when: str = "before", times: int = 1) -> None:
        """The connection of the next calls of this method is cut, "before" or "after" they are done."""
        self._faults.append(Fault(method, times, cut=when))

    def spare(self) -> None:
        """Refusals and cuts that were asked for and have befallen nobody yet are called off; floods go on."""
        self._faults.clear()

    # ------------------------------------------------------------------------------------------ a call

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _answer(401, "Unauthorized")
        try:
            params = await self._params(request, method)
        except ValueError:
            self.problems.append(f"{method}: parameters cannot be read")
            return _answer(400, "Bad Request: can't parse parameters")
        fault = next((fault for fault in self._faults if fault.befalls(method, params)), None)
        if fault:
            fault.times -= 1
        if fault and fault.cut == "before":
            return self._hang_up(request, method, params)
        try:
            if fault and fault.refusal:
                raise fault.refusal
            result = await self._do(method, params)
        except Refusal as refusal:
            self._note(method, params, refusal.status, refusal.words)
            return _answer(refusal.status, refusal.words, refusal.parameters)
        if fault:
            return self._hang_up(request, method, params)
        self._note(method, params, 200)
        return web.json_response({"ok": True, "result": result})

    async def _do(self, method: str, params: dict[str, Any]) -> Any:
        if wrong := check_calls.problems(method, params):
            self.problems += wrong
            raise Refusal(400, f"Bad Request: {wrong[0]}")
        self._hold_back(method, params)
        if method == "getUpdates":
            if "allowed_updates" in params:
                self.updates.allowed = tuple(params["allowed_updates"])
            try:
                return await self.updates.poll(
                    params.get("offset", 0), params.get("limit", 100), params.get("timeout", 0)
                )
            except Conflict as conflict:
                raise Refusal(409, f"Conflict: {conflict}") from None
        if method not in METHODS:
            self.problems.append(f"{method}: the stand-in does not know it")
            raise Refusal(404, "Not Found")
        return METHODS[method](self, params)

    def _hold_back(self, method: str, params: dict[str, Any]) -> None:
        if not method.startswith(("send", "edit")) or method == "sendChatAction":
            return  # "is typing" is no message
        now, chat = time.monotonic(), params.get("chat_id")
        for flood in self.floods:
            flood.impatient += now < flood.told.get(chat, 0)
            if flood.until > now and flood.chat in (None, chat):
                flood.until = min(flood.until, now + flood.seconds)
                seconds = math.ceil(flood.until - now)
                flood.told[chat] = now + seconds
                raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    async def _params(self, request: web.Request, method: str) -> dict[str, Any]:
        if request.content_type == "application/json":
            params = await request.json() if request.can_read_body else {}
            if not isinstance(params, dict):
                raise ValueError("not an object")
            return params
        fields = dict(request.query)
        uploads: dict[str, Any] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                uploads[name] = check_calls.Upload(value.filename, value.file.read().decode(errors="replace"))
            else:
                fields[name] = str(value)
        return check_calls.from_form(method, fields) | uploads

    def _hang_up(self, request: web.Request, method: str, params: dict[str, Any]) -> web.Response:
        self._note(method, params, 0, "cut")
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _note(self, method: str, params: dict[str, Any], status: int, words: str = "") -> None:
        self.calls.append(Made(method, params, status, words, time.monotonic()))
        self._changed()

    def _changed(self) -> None:
        self._change.set()


def _answer(status: int, words: str, parameters: dict[str, int] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": words}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)
