"""People who register one after another, each as fast as they are answered: closed-loop load on a bot's webhook."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.channels.wire import NoAnswer, Wire

from .bot_api import BOT, BotApi

SECRET = "s3cret"
CONNECTIONS = 40  # what Telegram opens to a webhook, https://core.telegram.org/bots/api#setwebhook
PATIENCE = 10.0  # seconds until somebody gives up


@dataclass(slots=True)
class Load:
    """``script``: what an owner says, or in brackets which button they press, by its label or else by its number from 0.

    ``took``: seconds from a word to its reply.
    """

    script: Sequence[str]
    webhook: str
    think: float = 0.05
    took: list[float] = field(default_factory=list)
    finished: int = 0
    stuck: int = 0
    _waiting: dict[int, asyncio.Future[tuple[dict[str, Any], float]]] = field(default_factory=dict)
    _updates: int = 1000
    _people: int = 100_000_000
    _ends: float = 0.0

    def shown(self, chat: int, message: dict[str, Any], at: float) -> None:
        """A message reached its chat (``BotApi.show``)."""
        waiting = self._waiting.pop(chat, None)
        if waiting and not waiting.done():
            waiting.set_result((message, at))

    async def run(self, owners: int, seconds: float) -> None:
        """So many at once for so long; whoever has begun then leaves off."""
        self._ends = time.perf_counter() + seconds
        wire = Wire(self.webhook, CONNECTIONS, {"X-Telegram-Bot-Api-Secret-Token": SECRET})
        path = self.webhook.partition("//")[2].partition("/")[2]
        await asyncio.gather(*(self._owner(wire, f"/{path}") for _ in range(owners)))
        wire.close()

    def forget(self) -> None:
        """What was measured until now was for warming up."""
        self.took, self.finished = [], 0

    async def _owner(self, wire: Wire, path: str) -> None:
        while time.perf_counter() < self._ends:
            self._people += 1
            try:
                await self._register(wire, path, self._people)
            except (TimeoutError, NoAnswer):
                self.stuck += 1

    async def _register(self, wire: Wire, path: str, person: int) -> None:
        asked: dict[str, Any] = {}
        for what in self.script:
            if time.perf_counter() >= self._ends:
                return
            waiting = self._waiting[person] = asyncio.get_running_loop().create_future()
            began = time.perf_counter()
            status, _ = await wire.post(path, self._update(person, what, asked), patience=PATIENCE)
            if status != 200:
                raise TimeoutError
            message, at = await asyncio.wait_for(waiting, PATIENCE)
            self.took.append(at - began)
            asked = message if message.get("reply_markup") else asked
            await asyncio.sleep(self.think)
        self.finished += 1

    def _update(self, person: int, what: str, asked: dict[str, Any]) -> bytes:
        self._updates += 1
        sender = {"id": person, "is_bot": False, "first_name": "Siti", "language_code": "id"}
        chat = {"id": person, "type": "private", "first_name": "Siti"}
        if not what.startswith("["):
            said = {"message_id": self._updates, "from": sender, "chat": chat, "date": int(time.time()), "text": what}
            if what.startswith("/"):
                said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(what)}]
            return orjson.dumps({"update_id": self._updates, "message": said})
        keys = [key for row in asked["reply_markup"]["inline_keyboard"] for key in row]
        labels = [key["text"] for key in keys]
        place = labels.index(what[1:-1]) if what[1:-1] in labels else int(what[1:-1])
        pressed = {
            "id": str(self._updates * 7919),
            "from": sender,
            "message": {**asked, "chat": chat, "from": BOT},
            "chat_instance": "1",
            "data": keys[place]["callback_data"],
        }
        return orjson.dumps({"update_id": self._updates, "callback_query": pressed})


def api(load: Load, latency: float = 0.0) -> BotApi:
    """The server that shows its messages to these people."""
    return BotApi(load.shown, latency)
