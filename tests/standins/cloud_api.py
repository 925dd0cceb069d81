"""A Cloud API server in this process, with people who use WhatsApp, counting what Meta bills.

async with CloudApi() as api:
    driver = WhatsApp(api.token, api=api.url, phone_id=PHONE_ID, …)
    api.webhooks.url = "http://…/webhook/whatsapp"
    siti = api.person("Siti")
    siti.say("halo")
    await api.quiet()                     # the bot has taken everything
    siti.tap("Ya, boleh")
    assert api.problems == []             # nothing was refused for how it was written
    api.billed                            # Counter({"service": 3, "utility": 1})
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Handler

from . import cloud_api_templates
from .cloud_api_checks import Problem, problem
from .cloud_api_people import Person
from .cloud_api_screen import shown
from .cloud_api_webhooks import Webhooks

TOKEN, PHONE_ID, WABA_ID, APP_SECRET, VERIFY = "EAAG-percobaan", "106540352242922", "102290129340398", "rahasia", "kata"
WINDOW = 24 * 3600.0  # seconds
PAIR_BURST, PAIR_GAP = 45.0, 6.0  # messages to one person, and seconds for each once those are used up
LOOK_EVERY = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Made:
    """A call as it came, and how it was answered: ``code`` is Meta's, 0 for none; ``status`` 0: it was cut off."""

    path: str
    params: dict[str, Any]
    status: int
    code: int = 0
    at: float = 0.0  # seconds on a steady clock


