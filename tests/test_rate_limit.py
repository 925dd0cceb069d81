"""A bot sends evenly at its rate, over several processes, replies first, and pauses when the platform says so.

Time is simulated: the loop jumps to whatever is due next, and wakes up as late as a busy machine does.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.outbox.rate_limit import Pace
from storage.outbox import rate_limits
from storage.outbox.messages import BULK, NOTICE, REPLY
from storage.outbox.rate_limits import Late


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to the next thing to do; ``late`` gives how many seconds too late it gets there."""

    def __init__(self, late: Callable[[], float]) -> None:
        self.now = 1000.0
        super().__init__(_Never(self, late))

    def time(self) -> float:
        return self.now


class _Never(selectors.SelectSelector):
    def __init__(self, loop: Leaping, late: Callable[[], float]) -> None:
        super().__init__()
        self._loop, self._late = loop, late

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self._loop.now += timeout + self._late()
        return super().select(0)


class Bucket:
    """What the database keeps, in memory: for any number of paces on one loop. ``takes``: seconds to hand places out."""

    def __init__(self, takes: float = 0.0) -> None:
        self.next, self.paused_until, self._takes = 0.0, 0.0, takes
        self._late: list[Late] = []

    async def reserve(self, count: int, gap: float, late: Sequence[Late] = ()) -> tuple[list[float], float, list[Late]]:
        now = asyncio.get_running_loop().time()
        if self.paused_until > now:
            return [], self.paused_until - now, []
        first = max(self.next, now + self._takes)
        self.next = first + count * gap
        self._late = [*(taken for taken in self._late if taken[1] > now - rate_limits.LATE_KEPT), *late]
        found = list(self._late)
        await asyncio.sleep(self._takes)
        return [first + number * gap for number in range(count)], 0.0, found

    async def pause(self, seconds: float) -> None:
        self.paused_until = asyncio.get_running_loop().time() + seconds

    async def follow(self) -> float:
        return max(0.0, self.paused_until - asyncio.get_running_loop().time())


class Machine:
    """What one process runs on: it wakes up late now and then, and stands still for some time again and again."""

    def __init__(self, chance: random.Random, stands_still: float) -> None:
        self._chance, self._stands_still, self._until = chance, stands_still, 0.0
        self._next = 0.0

    async def sleep(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        wakes = now + seconds + self._chance.expovariate(1 / 0.002)
        while self._next < wakes:
            self._until = self._next + self._chance.uniform(0.0, self._stands_still)
            self._next = max(self._until, now) + self._chance.expovariate(1.0)
        await asyncio.sleep(max(wakes, self._until) - now)


def simulated(work: Coroutine[Any, Any, Any], late: Callable[[], float] = lambda: 0.0) -> Any:
    loop = Leaping(late)
    try:
        return loop.run_until_complete(work)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def pace(rate: float, bucket: Bucket | None = None, machine: Machine | None = None) -> Pace:
    return Pace(rate, bucket or Bucket(), asyncio.get_running_loop().time, machine.sleep if machine else asyncio.sleep)


async def sent(
    paces: list[Pace], seconds: float, callers: int = 40, lane: int = BULK, way: Callable[[], float] = lambda: 0.0
) -> list[float]:
    """When each message arrived, with so many callers at each pace that always have another one, after its ``way``."""
    loop, moments = asyncio.get_running_loop(), []
    end = loop.time() + seconds

    async def caller(one: Pace) -> None:
        while loop.time() < end:
            await one.turn(lane)
            moments.append(loop.time() + way())

    await asyncio.gather(*(caller(one) for one in paces for _ in range(callers)))
    return [at for at in sorted(moments) if at < end]


def worst_second(moments: list[float]) -> int:
    """The most messages that any second saw, wherever it began."""
    most, first = 0, 0
    for last, at in enumerate(moments):
        while moments[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize(("rate", "most"), [(1, 1), (30, 30), (80, 80), (1000, 1000)])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_rate_is_used_and_kept_in_every_second_by_one_process_and_by_two(
    rate: float, most: int, processes: int
) -> None:
    async def work() -> list[float]:
        bucket = Bucket(takes=0.003 if processes > 1 else 0.0)
        return await sent([pace(rate, bucket) for _ in range(processes)], 12.0, callers=120)

    chance = random.Random(5)
    moments = simulated(work(), lambda: chance.uniform(0.0, 0.002))
    assert worst_second(moments) <= most
    assert len(moments) >= 0.97 * rate * 12 - 1


@settings(max_examples=30)
@given(st.integers(0, 1_000_000), st.sampled_from((0.002, 0.02, 0.08)), st.sampled_from((2.0, 7.0, 30.0)))
def test_no_second_sees_more_than_the_rate_however_late_a_busy_machine_wakes_up(
    seed: int, latest: float, rate: float
) -> None:
    chance = random.Random(seed)

    async def work() -> list[float]:
        return await sent([pace(rate)], 15.0, callers=10)

    moments = simulated(work(), lambda: chance.choice((0.0, 0.001, chance.uniform(0, latest))))
    assert worst_second(moments) <= rate


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000_000), st.sampled_from((0.01, 0.05, 0.25)), st.sampled_from((2.0, 7.0, 30.0, 80.0)))
def test_no_second_sees_more_than_the_rate_of_two_processes_that_stand_still_at_different_times(
    seed: int, stands_still: float, rate: float
) -> None:
    chance = random.Random(seed)

    async def work() -> list[float]:
        bucket = Bucket(takes=0.003)
        both = [pace(rate, bucket, Machine(chance, stands_still)) for _ in range(2)]
        return await sent(both, 10.0, callers=20, way=lambda: chance.uniform(0.00005, 0.003))

    moments = simulated(work())
    assert worst_second(moments) <= rate
    if stands_still <= 0.05:
        assert len(moments) >= 0.97 * rate * 10 - 2


