"""The simulator's page with a bot behind it that knows a few words; run as a program: ``echo_server.py PORT``.

It is a process of its own because the page library keeps its pages for a whole process.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from bot.channels.base import BOLD_OFF, BOLD_ON, Inbound, Key, Outgoing, Unavailable
from bot.channels.simulator import Simulator
from bot.channels.simulator_screen import PastEvent, PastMessage
from bot.console.phone import Hiring
from bot.console.simulator import mount
from bot.now import now


class Echo:
    """Answers with what it heard; some words make it do what a real bot may do."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._refused: set[str] = set()
        self._officers: set[str] = set()
        self._answers: set[asyncio.Task[None]] = set()

    async def receive(self, inbound: Inbound) -> None:
        if inbound.heard.text == "putus" and inbound.external_id not in self._refused:
            self._refused.add(inbound.external_id)
            raise Unavailable("on purpose")
        answer = asyncio.create_task(self._answer(inbound))
        self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)

    async def hired(self, address: str) -> bool:
        return address in self._officers

    async def _answer(self, inbound: Inbound) -> None:
        heard, send = inbound.heard, self._simulator.send
        if heard.pressed:
            await self._simulator.settle(inbound, f"Dicatat: {heard.pressed.value}")
            edits = inbound.under if heard.pressed.value == "ganti" else ""
            await send(inbound.address, Outgoing(f"Anda memilih {heard.pressed.value}", edits=edits))
        elif heard.contact:
            whose = "Anda" if heard.contact.own else "orang lain"
            await send(inbound.address, Outgoing(f"Nomor {whose}: {heard.contact.phone}"))
        elif heard.other:
            await send(inbound.address, Outgoing(f"Maaf, kami belum bisa membaca ini ({heard.other})"))
        else:
            await self._answer_words(inbound.address, heard.text or heard.start)

    async def _answer_words(self, address: str, text: str) -> None:
        send = self._simulator.send
        match text.split():
            case ["tombol"]:
                await send(address, Outgoing("Sudah punya pekerja?", keys=KEYS))
            case ["periksa"]:
                await send(address, Outgoing("Sudah benar, dan boleh dikirim?", keys=REVIEW))
            case ["nomor"]:
                await send(address, Outgoing("Berapa nomor HP Bapak/Ibu?", contact_label="Bagikan nomor saya"))
            case ["berkas"]:
                await send(address, Outgoing("Ini data Bapak/Ibu.", file=("data-saya.txt", "Nama: Siti\n")))
            case ["tebal"]:
                await send(address, Outgoing(f"Ini {BOLD_ON}tebal & <i>aman</i>{BOLD_OFF}, ini tidak."))
            case ["kabari", whom]:
                await send(whom, Outgoing("Ada calon peserta baru.", keys=((Key("Ambil", "task.take=A1~n"),),)))
            case [code] if code.startswith("PTG-"):
                self._officers.add(address)
                await send(address, Outgoing(f"Anda menulis: {text}"))
            case ["keluar"]:
                self._officers.discard(address)
                await send(address, Outgoing("Anda bukan petugas lagi."))
            case ["diam"]:
                pass
            case _:
                await send(address, Outgoing(f"Anda menulis: {text}"))


KEYS = (
    (Key("Ya", "registration.workers=ya~n"), Key("Belum", "registration.workers=belum~n")),
    (Key("Ganti pesan ini", "registration.workers=ganti~n"),),
    (Key("Situs resmi", url="https://www.bpjsketenagakerjaan.go.id"),),
)
REVIEW = ((Key("Kirim", "registration.confirm=yes~n"), Key("Ubah", "registration.confirm=no~n")),)


async def past(address: str) -> Sequence[PastEvent | PastMessage] | None:
    """A phone "…-lama-…" was in use before, and nothing of it is kept."""
    return [] if "-lama-" in address else None


def main(port: int) -> None:
    app, simulator = FastAPI(), Simulator(now)
    echo = Echo(simulator)

    async def invite() -> str:
        return "PTG-4821"

    mount(app, simulator, Hiring(invite, echo.hired), past)

    async def serve() -> None:
        await simulator.start(echo.receive)
        await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")).serve()

    asyncio.run(serve())


if __name__ == "__main__":
    main(int(sys.argv[1]))
