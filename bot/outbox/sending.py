"""One attempt to send one row: in the form that the person's service window allows, and its result.

Whether a failure is passing, permanent or unknown is the channel's to say (``SendFailed``); the consequences stand
here, the same for every lane.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from bot import metrics
from bot.channels.base import Channel, Outgoing, SendFailed
from bot.log import where_in_code
from bot.outbox.broadcast_files import Files
from bot.outbox.rate_limit import Pace
from bot.outbox.service_window import COUNTED, Budget, fit, is_open
from bot.serialization import unpack
from storage.broadcasts import broadcasts
from storage.engine.database import Database, is_unavailable
from storage.outbox import delivery_status, messages
from storage.outbox.delivery_status import AttemptStatus
from storage.outbox.messages import BODIES_KEPT, REPLY, RESTING, Out
from storage.outbox.parked import DAILY_LIMIT, WINDOW_CLOSED
from storage.sealing.vault import Vault

FIRST_PAUSE = 1.0  # seconds; doubled with each attempt, with jitter
SOON = 15.0  # seconds; the longest pause while somebody may still be looking at their phone
TRIED_SOON = 20  # attempts with pauses up to SOON, some four minutes in all
LONGEST_PAUSE = 300.0  # seconds; the longest pause after these attempts
# Refusals of one message, a day of them at the longest pause. A message without any answer, or for which an operator is
# called, is tried for as long as its body is kept.
MAX_ATTEMPTS = 300
MAX_ACCIDENTS = 6  # attempts that fail for no reason a channel knows; the chat must not wait for the row for ever
LONGEST_REST = 60.0  # seconds between two copies while a platform does not answer
UNWRITTEN = timedelta(minutes=1)  # within which every result of an attempt is stored
COUNT_EVERY = 30.0  # seconds between two counts, in the database, of people who got a template

log = structlog.get_logger()


class Unheard(NamedTuple):
    """A platform that does not answer: the pause between two copies, and its end (of ``time.monotonic``)."""

    pause: float
    until: float


class Sender:
    """Sends rows over the channels of this process.

    ``daily``: how many different people a channel may send templates to in 24 hours; a channel not named has no limit.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Pace],
        clock: Callable[[], datetime],
        daily: Mapping[str, int],
    ) -> None:
        self._database, self._channels, self._clock = database, channels, clock
        self.paces, self._daily = paces, daily
        self._files = Files(database, vault)
        self._reached: dict[str, dict[int, datetime]] = {}  # channel -> address id -> when it last got a template
        self._counted_at: dict[str, float] = {}
        self.unheard: dict[str, Unheard] = {}  # channels whose platform did not answer the last message

    async def attempt(self, row: Out) -> AttemptStatus:
        """Send a row once; the result. "due" with a ``due_at`` when another attempt is worth it."""
        now, limits = self._clock(), self._channels[row.where.channel].limits
        heard_at = row.heard_at or (now if row.lane == REPLY else None)  # a reply: the person wrote just now
        outside = not is_open(heard_at, now, limits)
        try:
            message = fit(await self._message(row), heard_at, now, limits)
            free_at = await self._free_at(row, now) if outside and message else now
        except Exception as error:  # nothing has left yet
            return await self._failed(row, _accident(row, error), kind="other")
        if message is None or free_at != now:
            reason, until = (DAILY_LIMIT, free_at) if message else (WINDOW_CLOSED, None)
            metrics.sent(row.where.channel, "parked")
            return AttemptStatus(row.id, "parked", now, reason=reason, due_at=until or now + BODIES_KEPT)
        reached = self._reached.setdefault(row.where.channel, {}) if outside else {}
        before = reached.get(row.address_id)
        reached[row.address_id] = now  # before sending, so that rows sent at the same time count it
        try:
            receipt = await self._channels[row.where.channel].send(row.where.address, message)
        except SendFailed as failed:
            self._heard(row.where.channel, nothing=failed.silent)
            if not failed.unsure:
                self._not_reached(row, before)
            return await self._failed(row, failed)
        except Exception as error:
            return await self._failed(row, _accident(row, error, unsure=True), kind="other")
        self._heard(row.where.channel)
        metrics.sent(row.where.channel, "sent")
        category = message.template.category if outside and message.template else ""
        return AttemptStatus(
            row.id, "sent", self._clock(), receipt.external_id, unkept=row.unkept, outside=outside, category=category
        )

    async def _message(self, row: Out) -> Outgoing:
        """The row's message, with what is known only now: the message that it replaces, its broadcast's file."""
        edits = ""
        if row.edits is not None:
            async with self._database.read() as tx:
                edits = await messages.external_id(tx, row.edits)
        message = unpack(row.body, edits=edits, ref=row.id)
        has_file = row.broadcast_id is not None and row.body.get("b")
        return await self._files.with_file(message, row.broadcast_id or 0) if has_file else message

    async def _free_at(self, row: Out, now: datetime) -> datetime | None:
        """From when on a template may go to this row's person; None: never."""
        channel = row.where.channel
        if time.monotonic() - self._counted_at.get(channel, float("-inf")) > COUNT_EVERY:
            async with self._database.read() as tx:
                counted = await delivery_status.outside_since(tx, channel, row.where.account, now - COUNTED)
            ours = self._reached.get(channel, {})  # results of the latest may not be stored yet
            self._reached[channel] = counted | {who: at for who, at in ours.items() if now - at < UNWRITTEN}
            self._counted_at[channel] = time.monotonic()
        if channel not in self._daily:
            return now
        return Budget(self._daily[channel], self._reached[channel]).free_at(row.address_id, now)

    def _heard(self, channel: str, *, nothing: bool = False) -> None:
        if not nothing:
            self.unheard.pop(channel, None)
        elif self.rests(channel) <= 0:  # those that were on their way at the same time tell nothing new
            before = self.unheard.get(channel)
            pause = min(LONGEST_REST, 2 * before.pause) if before else FIRST_PAUSE
            self.unheard[channel] = Unheard(pause, time.monotonic() + pause)

    def rests(self, channel: str) -> float:
        """Seconds until a next copy may ask whether a platform that did not answer does so again; 0 where it answers."""
        return max(0.0, self.unheard[channel].until - time.monotonic()) if channel in self.unheard else 0.0

    def _not_reached(self, row: Out, before: datetime | None) -> None:
        """Take a message that did not leave out of the day's budget again."""
        reached = self._reached.get(row.where.channel, {})
        reached.pop(row.address_id, None)
        if before:
            reached[row.address_id] = before

    async def _failed(self, row: Out, failed: SendFailed, kind: str = "") -> AttemptStatus:
        now, channel = self._clock(), row.where.channel
        metrics.failed(channel, kind or _kind(failed))
        if failed.alert:
            log.error("somebody must act", channel=channel, reason=failed.reason)
        if failed.halts and row.broadcast_id is not None:
            await self._halt(row.broadcast_id, failed.reason)
        if failed.closed:
            metrics.sent(channel, "parked")
            return AttemptStatus(row.id, "parked", now, reason=failed.reason, due_at=now + BODIES_KEPT)
        if failed.unsure and not row.repeatable:
            metrics.sent(channel, "uncertain")
            return AttemptStatus(row.id, "uncertain", now, reason=failed.reason)
        exhausted = row.attempts + 1 >= MAX_ATTEMPTS and not (failed.wide or failed.silent or failed.alert)
        if failed.gone or failed.permanent or exhausted:
            metrics.sent(channel, "gone" if failed.gone else "failed")
            gone = row.address_id if failed.gone else None
            return AttemptStatus(row.id, "failed", now, reason=failed.reason, gone=gone, unkept=row.unkept)
        metrics.sent(channel, "later")
        if failed.wide and failed.retry_after is not None:
            await self.paces[channel].hold(failed.retry_after)
        pause = backoff(row.attempts) if failed.retry_after is None else failed.retry_after
        rests = failed.retry_after is not None and not (failed.wide or failed.alert)
        reason = f"{RESTING}: {failed.reason}" if rests else failed.reason
        return AttemptStatus(row.id, "due", now, reason=reason, due_at=now + timedelta(seconds=pause))

    async def _halt(self, broadcast_id: int, reason: str) -> None:
        try:
            async with self._database.write() as tx:
                await broadcasts.halt(tx, broadcast_id, reason, self._clock())
        except Exception as error:  # the next copy of the broadcast will fail alike, and halt it
            log.warning("broadcast not halted", error=type(error).__name__, where=where_in_code(error))


