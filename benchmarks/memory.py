"""Memory that is resident half a minute after the start: all in one process, and a delivery worker alone."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from .contenders import RANGKUL, Contender, running
from .owners import Load, api

IDLE = 30.0  # seconds
ALONE = Contender(
    "delivery alone", "/", lambda server, port, folder: ["bot", "serve", "--only", "delivery"], RANGKUL.environment
)


async def resident(contender: Contender, folder: Path) -> float:
    """Megabytes."""
    server = api(Load((), ""))
    async with running(contender, await server.start(), folder) as process:
        await asyncio.sleep(IDLE)
        found = process.memory()
    server.stop()
    return found


def main(times: int) -> None:
    print("\n## Memory, idle\n")
    for contender in (RANGKUL, ALONE):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{contender.name}: {uvloop.run(resident(contender, Path(folder))):.0f} MB")
