"""What every channel does, whatever the platform and the library: one contract for all of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels import whatsapp_webhook
from bot.channels.base import (
    BOLD_OFF,
    BOLD_ON,
    Channel,
    Inbound,
    Key,
    Outgoing,
    SendFailed,
    SendStatus,
)
from bot.channels.simulator import Simulator
from bot.channels.terminal import Terminal
from bot.render import outgoing
from conversations.engine.core import Button, Press, Say, Text
from locales import Catalog
from tests.channels.driving import Inbox
from tests.channels.on_platform import served
from tests.channels.on_whatsapp import whatsapp
from tests.conftest import nine
from tests.standins.bot_api import BotApi
from tests.standins.cloud_api import CloudApi

CATALOG = Catalog.load("id")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as its person sees it: its words, what can be pressed, its file."""

    text: str
    labels: tuple[str, ...] = ()
    file: tuple[str, str] | None = None


@dataclass
class Line:
    """A channel that runs, and one person at its other end."""

    channel: Channel
    address: str
    seen: Callable[[], list[Seen]]
    say: Callable[[str], Any]
    tap: Callable[[str], Any]
    inbox: Inbox = field(default_factory=Inbox)
    arrived: Callable[[], Any] = lambda: None  # waits until what the person did has been brought
    # platforms only: what the next send meets there, and bringing something that is of no known shape
    refuse: Callable[[str], None] = lambda kind: None
    odd: Callable[[], Any] = lambda: None

    async def does(self, act: Callable[[str], Any], what: str) -> None:
        done = act(what)
        if asyncio.iscoroutine(done):
            await done
        if asyncio.iscoroutine(waiting := self.arrived()):
            await waiting

    @property
    def heard(self) -> list[Inbound]:
        """What came from the person, without what the platform tells of our messages."""
        return [event for event in self.inbox.taken if isinstance(event, Inbound)]

    async def send(self, message: Outgoing) -> SendStatus:
        return await self.channel.send(self.address, message)


@asynccontextmanager
async def terminal() -> AsyncIterator[Line]:
    shown: list[Outgoing] = []
    channel = Terminal(nine, lambda _, message: shown.append(message))

    def seen() -> list[Seen]:
        edited = [message for message in shown if not any(later.edits for later in shown[shown.index(message) + 1 :])]
        return [_seen(message) for message in edited]

    line = Line(
        channel, "Siti", seen, lambda text: channel.say("Siti", text), lambda label: channel.say("Siti", f"[{label}]")
    )
    await channel.start(line.inbox.receive)
    yield line
    await channel.stop()


@asynccontextmanager
async def simulator() -> AsyncIterator[Line]:
    channel = Simulator(nine)

    def bubbles() -> list[Any]:
        return [bubble for bubble in channel.screen("pemilik-1").bubbles.values() if not bubble.own]

    async def tap(label: str) -> None:
        for bubble in bubbles():
            for key in (key for row in bubble.keys for key in row if key.label == label):
                await channel.press("pemilik-1", key.data, bubble.id)

    line = Line(channel, "pemilik-1", lambda: [_seen(bubble) for bubble in bubbles()],
                lambda text: channel.say("pemilik-1", text), tap)  # fmt: skip
    await channel.start(line.inbox.receive)
    yield line
    await channel.stop()


@asynccontextmanager
async def telegram(by: str) -> AsyncIterator[Line]:
    from bot.channels.telegram_drivers import driver_of

    async with BotApi() as api:
        channel, siti = driver_of(by)(api.token, api=api.url, clock=nine, pause=0.02), api.person(7)
        line = Line(channel, "7", lambda: [Seen(shown.text, tuple(shown.labels), shown.file) for shown in siti.told],
                    siti.say, siti.tap, arrived=api.taken,
                    odd=lambda: api.updates.add(7, "message", {"message_id": "x", "chat": 7}))  # fmt: skip

        def refuse(kind: str) -> None:
            if kind == "gone":
                siti.blocked = True
            elif kind == "later":
                api.flood(3, siti)
            else:
                api.cut("sendMessage")

        line.refuse = refuse
        await channel.start(line.inbox.receive)
        siti.say("halo")
        await api.taken()
        line.inbox.taken.clear()
        yield line
        await channel.stop()
        assert api.problems == []


@asynccontextmanager
async def on_whatsapp() -> AsyncIterator[Line]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with CloudApi() as api:
            api.webhooks.url = f"http://127.0.0.1:{listening.getsockname()[1]}{whatsapp_webhook.PATH}"
            channel, siti = whatsapp(api), api.person("Siti")

            def seen() -> list[Seen]:
                return [
                    Seen(
                        shown.text, tuple(shown.labels), (shown.file[0], shown.file[1].decode()) if shown.file else None
                    )
                    for shown in siti.told
                ]

            line = Line(channel, siti.user, seen, siti.say, siti.tap, arrived=api.quiet,
                        odd=lambda: api.tell("messages", {"messages": [7, {"type": ["text"]}, {"id": {}}]}))  # fmt: skip

            def refuse(kind: str) -> None:
                if kind == "cut":
                    api.cut()
                else:
                    api.fail({"gone": 131026, "later": 131056}[kind])

            line.refuse = refuse
            async with served(channel.routes(), listening):
                await channel.start(line.inbox.receive)
                siti.say("halo")
                await api.quiet()
                line.inbox.taken.clear()
                yield line
                await channel.stop()
            assert api.problems == []


CHANNELS = {
    "terminal": terminal,
    "simulator": simulator,
    "telegram-aiogram": lambda: telegram("aiogram"),
    "telegram-ptb": lambda: telegram("ptb"),
    "whatsapp": on_whatsapp,
}
PLATFORMS = ("telegram-aiogram", "telegram-ptb", "whatsapp")


