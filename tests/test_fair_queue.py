"""The line before the turn writer: what may be written together, and that nobody is overtaken."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest

from bot.channels.base import Inbound
from bot.turns.fair_queue import FairQueue, Waiting
from conversations.engine.core import Heard

_ids = count(1)


def event(who: str, *about: str) -> Waiting:
    """Something that this person did; ``about``: the leads that their press is about."""
    moment = datetime(2026, 11, 25, 9, tzinfo=UTC)
    inbound = Inbound("terminal", "local", str(next(_ids)), who, Heard(text="halo"), moment)
    return Waiting(inbound, "text", frozenset(about), asyncio.get_running_loop().create_future())


@pytest.fixture
async def line() -> FairQueue:
    return FairQueue()


def batch(line: FairQueue, size: int = 64) -> list[str]:
    """Who is written together next."""
    return [waiting.inbound.address for waiting in line.batch(size)]


async def test_two_presses_on_one_lead_are_never_written_together(line: FairQueue) -> None:
    for who, lead in (("Rina", "RK-1"), ("Agus", "RK-1"), ("Tono", "RK-2")):
        line.add(event(who, lead))
    assert batch(line) == ["Rina", "Tono"]
    assert batch(line) == ["Agus"]
    assert len(line) == 0


async def test_who_is_kept_back_for_somebodys_press_is_the_first_of_the_next_batch(line: FairQueue) -> None:
    line.add(event("Rina", "RK-1"))
    line.add(event("Rina"))
    for who in ("Agus", "Wati"):
        line.add(event(who, "RK-1"))
    line.add(event("Siti"))
    assert batch(line, 2) == ["Rina", "Siti"]
    line.add(event("Joko"))
    assert batch(line, 2) == ["Agus", "Rina"]
    assert batch(line, 2) == ["Wati", "Joko"]


async def test_of_one_person_there_is_one_event_in_a_batch_and_their_next_comes_after_everybody_elses(
    line: FairQueue,
) -> None:
    for who in ("Joko", "Joko", "Joko", "Siti", "Budi"):
        line.add(event(who))
    assert batch(line, 2) == ["Joko", "Siti"]
    assert batch(line, 2) == ["Budi", "Joko"]
    assert batch(line, 2) == ["Joko"]
    assert batch(line) == []
