"""Memory that is resident half a minute after the start: all in one process, and a delivery worker alone."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from .bot_api import BotApi
from .contenders import RANGKUL, Contender, running
from .pacing import postgresql, worker

IDLE = 30.0  # seconds


async def resident(contender: Contender, folder: Path) -> float:
    """Megabytes."""
    server = BotApi(lambda chat, message, at: None)
    async with running(contender, await server.start(), folder) as process:
        await asyncio.sleep(IDLE)
        found = process.memory()
    server.stop()
    return found


async def both() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(f"all in one process, with Telegram: {await resident(RANGKUL, Path(folder)):.0f} MB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with postgresql(Path(folder)) as url:
            print(f"a delivery worker alone: {await resident(worker(url, 30), Path(folder)):.0f} MB", flush=True)


def main(times: int) -> None:
    """``times`` is of no use here: memory does not vary."""
    print("\n## Memory, idle\n")
    uvloop.run(both())