@pytest.fixture(params=CHANNELS)
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with CHANNELS[request.param]() as running:
        yield running


@pytest.fixture(params=PLATFORMS)
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    """A channel with a network between it and the person."""
    async with CHANNELS[request.param]() as running:
        yield running


def _seen(message: Any) -> Seen:
    return Seen(message.text, tuple(key.label for row in message.keys for key in row), message.file)


def plain(text: str) -> str:
    return text.replace(BOLD_ON, "").replace(BOLD_OFF, "").replace("*", "")


# ------------------------------------------------------------------------------------------------ the contract


async def test_words_are_shown_as_they_are_meant(line: Line) -> None:
    receipt = await line.send(Outgoing(f"{BOLD_ON}Warung{BOLD_OFF} <Siti> & co, a_b"))
    assert receipt.external_id
    assert [plain(seen.text) for seen in line.seen()] == ["Warung <Siti> & co, a_b"]


async def test_what_somebody_writes_is_heard_as_they_wrote_it(line: Line) -> None:
    await line.does(line.say, "warung makan 🍲 <Bu Siti>")
    [event] = line.heard
    assert (event.heard.text, event.address) == ("warung makan 🍲 <Bu Siti>", line.address)
    assert (event.channel, event.account) == (line.channel.name, line.channel.account)
    assert event.at.tzinfo is not None


async def test_a_pressed_button_says_which_question_it_answers(line: Line) -> None:
    await line.send(
        Outgoing("Mau?", ((Key("Ya", "registration.member=yes~t1"), Key("Tidak", "registration.member=no~t1")),))
    )
    assert line.seen()[-1].labels == ("Ya", "Tidak")
    await line.does(line.tap, "Tidak")
    [event] = line.heard
    assert event.heard.pressed == Press("registration", "member", "no", "t1")


async def test_many_choices_can_all_be_pressed(line: Line) -> None:
    buttons = tuple(
        Button(Press("registration", "workers", str(number), "t1"), f"{number} orang") for number in range(8)
    )
    [message] = outgoing(
        [Say(Text("broadcast.to_officer", {"words": "Berapa?"}), buttons)], CATALOG, line.channel.limits
    )
    await line.send(message)
    assert line.seen()[-1].labels == tuple(f"{number} orang" for number in range(8))
    await line.does(line.tap, "7 orang")
    [event] = line.heard
    assert event.heard.pressed == Press("registration", "workers", "7", "t1")


async def test_a_long_text_arrives_whole_and_in_order(line: Line) -> None:
    words = " ".join(f"kata{number}" for number in range(1500))
    buttons = (Button(Press("command", "read", ""), "Baca"),)
    messages = outgoing([Say(Text("broadcast.to_officer", {"words": words}), buttons)], CATALOG, line.channel.limits)
    assert len(messages) > 1
    for message in messages:
        await line.send(message)
    assert " ".join(seen.text for seen in line.seen()).split() == words.split()
    assert [seen.labels for seen in line.seen()] == [()] * (len(messages) - 1) + [("Baca",)]


async def test_an_edit_is_the_newest_that_is_seen(line: Line) -> None:
    first = await line.send(Outgoing("Belum ada yang memegang", ((Key("Ambil", "lead.take=RK~"),),)))
    await line.send(Outgoing("Sudah dipegang", edits=first.external_id))
    assert (line.seen()[-1].text, line.seen()[-1].labels) == ("Sudah dipegang", ())
    assert len(line.seen()) == (1 if line.channel.limits.edits else 2)


async def test_a_document_can_be_opened(line: Line) -> None:
    await line.send(Outgoing("", file=("data.txt", "Nama: Siti\nKecamatan: Laweyan\n")))
    assert line.seen()[-1].file == ("data.txt", "Nama: Siti\nKecamatan: Laweyan\n")


async def test_an_event_that_could_not_be_stored_comes_again_and_nothing_is_taken_twice(platform: Line) -> None:
    platform.inbox.away = True
    platform.say("halo lagi")
    await asyncio.sleep(0.05)
    platform.inbox.away = False
    if asyncio.iscoroutine(waiting := platform.arrived()):
        await waiting
    assert platform.inbox.texts == ["halo lagi"]


@pytest.mark.parametrize(
    ("kind", "gone", "permanent"), [("gone", True, True), ("later", False, False), ("cut", False, False)]
)
async def test_a_refusal_says_whether_and_when_to_try_again(
    platform: Line, kind: str, gone: bool, permanent: bool
) -> None:
    platform.refuse(kind)
    with pytest.raises(SendFailed) as failed:
        await platform.send(Outgoing("Halo"))
    assert (failed.value.gone, failed.value.permanent) == (gone, permanent)
    assert (failed.value.retry_after is not None) == (kind == "later")
    assert failed.value.unsure == (kind == "cut")


async def test_what_is_of_no_known_shape_is_passed_over_and_the_next_is_heard(platform: Line) -> None:
    platform.odd()
    await platform.does(platform.say, "halo")
    assert platform.inbox.texts == ["halo"]


async def test_stopping_finishes_what_is_being_sent_and_receives_nothing_more(line: Line) -> None:
    sending = [asyncio.create_task(line.send(Outgoing(f"pesan {number}"))) for number in range(3)]
    await asyncio.sleep(0)
    await line.channel.stop()
    assert all(receipt.external_id for receipt in await asyncio.gather(*sending))
    await line.send(Outgoing("pesan terakhir"))
    assert sorted(seen.text for seen in line.seen())[:3] == ["pesan 0", "pesan 1", "pesan 2"]
    assert line.heard == []
