"""Health checks and metrics: three paths for whoever watches over the server.

``/health/live``: the process answers. A supervisor restarts it otherwise. ``/health/ready``: everything works that an
owner's message needs; 503 otherwise, so that a proxy sends nobody here. ``/metrics``: figures for Prometheus.

Anybody may ask whether the server is ready. The reasons and the figures are for this machine and for callers with the
token; a request that a proxy has brought is never of this machine, whatever address it seems to come from.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.app import Product
from bot.channels.receiving import Receiving
from bot.metrics import CONTENT_TYPE, Gauges
from bot.settings import names_this_machine
from storage import gauges, tables
from storage.engine.database import Database, head, schema_version
from storage.outbox.messages import REPLY
from storage.sealing.vault import Vault

PATIENCE = 5.0  # seconds that the database may take to answer
FRESH = 1.0  # seconds for which an answer is cached, so that asking costs an attacker more than us
LATE = 60.0  # seconds that a reply may be overdue
BEHIND = 300.0  # seconds within which periodic work must have come to its end once
TASKS = {
    "writer": "turn writer",
    "delivery": "sweeper",
    "clock": "clock",
    "pump": "broadcasts",
}  # part of the product -> name of the asyncio task that runs as long as the part

keycheck = tables.table(tables.KeyCheck)


@dataclass(frozen=True, slots=True)
class HealthPart:
    """One part that must work, and what was seen of it, in a few words without personal data."""

    name: str
    ok: bool
    seen: str


class Health:
    """The three paths of one server. ``product`` gives the running product, None while it starts or has ended."""

    def __init__(self, product: Callable[[], Product | None], *, token: str = "") -> None:
        self._product, self._token = product, token
        self._gauges: Gauges | None = None
        self._looking: asyncio.Task[list[HealthPart]] | None = None
        self._looked_at = float("-inf")
        self._parts: list[HealthPart] = []

    def routes(self) -> list[Route]:
        """The routes, to be added before any route that takes every path."""
        return [
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
            Route("/metrics", self._metrics),
        ]

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"live": True})

    async def _ready(self, request: Request) -> Response:
        product = self._product()
        parts = await self._look(product) if product else [HealthPart("server", ok=False, seen="starting or ending")]
        ready = all(part.ok for part in parts)
        answer: dict[str, object] = {"ready": ready}
        if may_see(request, self._token):
            answer["parts"] = {part.name: {"ok": part.ok, "seen": part.seen} for part in parts}
        return JSONResponse(answer, 200 if ready else 503, {"Cache-Control": "no-store"})

    async def _metrics(self, request: Request) -> Response:
        if not may_see(request, self._token):
            return JSONResponse({"error": "not for everybody"}, 401, {"WWW-Authenticate": "Bearer"})
        product = self._product()
        if product is None:
            return JSONResponse({"error": "starting or ending"}, 503)
        self._gauges = self._gauges or Gauges(product.database, product.now)
        return Response(await self._gauges.exposition(), media_type=CONTENT_TYPE)

    async def _look(self, product: Product) -> list[HealthPart]:
        """The parts as they are now; one check at a time, shared by all who ask meanwhile."""
        if time.monotonic() - self._looked_at < FRESH:
            return self._parts
        looking = self._looking
        if looking is None:
            looking = asyncio.create_task(look(product, product.now()), name="ready?")
            self._looking = looking
        # The check is never cancelled: cancelling a write loses the only connection for writing.
        await asyncio.wait({looking}, timeout=PATIENCE)
        if not looking.done():
            return [HealthPart("database", ok=False, seen=f"no answer within {PATIENCE:.0f} s")]
        if self._looking is looking:
            self._parts, self._looked_at, self._looking = looking.result(), time.monotonic(), None
        return looking.result()


async def look(product: Product, at: datetime) -> list[HealthPart]:
    """Every part of this process that an owner's message passes through, checked."""
    alive = {task.get_name() for task in asyncio.all_tasks() if not task.done()}
    parts = [_look_at(product, part, task in alive) for part, task in TASKS.items() if getattr(product, part)]
    if receiving := [each for channel in product.channels.values() if (each := getattr(channel, "receiving", None))]:
        parts.append(_look_at_receiving(receiving))
    try:
        parts += await _look_at_database(product.database, product.vault)
        return [*parts, await _look_at_replies(product.database, at)] if product.delivery else parts
    except Exception as error:  # any error means not ready; its text may quote a row, so its type alone is shown
        return [*parts, HealthPart("database", ok=False, seen=type(error).__name__)]


def _look_at(product: Product, part: str, runs: bool) -> HealthPart:
    """Whether a part's task runs, and its work has come to its end lately."""
    behind: float | None = getattr(getattr(product, part), "behind", 0.0)
    if not runs:
        return HealthPart(part, ok=False, seen="has ended")
    if part == "writer" and product.writer.refuses:
        return HealthPart(part, ok=False, seen="the database takes nothing")
    if behind is None:
        return HealthPart(part, ok=True, seen="stands by")
    return HealthPart(part, behind < BEHIND, "runs" if behind < BEHIND else f"nothing done for {behind:.0f} s")


def _look_at_receiving(channels: Sequence[Receiving]) -> HealthPart:
    """Whether people's messages still come: a webhook that somebody has removed makes no noise."""
    seen = "; ".join(each.seen() for each in channels)
    return HealthPart("receiving", ok=not any(each.trouble for each in channels), seen=seen)


async def _look_at_replies(database: Database, at: datetime) -> HealthPart:
    async with database.read() as tx:
        overdue = (await gauges.oldest_due(tx, at)).get(REPLY, 0.0)
    return HealthPart("replies", overdue < LATE, f"the oldest is {overdue:.0f} s overdue")


async def _look_at_database(database: Database, vault: Vault) -> list[HealthPart]:
    began = time.perf_counter()
    write = update(keycheck).where(keycheck.c.id == 1).values(id=1).returning(keycheck.c.value)
    async with database.write() as tx:  # a real write: a full or read-only disk lets transactions begin
        stored = (await tx.execute(write)).scalar()
    took = (time.perf_counter() - began) * 1000
    async with database.read() as tx:
        revision = await schema_version(tx)
    return [
        HealthPart("database", ok=True, seen=f"{database.dialect}, written in {took:.0f} ms"),
        HealthPart("schema", revision == head(), f"revision {revision}, this program's is {head()}"),
        HealthPart(
            "key",
            stored is not None and vault.fits(stored),
            "fits" if stored and vault.fits(stored) else "does not fit",
        ),
    ]


def may_see(request: Request, token: str) -> bool:
    """Whether the details are for this caller: on this machine itself, or with the token."""
    shown = request.headers.get("authorization", "")
    if token and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        return True
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via")):
        return False
    if not names_this_machine(request.headers.get("host", "")):  # a page of another site, its name bent to this machine
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
