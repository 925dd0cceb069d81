"""What towns share whose people use the phones of a platform: what a .chat file has them do, and a server to be called at."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bot.console.guarded_http import Bounds, guarded
from tests.town import Town, plain

BOUNDS = Bounds()

_KINDS = {"stiker": "sticker", "video": "video", "lokasi": "location", "dokumen": "document"}


class Phone(Protocol):
    """Somebody with a phone, as the stand-ins for the platforms have them."""

    phone: str

    def say(self, text: str, /) -> object: ...

    def tap(self, label: str, /) -> object: ...

    def send(self, kind: str, words: str = "", /) -> object: ...

    def edit(self, text: str, /) -> object: ...

    def share_number(self) -> object: ...

    def share_card(self, phone: str, /) -> object: ...


class OnPlatform(Town, ABC):
    """A town whose people use a platform, through its driver and by its own rules."""

    photo: ClassVar[str]  # what the platform calls one
    voice: ClassVar[str]

    @abstractmethod
    def person(self, name: str) -> Phone:
        """The person of this name, who is made by the first look."""

    async def say(self, who: str, text: str) -> str:
        """As in .chat files: words, ``[label]``, ``(foto)``, ``(kontak sendiri +62…)``."""
        before = len(self.told.get(who, ()))
        self._act(self.person(who), text)
        await self.quiet()
        new = self.told.get(who, [])[before:]
        return plain(new[-1]) if new else ""

    def _act(self, person: Phone, what: str) -> None:
        kind, _, phone = what.strip("()").rpartition(" ")
        if what.startswith("["):
            person.tap(what.strip("[]"))
        elif what == "(diubah)":
            person.edit("diubah")
        elif not what.startswith("("):
            person.say(what)
        elif kind == "kontak sendiri":
            person.phone = phone.removeprefix("+")
            person.share_number()
        elif kind.startswith("kontak"):
            person.share_card(phone)
        else:
            kind, _, words = what.removeprefix("(").partition(")")
            person.send({"foto": self.photo, "suara": self.voice, **_KINDS}[kind], words.strip())


@asynccontextmanager
async def served(routes: list[Route], listening: socket.socket, bounds: Bounds = BOUNDS) -> AsyncIterator[None]:
    """These routes, served by the web server of the product."""
    config = uvicorn.Config(
        Starlette(routes=routes), log_level="error", lifespan="off", ws="none", http=guarded(bounds)
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