def test_a_process_that_was_held_up_does_not_catch_up() -> None:
    async def work() -> list[float]:
        one = pace(30)
        task = asyncio.create_task(sent([one], 6.0))
        await asyncio.sleep(2.0)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Leaping)
        loop.now += 1.5  # as when the machine sleeps
        return await task

    moments = simulated(work())
    assert worst_second(moments) <= 30


def test_replies_leave_before_notices_and_those_before_bulk() -> None:
    async def work() -> list[int]:
        one, left = pace(10), []

        async def send(lane: int) -> None:
            await one.turn(lane)
            left.append(lane)

        waiting = [asyncio.create_task(send(lane)) for lane in (BULK, BULK, BULK, NOTICE, NOTICE, REPLY, REPLY)]
        await asyncio.gather(*waiting)
        return left

    left = simulated(work())
    assert left == sorted(left)


def test_a_reply_waits_for_one_place_however_much_bulk_there_is() -> None:
    async def work() -> list[float]:
        one, waited = pace(30), []
        bulk = asyncio.create_task(sent([one], 20.0, callers=100))
        loop = asyncio.get_running_loop()
        for _ in range(30):
            await asyncio.sleep(0.317)
            began = loop.time()
            await one.turn(REPLY)
            waited.append(loop.time() - began)
        await bulk
        return waited

    assert max(simulated(work())) <= 0.04


def test_a_pause_of_the_whole_account_holds_every_process_back_to_the_second() -> None:
    async def work() -> tuple[float, float]:
        bucket, loop = Bucket(), asyncio.get_running_loop()
        told, other, successor = pace(30, bucket), pace(30, bucket), pace(0, bucket)
        await told.turn()
        began = loop.time()
        await told.hold(7.5)
        await other.follow()
        await successor.follow()
        assert told.paused == other.paused == successor.paused == 7.5
        await asyncio.gather(told.turn(), other.turn(), successor.turn())
        return began, loop.time()

    began, ended = simulated(work())
    assert 7.5 <= ended - began < 8.0


def test_without_a_limit_nobody_waits_and_no_place_is_taken() -> None:
    async def work() -> float:
        bucket = Bucket()
        one = pace(0, bucket)
        assert all(await asyncio.gather(*(one.turn() for _ in range(100))))
        return bucket.next

    assert simulated(work()) == 0.0


def test_who_does_not_get_a_place_in_time_gives_up_and_takes_none() -> None:
    async def work() -> None:
        one = pace(0.5)
        await one.turn()
        assert not await one.turn(BULK, within=0.5)
        assert await one.turn(REPLY, within=5.0)

    simulated(work())


def test_what_was_sent_lately_is_known_as_messages_a_second() -> None:
    async def work() -> float:
        one = pace(30)
        await sent([one], 60.0)
        return one.used

    assert simulated(work()) == pytest.approx(29.4, abs=1)
