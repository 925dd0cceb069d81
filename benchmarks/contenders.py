"""What is measured: ours and its peers, each a process of its own on one core, with what it needs beside it."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .owners import SECRET

CORE, OURS = 0, 1  # the contender's core, and that of the load
PATIENCE = 60.0  # seconds until a process must listen
ERRORS = "errors.txt"
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Contender:
    """``command(api, port, folder)`` gives its arguments; ``talks``: it holds a dialogue, and does not only send."""

    name: str
    path: str
    command: Callable[[str, int, Path], list[str]]
    environment: Callable[[str, int, Path], dict[str, str]] = lambda api, port, folder: {}
    redis: bool = False
    talks: bool = True


def peer(module: str) -> Callable[[str, int, Path], list[str]]:
    return lambda api, port, folder: [f"benchmarks.peers.{module}", api, str(port), str(folder / "peer.db")]


def settings(api: str, port: int, folder: Path) -> dict[str, str]:
    """Ours as it is run in earnest, but for a pace: durable, encrypted, its secret checked."""
    return {
        "RANGKUL_DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", f"sqlite:///{folder}/ours.db"),
        "RANGKUL_KEY_FILE": f"{folder}/ours.key",
        "RANGKUL_DELETIONS_FILE": f"{folder}/ours.deletions",
        "RANGKUL_TELEGRAM_TOKEN": "4242424242:" + "A" * 35,
        "RANGKUL_TELEGRAM_API": api,
        "RANGKUL_TELEGRAM_MODE": "webhook",
        "RANGKUL_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "RANGKUL_TELEGRAM_RATE": "0",
        "RANGKUL_PUBLIC_URL": "https://bench.example",
        "RANGKUL_PORT": str(port),
        "RANGKUL_SIMULATOR": "false",
        "RANGKUL_CONTROLLER": "Bench",
        "RANGKUL_LOG_LEVEL": "error",
    }


RANGKUL = Contender("rangkul", "/webhook/telegram", lambda api, port, folder: ["bot", "serve"], settings)


def contenders() -> tuple[Contender, ...]:
    """All that this machine can run; the first is the one that ratios are taken to."""
    redis = bool(shutil.which("redis-server") and importlib.util.find_spec("redis"))
    if not redis:
        sys.stdout.write("no Redis here (its server, and `make bench-peers`): aiogram keeps its states in memory\n")
    store = "redis" if redis else "memory"
    fsm = peer("aiogram_fsm")
    return (
        Contender(f"aiogram fsm, {store}", "/webhook", fsm, redis=redis),
        Contender(f"aiogram fsm, {store}, unkeys", "/webhook", fsm, lambda *_: {"BENCH_UNKEY": "1"}, redis=redis),
        Contender("ptb conversation, pickle", "/webhook", peer("ptb_conversation"), lambda *_: {"BENCH_UNKEY": "1"}),
        RANGKUL,
        Contender("aiogram, sending only", "/webhook", peer("aiogram_sender"), talks=False),
        Contender("floor: parse, template, send", "/webhook", peer("floor"), talks=False),
    )


@dataclass(slots=True)
class Running:
    """A contender's processes."""

    webhook: str
    pids: list[int] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of processor time until now."""
        return sum(_stat(pid)[0] for root in self.pids for pid in _tree(root))

    def memory(self) -> float:
        """Megabytes that are resident."""
        return sum(_stat(pid)[1] for root in self.pids for pid in _tree(root))


@asynccontextmanager
async def running(contender: Contender, api: str, folder: Path) -> AsyncIterator[Running]:
    """Started, listening, and ended again."""
    port = _free_port()
    environment = {**os.environ, **contender.environment(api, port, folder)}
    processes = []
    if contender.redis:
        processes.append(await _redis(environment, folder))
    command = [sys.executable, "-m", *contender.command(api, port, folder)]
    processes.append(_start(command, environment, folder))
    try:
        await _wait_for(port, processes[-1], folder)
        yield Running(f"http://127.0.0.1:{port}{contender.path}", [process.pid for process in processes])
    finally:
        for process in reversed(processes):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 15)
            process.kill()


async def _redis(environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """As its documentation recommends for data that is to last: appended, written out every second."""
    port = _free_port()
    environment["BENCH_REDIS"] = f"redis://127.0.0.1:{port}/0"
    kept = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), *kept]
    process = _start(command, environment, folder)
    await _wait_for(port, process, folder)
    return process


def _start(command: list[str], environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    pinned = ["taskset", "-c", str(CORE), *command]
    with (folder / ERRORS).open("ab") as errors:
        return subprocess.Popen(pinned, env=environment, stdout=subprocess.DEVNULL, stderr=errors)


async def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            _, there = await asyncio.open_connection("127.0.0.1", port)
            there.close()
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen: {(folder / ERRORS).read_text()[-300:]}")


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _tree(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _tree(int(child))


def _stat(pid: int) -> tuple[float, float]:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK, int(fields[21]) * _PAGE / 1e6
    return 0.0, 0.0
