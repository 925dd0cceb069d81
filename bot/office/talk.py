"""``rangkul chat``: one person in the terminal, on the real database, with the real turn writer.

A line ``--- jawaban lazim sampai: Nomor HP`` is answered as usual up to that question, and recorded as a stretch
(``transcript.py``).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.app import Product, opened, running
from bot.channels.base import Outgoing
from bot.channels.terminal import Terminal, written
from bot.now import now
from bot.office import arguments
from bot.office.stretch import answers_until
from bot.office.transcript import (
    BOT,
    OFFICER,
    OWNER,
    Part,
    Remark,
    TranscriptLine,
    Usual,
    parse,
    write,
)
from bot.office.usual import USUAL, usual
from bot.settings import Settings
from conversations.hear.redact import redact
from storage.people.people import Where

PATIENCE = 5.0  # seconds to wait for an answer before the next line may be typed


async def talk(settings: Settings, role: str, record: Path | None) -> None:
    """Read lines until the end of input; at the end write the conversation to ``record``. Raises BadSetting."""
    me = {"owner": OWNER, "officer": OFFICER}[arguments.one_of("--as", role, ("owner", "officer"))]
    if record:
        arguments.file_to_write("--record", record)
    said: list[Part] = []

    def shown(address: str, message: Outgoing) -> None:
        text = written(message)
        said.append(TranscriptLine(BOT, text, address))
        sys.stdout.write(f"\n{text}\n")

    terminal = Terminal(now, shown)
    async with opened(settings, {terminal.name: terminal}) as product, running(product):
        sys.stdout.write("Ketik pesan, lalu Enter. Ctrl-D untuk selesai.\n")
        while line := await asyncio.to_thread(_line):
            try:
                if line.startswith("---"):
                    await _left_out(product, terminal, me, line, said)
                    continue
                terminal.heard(me, line)  # raises for an unknown button, before the line is recorded
            except (LookupError, ValueError) as missing:
                sys.stdout.write(f"{missing}\n")
                continue
            said.append(TranscriptLine(me, redact(line)[0], me))
            await terminal.say(me, line)
            await terminal.answered(me, PATIENCE)
    if record:
        named = [Remark(f"# jawaban lazim: {USUAL}")] if any(isinstance(part, Usual) for part in said) else []
        await asyncio.to_thread(record.write_text, write([*named, *said]), encoding="utf-8")


async def _left_out(product: Product, terminal: Terminal, me: str, line: str, said: list[Part]) -> None:
    """Answer a stretch as usual; record only the stretch and the question that ends it. Raises LookupError and ValueError."""
    [part] = parse(line)
    if not isinstance(part, Usual):
        raise ValueError(f"time does not pass here: {line}")
    begun, where = len(said), Where(terminal.name, terminal.account, me)
    async for answer in answers_until(product, where, part, usual(), now):
        sys.stdout.write(f"\n> {answer}\n")
        await terminal.say(me, answer)
        await terminal.answered(me, PATIENCE)
    said[begun:] = [part, *said[begun:][-1:]]


def _line() -> str:
    sys.stdout.write("\n> ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") or ("\n" if line else "")
