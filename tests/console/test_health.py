"""Who watches over the server learns whether it works; who does not learns only that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update
from starlette.applications import Starlette
from starlette.requests import Request

from bot.app import Product
from bot.channels.base import Inbound, Unavailable
from bot.console import health
from bot.console.health import Health, may_see
from bot.turns import writer
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Keyring, Vault
from tests.conftest import Clock
from tests.town import Town, town

TOKEN = "a-token-of-thirty-characters-1"
KEYCHECK, OUTBOX = tables.table(tables.KeyCheck), tables.table(tables.Outbox)


@dataclass
class Watched:
    """A running town and who asks about it, by default from this machine."""

    town: Town
    health: Health

    async def get(self, path: str, *, host: str = "127.0.0.1", headers: dict[str, str] | None = None) -> httpx.Response:
        app = Starlette(routes=[*self.health.routes()])
        transport = httpx.ASGITransport(app, client=(host, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    async def parts(self) -> dict[str, Any]:
        answer = (await self.get("/health/ready")).json()
        return {name: part["ok"] for name, part in answer["parts"].items()}


@pytest.fixture(autouse=True)
def always_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH", 0.0)


@asynccontextmanager
async def watched(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Watched]:
    await key_check.check(database, vault)
    async with town(database, vault, clock) as there:
        yield Watched(there, Health(lambda: there.product, token=TOKEN))


async def test_a_server_that_works_is_alive_and_ready(database: Database, vault: Vault, clock: Clock) -> None:
    async with watched(database, vault, clock) as there:
        assert (await there.get("/health/live")).json() == {"live": True}
        ready = await there.get("/health/ready")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert set(ready.json()["parts"]) == {
            "writer",
            "delivery",
            "clock",
            "pump",
            "database",
            "schema",
            "key",
            "replies",
        }


@pytest.mark.parametrize(("part", "task"), health.TASKS.items())
async def test_a_part_that_has_ended_makes_it_not_ready(
    sqlite_database: Database, vault: Vault, clock: Clock, part: str, task: str
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        [running] = [each for each in asyncio.all_tasks() if each.get_name() == task]
        running.cancel()
        await asyncio.wait({running})
        answer = await there.get("/health/ready")
        assert answer.status_code == 503
        assert [name for name, ok in (await there.parts()).items() if not ok] == [part]
        there.town.product.writer._task = None  # its end is the test's doing, so stopping must not wait for it


async def test_a_reply_that_waits_too_long_makes_it_not_ready(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        row = {
            "id": sqlite_database.ids(),
            "address_id": 1,
            "channel": "elsewhere",
            "account": "1",
            "kind": "reply",
            "lane": 0,
        }
        async with sqlite_database.write() as tx:
            await tx.execute(OUTBOX.insert().values(**row, state="due", due_at=clock(), created_at=clock()))
        clock.advance(seconds=59)
        assert (await there.parts())["replies"]
        clock.advance(seconds=2)
        assert not (await there.parts())["replies"]
        async with sqlite_database.write() as tx:
            await tx.execute(update(OUTBOX).values(lane=2))
        assert (await there.parts())["replies"], "bulk may wait"


async def test_a_database_that_takes_nothing_more_makes_it_not_ready_though_a_small_write_still_passes(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full takes what fits into the room that a file has already."""
    async with watched(sqlite_database, vault, clock) as there:
        await there.town.say("siti", "halo")
        assert (await there.parts())["writer"]
        async with sqlite_database.write() as tx:
            await tx.exec_driver_sql("PRAGMA max_page_count = 1")  # the pages that it has, and no more

        async def say(*numbers: int) -> None:
            for number in numbers:
                long = Inbound("terminal", "local", str(number), "siti", Heard("warung " * 580), clock())
                await there.town.product.writer.receive(long)

        with pytest.raises(Unavailable):
            await say(*range(100))
        assert [name for name, ok in (await there.parts()).items() if not ok] == ["writer"]
        monkeypatch.setattr(writer, "LONG_AGO", 0.0)
        assert (await there.parts())["writer"], "whoever is sent here may try"
        async with sqlite_database.write() as tx:
            await tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
        await say(100)
        monkeypatch.setattr(writer, "LONG_AGO", 30.0)
        assert (await there.parts())["writer"]