def held(settled: AttemptStatus, lease: timedelta) -> AttemptStatus:
    """The result of a row to be tried again, which stays leased to its process until ``lease`` after the next attempt."""
    return settled._replace(lease_until=(settled.due_at or settled.at) + lease)


def backoff(attempts: int) -> float:
    """Seconds before the next attempt: doubled each time, with jitter, so that not all rows come back at once."""
    longest = SOON if attempts < TRIED_SOON else LONGEST_PAUSE
    return min(longest, FIRST_PAUSE * 2.0 ** min(attempts, TRIED_SOON)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter


def _accident(row: Out, error: Exception, *, unsure: bool = False) -> SendFailed:
    """The failure for an error that no channel foresaw. ``unsure``: the message may have left."""
    log.error("send failed", channel=row.where.channel, error=type(error).__name__, where=where_in_code(error))
    hopeless = row.attempts + 1 >= MAX_ACCIDENTS and not is_unavailable(error)
    return SendFailed(type(error).__name__, permanent=hopeless, unsure=unsure)


def _kind(failed: SendFailed) -> str:
    """The kind of a failure, for metrics: gone, flood, closed, unsure, refused or no_answer."""
    if failed.gone:
        return "gone"
    if failed.retry_after is not None:
        return "flood"
    if failed.closed:
        return "closed"
    if failed.unsure:
        return "unsure"
    return "refused" if failed.permanent or failed.halts else "no_answer"
