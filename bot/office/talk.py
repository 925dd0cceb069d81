"""``rangkul chat``: one person in the terminal, on the real database, with the real turn writer."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.app import opened, running
from bot.channels.base import Outgoing
from bot.channels.terminal import Terminal, written
from bot.now import now
from bot.office.transcript import BOT, OFFICER, OWNER, Part, TranscriptLine, write
from bot.settings import Settings

PATIENCE = 5.0  # seconds to wait for an answer before the next line may be typed


async def talk(settings: Settings, role: str, record: Path | None) -> None:
    """Read lines until the end of input; what was said is written to ``record`` at the end."""
    me = OFFICER if role == "officer" else OWNER
    said: list[Part] = []

    def shown(address: str, message: Outgoing) -> None:
        text = written(message)
        said.append(TranscriptLine(BOT, text, address))
        sys.stdout.write(f"\n{text}\n")

    terminal = Terminal(now, shown)
    async with opened(settings, {terminal.name: terminal}) as product, running(product):
        sys.stdout.write("Ketik pesan, lalu Enter. Ctrl-D untuk selesai.\n")
        while line := await asyncio.to_thread(_line):
            said.append(TranscriptLine(me, line, me))
            try:
                await terminal.say(me, line)
            except LookupError as missing:
                sys.stdout.write(f"{missing}\n")
                continue
            await terminal.answered(me, PATIENCE)
    if record:
        await asyncio.to_thread(record.write_text, write(said), encoding="utf-8")


def _line() -> str:
    sys.stdout.write("\n> ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") or ("\n" if line else "")