@pytest.mark.parametrize("part", ["clock", "pump", "delivery"])
async def test_what_is_done_again_and_again_and_comes_to_no_end_makes_it_not_ready(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        monkeypatch.setattr(health, "BEHIND", 0.0)
        assert not (await there.parts())[part]
        monkeypatch.setattr(health, "BEHIND", 300.0)
        assert (await there.parts())[part]


async def test_one_thing_of_many_that_time_brings_and_that_always_fails_shows(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        ticks = there.town.product.clock
        assert ticks
        async with sqlite_database.write() as tx:
            await tx.exec_driver_sql("DROP TABLE timer")
        await ticks.tick()
        since = time.monotonic()
        await ticks.tick()
        assert ticks.behind is not None
        assert ticks.behind >= time.monotonic() - since - 0.01


async def test_a_key_that_does_not_fit_or_a_schema_of_another_day_makes_it_not_ready(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        monkeypatch.setattr(health, "head", lambda: "9999")
        assert not (await there.parts())["schema"]
        async with sqlite_database.write() as tx:
            await tx.execute(update(KEYCHECK).values(value=Vault(Keyring.fresh()).canary()))
        assert not (await there.parts())["key"]
        async with sqlite_database.write() as tx:
            await tx.execute(delete(KEYCHECK))
        assert not (await there.parts())["key"]


async def test_a_database_that_does_not_answer_in_time_makes_it_not_ready_until_it_does(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        monkeypatch.setattr(health, "PATIENCE", 0.05)
        async with sqlite_database.write():
            assert await there.parts() == {"database": False}
        monkeypatch.undo()
        assert all((await there.parts()).values())


async def test_a_database_that_is_away_makes_it_not_ready_and_its_words_are_not_shown(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        async with sqlite_database.write() as tx:
            await tx.exec_driver_sql("DROP TABLE keycheck")
        answer = await there.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["parts"]["database"] == {"ok": False, "seen": "OperationalError"}


async def test_before_the_product_is_there_it_is_alive_but_not_ready() -> None:
    nothing: Product | None = None
    starting = Health(lambda: nothing)
    transport = httpx.ASGITransport(Starlette(routes=[*starting.routes()]), client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        codes = [(await client.get(path)).status_code for path in ("/health/live", "/health/ready", "/metrics")]
    assert codes == [200, 503, 503]


async def test_details_and_figures_are_for_this_machine_and_for_the_token(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        proxied = {"X-Forwarded-For": "127.0.0.1"}
        allowed: list[dict[str, Any]] = [{}, {"host": "::1"}, {"host": "203.0.113.7", "headers": bearer}]
        refused: list[dict[str, Any]] = [
            {"host": "203.0.113.7"},
            {"host": "a name"},
            {"headers": proxied},
            {"host": "203.0.113.7", "headers": {"Authorization": "Bearer "}},
            {"host": "203.0.113.7", "headers": {"Authorization": f"Bearer {TOKEN[:-1]}"}},
        ]
        for asking in allowed:
            assert (await there.get("/metrics", **asking)).status_code == 200
            assert "parts" in (await there.get("/health/ready", **asking)).json()
        for asking in refused:
            assert (await there.get("/metrics", **asking)).status_code == 401
            answer = await there.get("/health/ready", **asking)
            assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_an_empty_token_opens_nothing() -> None:
    scope = {"type": "http", "headers": [(b"authorization", b"Bearer ")], "client": ("203.0.113.7", 1)}
    assert not may_see(Request(scope), "")


async def test_many_who_ask_at_once_cost_one_look(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        monkeypatch.setattr(health, "FRESH", 60.0)
        await there.get("/health/ready")
        async with sqlite_database.write() as tx:
            await tx.execute(delete(KEYCHECK))
        answers = await asyncio.gather(*(there.get("/health/ready") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}


async def test_figures_show_what_is_there_and_nobody_by_name(database: Database, vault: Vault, clock: Clock) -> None:
    async with watched(database, vault, clock) as there:
        await there.town.say("Sri Rahayu", "halo")
        await there.town.say("Sri Rahayu", "ya")
        text = (await there.get("/metrics")).text
        assert "rangkul_database_up 1.0" in text
        assert "rangkul_people 1.0" in text
        assert 'rangkul_outbox_rows{lane="reply",state="sent"} 2.0' in text
        assert "process_resident_memory_bytes" in text
        assert "Sri" not in text
        await there.town.say("Budi", "halo")
        assert "rangkul_people 1.0" in (await there.get("/metrics")).text, "read again only after five seconds"


async def test_an_overdue_message_shows_by_its_lane(sqlite_database: Database, vault: Vault, clock: Clock) -> None:
    async with watched(sqlite_database, vault, clock) as there:
        row = {
            "id": sqlite_database.ids(),
            "address_id": 1,
            "channel": "elsewhere",
            "account": "1",
            "kind": "news",
            "lane": 2,
        }
        async with sqlite_database.write() as tx:
            due = clock() - timedelta(minutes=5)
            await tx.execute(OUTBOX.insert().values(**row, state="due", due_at=due, created_at=due))
        text = (await there.get("/metrics")).text
        assert 'rangkul_outbox_oldest_due_seconds{lane="bulk"} 300.0' in text
        assert 'rangkul_outbox_oldest_due_seconds{lane="reply"} 0.0' in text
        assert 'rangkul_outbox_rows{lane="bulk",state="due"} 1.0' in text
