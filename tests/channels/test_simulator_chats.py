"""A ``.chat`` file reads the same on the simulator's phones as it does in the terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channels.base import Outgoing, SendStatus
from bot.channels.simulator import Simulator
from bot.channels.terminal import Terminal
from bot.office.transcript import parse, write
from conversations.engine.core import Heard
from storage.engine.database import Database
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.test_chats import CARRIED, on_a_channel, play
from tests.town import Town, plain, town


class Watched(Simulator):
    """A simulator that tells what each phone is sent, as it is sent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.shown: Callable[[str, Outgoing], None] = lambda address, message: None

    async def send(self, address: str, message: Outgoing) -> SendStatus:
        receipt = await super().send(address, message)
        self.shown(address, message)
        return receipt


@dataclass
class OnSimulator(Town):
    """A town whose people have the simulator's phones."""

    simulator: Watched = field(kw_only=True)

    def where(self, who: str) -> Where:
        return Where(self.simulator.name, self.simulator.account, who)

    async def say(self, who: str, text: str) -> str:
        """As in .chat files: words, ``[label]``, ``(foto)``, ``(kontak sendiri +62…)``."""
        before = len(self.told.get(who, ()))
        if text.startswith("["):
            await self._press(who, text.strip("[]"))
        elif text.startswith("("):
            heard = Terminal(self.clock, lambda *_: None).heard(who, text)
            await self._other(who, heard)
        else:
            await self.simulator.say(who, text)
        await self.quiet()
        new = self.told.get(who, [])[before:]
        return plain(new[-1]) if new else ""

    async def _press(self, who: str, label: str) -> None:
        for bubble in reversed(self.simulator.screen(who).bubbles.values()):
            for key in (key for row in bubble.keys for key in row):
                if key.label.casefold() == label.casefold():
                    await self.simulator.press(who, key.data, bubble.id)
                    return
        raise LookupError(f"no such button: {label}")

    async def _other(self, who: str, heard: Heard) -> None:
        if heard.contact:  # of whatever number the script says, where a phone here shares only its own
            await self.simulator._bring(who, heard)
        else:
            await self.simulator.send_other(who, heard.other, heard.text)


@asynccontextmanager
async def on_simulator(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[OnSimulator]:
    simulator = Watched(clock)
    async with town(database, vault, clock, more={"simulator": simulator}) as there:
        here = OnSimulator(there.product, there.terminal, there.clock, simulator=simulator)
        simulator.shown = lambda who, message: here.told.setdefault(who, []).append(message)
        yield here


@pytest.mark.parametrize("path", on_a_channel(CARRIED))
async def test_a_conversation_reads_on_the_simulator_as_written(
    path: Path, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    text = path.read_text(encoding="utf-8").replace("lewat: terminal", "lewat: simulator")
    async with on_simulator(sqlite_database, vault, clock) as here:
        assert write(await play(here, parse(text))) == text