class CloudApi:
    """``calls``: all that came. ``problems``: what was refused for how it was written. ``billed``: messages by category.

    ``clock`` gives epoch seconds. ``throughput``: messages a second of the whole number (0: any).
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock, self.token = clock, TOKEN
        self.calls: list[Made] = []
        self.problems: list[str] = []
        self.people: dict[str, Person] = {}
        self.templates: dict[tuple[str, str], dict[str, Any]] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.read: list[str] = []
        self.typed: list[str] = []
        self.billed: Counter[str] = Counter()
        self.billed_to: Counter[str] = Counter()
        self.throughput = 0.0
        self.status, self.apps = "CONNECTED", ["Rangkul"]  # of the number; who is told of what happens
        self.webhooks = Webhooks(WABA_ID, APP_SECRET)
        self._faults: deque[tuple[int, int, str]] = deque()  # (status, code, to whom)
        self._cuts: deque[str] = deque()
        self._lately: deque[float] = deque()
        self._ids = 0
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100 << 20, middlewares=[self._authorised])
        app.router.add_post(f"/v25.0/{PHONE_ID}/messages", self._messages)
        app.router.add_post(f"/v25.0/{PHONE_ID}/media", self._media)
        app.router.add_get(f"/v25.0/{PHONE_ID}", self._number)
        app.router.add_get(f"/v25.0/{WABA_ID}/subscribed_apps", self._subscriptions)
        app.router.add_post(f"/v25.0/{WABA_ID}/subscribed_apps", self._subscribe)
        app.router.add_get(f"/v25.0/{WABA_ID}/message_templates", self._list_templates)
        app.router.add_post(f"/v25.0/{WABA_ID}/message_templates", self._add_template)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self.webhooks.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.webhooks.close()
        if self._runner:
            await self._runner.cleanup()

    # ------------------------------------------------------------------------------------------ people and time

    def person(self, name: str, *, shows_number: bool = True) -> Person:
        """The person of this name, made if new."""
        if name not in self.people:
            number = len(self.people) + 1
            phone, user = f"62812{number:08d}", f"ID.13491208655{number:06d}"
            self.people[name] = Person(name, phone, user, self._happened, self.clock, shows_number)
        return self.people[name]

    async def quiet(self, patience: float = 10.0) -> None:
        """Wait until the bot has taken everything that was brought. Raises TimeoutError."""
        await self.until(lambda: not self.webhooks.pending, patience)

    async def until(self, so: Callable[[], Any], patience: float = 10.0) -> None:
        async with asyncio.timeout(patience):
            while not so():
                await asyncio.sleep(LOOK_EVERY)

    def sent(self) -> list[Made]:
        """The messages that were taken, in order."""
        return [call for call in self.calls if call.status == 200 and "type" in call.params]

    def _happened(self, value: dict[str, Any]) -> str:
        """Something happened to a person: it gets an id and a time, and is brought."""
        external_id, stamp = self._fresh("in"), str(int(self.clock()))
        for message in value.get("messages", ()):
            message |= {"id": external_id, "timestamp": stamp}
        for preference in value.get("user_preferences", ()):
            preference["timestamp"] = int(stamp)
        self.tell("user_preferences" if "user_preferences" in value else "messages", value)
        return external_id

    def tell(self, field: str, value: dict[str, Any]) -> None:
        """Bring this change of the number."""
        about = {"display_phone_number": "628110000000", "phone_number_id": PHONE_ID}
        self.webhooks.add(field, {"messaging_product": "whatsapp", "metadata": about, **value})

    # ------------------------------------------------------------------------------------------ faults

    def fail(self, code: int, *, status: int = 400, times: int = 1, person: Person | None = None) -> None:
        """The next messages (to this person) are refused with this code."""
        self._faults.extend([(status, code, person.user if person else "")] * times)

    def cut(self, when: str = "before") -> None:
        """The connection of the next message is cut, "before" or "after" it is taken; or of the next "upload"."""
        self._cuts.append(when)

    def approve(self, template: dict[str, Any], status: str = "APPROVED") -> None:
        """Have this template (as it is submitted) in this state."""
        self.templates[(template["name"], template["language"])] = {**template, "status": status}

    # ------------------------------------------------------------------------------------------ a call

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        params = await request.json()
        if params.get("status") == "read":
            (self.typed if "typing_indicator" in params else self.read).append(params["message_id"])
            return web.json_response({"success": True})
        cut = self._cuts.popleft() if self._cuts else ""
        if cut == "before":
            return self._hang_up(request, params)
        found = self._fault(params)
        if found is None and (wrong := self._wrong(params)):
            self.problems.append(f"{wrong[0]} {wrong[1]}: {params.get('type')}")
            found = (400, *wrong)
        found = found or self._too_much(params)
        if found:
            status, code, words = found
            self._note(request, params, status, code)
            error = {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code}
            return web.json_response({"error": {**error, "error_data": {"details": words}}}, status=status)
        external_id = self._take(params)
        if cut:
            return self._hang_up(request, params)
        self._note(request, params, 200)
        who = {"input": params.get("to") or params.get("recipient")}
        return web.json_response(
            {"messaging_product": "whatsapp", "contacts": [who], "messages": [{"id": external_id}]}
        )

    def _wrong(self, params: dict[str, Any]) -> Problem | None:
        wrong = problem(params)
        if not wrong and params["type"] == "template":
            wrong = cloud_api_templates.problem(params["template"], self.templates)
        kind = params.get("type", "")
        if not wrong and kind in ("image", "document") and params[kind]["id"] not in self.media:
            wrong = 131053, "no such media"
        return wrong

    def _fault(self, params: dict[str, Any]) -> tuple[int, int, str] | None:
        for fault in self._faults:
            status, code, user = fault
            if user in ("", params.get("recipient")):
                self._faults.remove(fault)
                return status, code, "as ordered"
        return None

    def _too_much(self, params: dict[str, Any]) -> tuple[int, int, str] | None:
        """The limits of the number and of each person, as Meta keeps them."""
        now = time.monotonic()
        while self._lately and self._lately[0] <= now - 1:
            self._lately.popleft()
        if self.throughput and len(self._lately) >= self.throughput:
            return 429, 130429, "rate limit hit"
        person = self._who(params)
        if person:
            here = self.clock()
            person.tokens = min(PAIR_BURST, person.tokens + (here - person.filled_at) / PAIR_GAP)
            person.filled_at = here
            if person.tokens < 1:
                return 400, 131056, "pair rate limit hit"
            person.tokens -= 1
        self._lately.append(now)
        return None

    def _take(self, params: dict[str, Any]) -> str:
        """The message is taken; what becomes of it is brought later."""
        external_id, person = self._fresh("out"), self._who(params)
        template = params.get("template", {})
        known = self.templates.get((template.get("name", ""), template.get("language", {}).get("code", "")), {})
        category = known.get("category", "service").lower()
        open_window = person and person.wrote is not None and self.clock() - person.wrote < WINDOW
        if person is None:
            self._failed(external_id, params, 131026)
        elif not template and not open_window:
            self._failed(external_id, params, 131047)
        elif category == "marketing" and person.stopped:
            self._failed(external_id, params, 131050)
        else:
            self._became(external_id, params, "sent", category)
            if not person.blocked:
                self.billed[category] += 1
                self.billed_to[person.name] += 1
                person.screen.append(shown(external_id, params, known, self.media))
                self._became(external_id, params, "delivered", category)
                self._became(external_id, params, "read", category)
        return external_id

    def _failed(self, external_id: str, params: dict[str, Any], code: int) -> None:
        error = {"code": code, "title": str(code), "message": str(code), "error_data": {"details": "as Meta says"}}
        self._became(external_id, params, "failed", "", errors=[error])

    def _became(self, external_id: str, params: dict[str, Any], state: str, category: str, **more: Any) -> None:
        person = self._who(params)
        about = {"id": external_id, "status": state, "timestamp": str(int(self.clock()))}
        if person:
            about |= {"recipient_user_id": person.user, "recipient_id": person.phone if person.shows_number else ""}
        if ref := params.get("biz_opaque_callback_data"):
            about["biz_opaque_callback_data"] = ref
        if category and state != "read":
            pricing = {"billable": True, "pricing_model": "PMP", "category": category, "type": "regular"}
            more["pricing"] = pricing
        self.tell("messages", {"statuses": [{**about, **more}]})

    async def _media(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if self._cuts and self._cuts[0] == "upload":
            return self._hang_up(request, {"cut": self._cuts.popleft()})
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        assert (form["messaging_product"], form["type"]) == ("whatsapp", upload.content_type)
        media_id = str(len(self.media) + 1000)
        self.media[media_id] = (upload.filename, upload.file.read())
        return web.json_response({"id": media_id})

    async def _number(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "id": PHONE_ID,
                "status": self.status,
                "quality_rating": "GREEN",
                "display_phone_number": "+62 811-0000-000",
            }
        )

    async def _subscriptions(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [{"whatsapp_business_api_data": {"name": app}} for app in self.apps]})

    async def _subscribe(self, _: web.Request) -> web.StreamResponse:
        self.apps = ["Rangkul"]
        return web.json_response({"success": True})

    async def _list_templates(self, request: web.Request) -> web.StreamResponse:
        start, some = int(request.query.get("after", "0")), list(self.templates.values())
        end = start + min(2, int(request.query.get("limit", "25")))  # so that pages are turned in tests
        paging = {"cursors": {"after": str(end)}} | ({"next": "https://…"} if end < len(some) else {})
        return web.json_response({"data": some[start:end], "paging": paging})

    async def _add_template(self, request: web.Request) -> web.StreamResponse:
        template = await request.json()
        self.templates[(template["name"], template["language"])] = {**template, "status": "PENDING"}
        return web.json_response({"id": "1", "status": "PENDING", "category": template["category"]})

    # ------------------------------------------------------------------------------------------ inside

    def _who(self, params: dict[str, Any]) -> Person | None:
        wanted = {params.get("to"), params.get("recipient")}
        return next((person for person in self.people.values() if {person.phone, person.user} & wanted), None)

    def _fresh(self, way: str) -> str:
        self._ids += 1
        return f"wamid.{way}{self._ids:08d}"

    @web.middleware
    async def _authorised(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return await handler(request)
        error = {"message": "Error validating access token", "type": "OAuthException", "code": 190}
        return web.json_response({"error": error}, status=401)

    def _hang_up(self, request: web.Request, params: dict[str, Any]) -> web.Response:
        self._note(request, params, 0)
        with suppress(AttributeError):
            request.transport.abort()  # gone already: as was wished
        return web.Response()

    def _note(self, request: web.Request, params: dict[str, Any], status: int, code: int = 0) -> None:
        self.calls.append(Made(request.path, params, status, code, time.monotonic()))
