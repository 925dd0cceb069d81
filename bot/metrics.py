"""Metrics in Prometheus' format. Labels never hold a name or words of a person.

The functions here count; a call costs about a microsecond, so that a turn may count. Figures of the database are read
when a monitor asks, at most every five seconds (:class:`Gauges`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from storage import gauges
from storage.engine.database import Database
from storage.gauges import Figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
READ_EVERY = 5.0  # seconds
LANES = ("reply", "notice", "bulk")  # storage.messages: 0, 1, 2

# A registry of our own: libraries that fill Prometheus' global one do not show up here, and tests can read it.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_TURNS = Counter(
    "rangkul_turns", "Events taken in, by kind and what became of them", ("kind", "outcome"), registry=REGISTRY
)
_TURN = Histogram("rangkul_turn_seconds", "From an event's arrival to its commit", buckets=_SECONDS, registry=REGISTRY)
_BATCH = Histogram(
    "rangkul_batch_turns", "Turns in one transaction", buckets=(1, 2, 4, 8, 16, 32, 64), registry=REGISTRY
)
_SENDS = Counter("rangkul_sends", "Attempts to send, by channel and result", ("channel", "result"), registry=REGISTRY)
_FAILURES = Counter("rangkul_send_failures", "Attempts that failed, by kind", ("channel", "kind"), registry=REGISTRY)
_RATE = Gauge("rangkul_pace_messages", "Messages a second, over the last minute", ("channel",), registry=REGISTRY)
_PAUSED = Gauge(
    "rangkul_pace_paused_seconds", "For how long the platform wants silence", ("channel",), registry=REGISTRY
)

_REFUSED = Counter("rangkul_web_refused", "Requests that were not heard out, by reason", ("reason",), registry=REGISTRY)

_CAME = Gauge("rangkul_last_event_timestamp_seconds", "When the last event came", ("channel",), registry=REGISTRY)
_WAITS = Gauge("rangkul_events_waiting_at_platform", "Events that the platform keeps", ("channel",), registry=REGISTRY)
_AWAY = Counter(
    "rangkul_turned_away", "Requests to a webhook without the platform's signature", ("channel",), registry=REGISTRY
)
_RECEIVES = Gauge(
    "rangkul_receives", "Whether a channel still receives, as far as known", ("channel",), registry=REGISTRY
)

_turns = cache(_TURNS.labels)  # finding a child by its labels costs more than counting
_sends = cache(_SENDS.labels)


def turn(kind: str, outcome: str, seconds: float) -> None:
    """Count one event taken in. ``kind``: text, press, start, photo, …; ``outcome``: done, again, failed, refused."""
    _turns(kind, outcome).inc()
    _TURN.observe(seconds)


def batch(size: int) -> None:
    """Count one committed transaction of ``size`` turns."""
    _BATCH.observe(size)


def sent(channel: str, result: str) -> None:
    """Count one attempt to send. ``result``: sent, later (to be tried again), parked (service window closed), uncertain
    (may have left), failed, gone (the person cannot be reached)."""
    _sends(channel, result).inc()


def failed(channel: str, kind: str) -> None:
    """Count a failed attempt to send. ``kind``: gone, flood, closed, unsure, refused, no_answer, other."""
    _FAILURES.labels(channel, kind).inc()


def refused(reason: str) -> None:
    """Count a request or connection cut short. ``reason``: connections, bytes, head, head late, body late, answer late."""
    _REFUSED.labels(reason).inc()


def came(channel: str, at: float) -> None:
    """Set the moment of a channel's last event, in epoch seconds."""
    _CAME.labels(channel).set(at)


def waits(channel: str, events: int) -> None:
    """Set how many events waited at the platform when it was last asked."""
    _WAITS.labels(channel).set(events)


def turned_away(channel: str) -> None:
    """Count a request to a webhook without the platform's signature."""
    _AWAY.labels(channel).inc()


def receives(channel: str, well: bool) -> None:
    """Set whether a channel receives, as far as is known."""
    _RECEIVES.labels(channel).set(well)


def pace(channel: str, rate: float, paused: float) -> None:
    """Set a channel's pace in this process: messages a second, and seconds that are left of a pause."""
    _RATE.labels(channel).set(rate)
    _PAUSED.labels(channel).set(paused)


class Gauges:
    """Figures of one database, for monitors and for ``/health/ready``; cached for ``READ_EVERY`` seconds."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._one_at_a_time = asyncio.Lock()
        self._read_at = float("-inf")
        self._figures: Figures | None = None

    async def exposition(self) -> bytes:
        """All metrics in Prometheus' format. With the database away its figures are missing, the others are there."""
        registry = CollectorRegistry()
        registry.register(_Stock(self._database.dialect, await self._latest()))
        return generate_latest(REGISTRY) + generate_latest(registry)

    async def _latest(self) -> Figures | None:
        async with self._one_at_a_time:
            if time.monotonic() - self._read_at >= READ_EVERY:
                self._figures = None
                with suppress(Exception):  # a monitor sees any error as rangkul_database_up 0
                    async with self._database.read() as tx:
                        self._figures = await gauges.figures(tx, self._clock())
                self._read_at = time.monotonic()
        return self._figures


class _Stock(Collector):
    """Collector of a database's figures, as Prometheus' metric families."""

    def __init__(self, dialect: str, figures: Figures | None) -> None:
        self._dialect, self._figures = dialect, figures

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("rangkul_info", "Which program this is", labels=("version", "database"))
        info.add_metric((_version(), self._dialect), 1)
        yield info
        up = int(self._figures is not None)
        yield GaugeMetricFamily("rangkul_database_up", "Whether the database could be read", value=up)
        if self._figures:
            yield from families(self._figures)


def families(figures: Figures) -> Iterator[Metric]:
    """The figures of a database as Prometheus' metric families."""
    yield GaugeMetricFamily("rangkul_people", "Persons of whom something is kept", value=figures.people)
    leads = GaugeMetricFamily("rangkul_leads", "Leads by status", labels=("status",))
    for status, count in figures.leads.items():
        leads.add_metric((status,), count)
    yield leads
    rows = GaugeMetricFamily(
        "rangkul_outbox_rows", "Messages: pending ones, and those of the last 24 hours", labels=("state", "lane")
    )
    for (state, lane), count in figures.outbox.items():
        rows.add_metric((state, LANES[lane]), count)
    yield rows
    oldest = GaugeMetricFamily(
        "rangkul_outbox_oldest_due_seconds", "How long the message that waits longest is overdue", labels=("lane",)
    )
    for lane, name in enumerate(LANES):
        oldest.add_metric((name,), figures.oldest_due.get(lane, 0.0))
    yield oldest
    bodies = GaugeMetricFamily(
        "rangkul_bodies_overdue_seconds", "For how long the oldest body should have been erased", labels=("table",)
    )
    for table, seconds in figures.bodies_overdue.items():
        bodies.add_metric((table,), seconds)
    yield bodies
    broken = GaugeMetricFamily("rangkul_unreadable_values", "Sealed values that do not open", labels=("place",))
    for place, count in figures.unreadable.items():
        broken.add_metric((place,), count)
    yield broken


@cache
def _version() -> str:
    try:
        return version("rangkul")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"
