"""Bodies that nobody should send, through the whole product: no error of ours, no harm done, and it still answers."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from storage import tables
from storage.engine.database import Database
from tests.conftest import nine

BODIES = int(os.environ.get("FUZZ_BODIES", "15"))  # FUZZ_BODIES=100000 for the long run of docs/operations.md


def browser(routes: list[Route]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://bot")


def fuzz(
    path: Path,
    migrated: Path,
    open_town: Callable[[Database], AbstractAsyncContextManager[Any]],
    broken: st.SearchStrategy[Any],
    post: Callable[[httpx.AsyncClient, bytes], Coroutine[Any, Any, int]],
) -> None:
    """Post these broken bodies, and others that are no JSON, to a town on a platform.

    ``path`` is where its database may be, a copy of the ``migrated`` one; ``post`` gives the status of the answer.
    """
    shutil.copy(migrated, path)

    @asynccontextmanager
    async def everything() -> AsyncIterator[httpx.AsyncClient]:
        async with await Database.open(str(path), nine) as database, open_town(database) as there:
            await there.say("Budi", "halo")
            before = await _sessions(database)
            async with browser(there.driver.routes()) as client:
                yield client
            assert before.items() <= (await _sessions(database)).items(), "somebody else's session was touched"
            assert await there.say("Siti", "halo") != ""
            assert there.api.problems == []

    with asyncio.Runner() as runner:
        running = everything()
        client = runner.run(running.__aenter__())

        @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=BODIES)
        @given(broken.map(as_bytes) | st.binary(max_size=200))
        def check(body: bytes) -> None:
            assert runner.run(post(client, body)) in (200, 400)

        check()
        runner.run(running.__aexit__(None, None, None))


async def _sessions(database: Database) -> dict[int, bytes]:
    """Every stored session, as sealed."""
    conversation = tables.table(tables.Conversation)
    async with database.read() as tx:
        return {row.person_id: row.sealed for row in await tx.execute(select(conversation))}


def as_bytes(update: Any) -> bytes:
    """The update as JSON; numbers that are too large for it as words."""
    return (
        orjson.dumps(update, default=str, option=orjson.OPT_NON_STR_KEYS) if _small(update) else repr(update).encode()
    )


def _small(value: Any) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
    if isinstance(value, dict):
        return all(map(_small, value.values()))
    return all(map(_small, value)) if isinstance(value, list) else True
