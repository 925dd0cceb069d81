"""``rangkul serve`` with Telegram on, as an operator runs it, against the local Bot API."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests import children
from tests.channels.on_telegram import Driver
from tests.standins.bot_api import TOKEN, BotApi
from tests.standins.cloud_api import CloudApi

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def serving(
    api: BotApi | CloudApi, folder: Path, *only: str, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    roles = [part for role in only for part in ("--only", role)]
    settings = {
        "RANGKUL_DATABASE_URL": f"sqlite:///{folder / 'rangkul.db'}",
        "RANGKUL_KEY_FILE": str(folder / "rangkul.key"),
        "RANGKUL_DELETIONS_FILE": str(folder / "rangkul.deletions"),
        "RANGKUL_CONTROLLER": "Kantor Percontohan",
        "RANGKUL_TELEGRAM_TOKEN": TOKEN,
        "RANGKUL_TELEGRAM_API": api.url,
        "RANGKUL_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", *roles,
        cwd=ROOT, env=children.environment("PYTEST", "RANGKUL", **(settings | more)),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def mebibytes(process: asyncio.subprocess.Process) -> float:
    """What it holds in memory just now."""
    return int((Path("/proc") / str(process.pid) / "statm").read_text().split()[1]) * 4096 / 2**20


@pytest.mark.parametrize("by", ["aiogram", pytest.param("ptb", marks=pytest.mark.long)])
async def test_the_first_message_is_answered_and_a_term_signal_ends_it_within_ten_seconds(
    by: Driver, tmp_path: Path
) -> None:
    async with BotApi() as api:
        siti = api.person(7)
        siti.say("halo")  # before anybody listens: Telegram keeps it
        began = time.monotonic()
        async with serving(api, tmp_path, RANGKUL_TELEGRAM_DRIVER=by) as process:
            await api.until(lambda: any(shown.rows for shown in siti.screen), 60)
            started = time.monotonic() - began
            siti.tap("Ya, boleh")
            await api.until(lambda: "panggil siapa" in siti.screen[-1].text, 30)
            memory = mebibytes(process)
            process.send_signal(signal.SIGTERM)
            ending = time.monotonic()
            assert await asyncio.wait_for(process.wait(), 10) == 0
            print(f"first answer after {started:.1f} s, {memory:.0f} MiB, ended in {time.monotonic() - ending:.1f} s")  # noqa: T201 - figures for a reader
            assert memory < 350
    assert api.problems == []


@pytest.mark.long
async def test_what_was_typed_while_it_was_down_is_answered_once_after_the_restart(tmp_path: Path) -> None:
    """By the other driver, which goes on where the first was."""
    pages_off = {"RANGKUL_SIMULATOR": "false"}
    async with BotApi() as api:
        siti = api.person(7)
        siti.say("halo")
        async with serving(api, tmp_path, **pages_off, RANGKUL_TELEGRAM_DRIVER="ptb") as process:
            await api.until(lambda: any(shown.rows for shown in siti.screen), 60)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        siti.tap("Ya, boleh")
        async with serving(api, tmp_path, **pages_off, RANGKUL_TELEGRAM_DRIVER="aiogram"):
            await api.until(lambda: "panggil siapa" in siti.screen[-1].text, 60)
    assert len([shown for shown in siti.screen if "panggil siapa" in shown.text]) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"RANGKUL_CONTROLLER": ""}, "RANGKUL_CONTROLLER"),
        pytest.param({"RANGKUL_TELEGRAM_TOKEN": "abc"}, "RANGKUL_TELEGRAM_TOKEN", marks=pytest.mark.long),
        pytest.param({"RANGKUL_TELEGRAM_MODE": "webhook"}, "RANGKUL_PUBLIC_URL", marks=pytest.mark.long),
    ],
)
async def test_a_setting_that_makes_no_sense_is_named_in_one_line(
    settings: dict[str, str], named: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with BotApi() as api, serving(api, tmp_path, **settings) as process:
        assert await asyncio.wait_for(process.wait(), 60) == 2
    assert capfd.readouterr().err.splitlines()[-1].startswith(f"rangkul: {named}: ")
