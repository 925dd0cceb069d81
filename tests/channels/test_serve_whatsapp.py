"""``rangkul serve`` with WhatsApp on, as an operator runs it, against the local Cloud API."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.channels import whatsapp_webhook
from tests.channels.test_serve_apart import free_port
from tests.channels.test_serve_telegram import mebibytes, serving
from tests.standins.cloud_api import APP_SECRET, PHONE_ID, TOKEN, VERIFY, WABA_ID, CloudApi


def settings(api: CloudApi) -> dict[str, str]:
    """WhatsApp alone, on a port that the stand-in knows."""
    port = free_port()
    api.webhooks.url = f"http://127.0.0.1:{port}{whatsapp_webhook.PATH}"
    return {
        "RANGKUL_TELEGRAM_TOKEN": "",
        "RANGKUL_TELEGRAM_API": "",
        "RANGKUL_PORT": str(port),
        "RANGKUL_WHATSAPP_TOKEN": TOKEN,
        "RANGKUL_WHATSAPP_PHONE_ID": PHONE_ID,
        "RANGKUL_WHATSAPP_WABA_ID": WABA_ID,
        "RANGKUL_WHATSAPP_APP_SECRET": APP_SECRET,
        "RANGKUL_WHATSAPP_VERIFY_TOKEN": VERIFY,
        "RANGKUL_WHATSAPP_API": api.url,
    }


async def test_the_first_message_is_answered_and_a_term_signal_ends_it(tmp_path: Path) -> None:
    async with CloudApi() as api:
        siti = api.person("Siti")
        siti.say("halo")  # before anybody listens: Meta brings it again
        async with serving(api, tmp_path, **settings(api)) as process:
            await api.until(lambda: siti.told, 60)
            siti.tap("Ya, boleh")
            await api.until(lambda: "panggil siapa" in siti.last, 30)
            memory = mebibytes(process)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
            print(f"{memory:.0f} MiB with WhatsApp")  # noqa: T201 - a figure for a reader
            assert memory < 350
        assert api.problems == []
        assert len(siti.told) == 2


@pytest.mark.long
async def test_a_setting_that_is_missing_is_named_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with CloudApi() as api:
        wrong = settings(api) | {"RANGKUL_WHATSAPP_APP_SECRET": ""}
        async with serving(api, tmp_path, **wrong) as process:
            assert await asyncio.wait_for(process.wait(), 60) == 2
    assert capfd.readouterr().err.splitlines()[-1].startswith("rangkul: RANGKUL_WHATSAPP_APP_SECRET: ")
