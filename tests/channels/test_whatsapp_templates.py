"""Templates against a server of the Cloud API: submitted once, compared, and used only when they are approved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.office.checks import findings
from bot.office.whatsapp_templates import review
from bot.settings import BadSetting, Settings
from bot.whatsapp.templates import as_submitted, forms
from storage.engine.database import Database, migrate
from storage.outbox import templates as states
from tests.conftest import nine
from tests.standins.cloud_api import APP_SECRET, PHONE_ID, VERIFY, WABA_ID, CloudApi


def deployment(api: CloudApi, tmp_path: Path, token: str = "") -> Settings:
    return Settings(
        _env_file=None, database_url=str(tmp_path / "rangkul.db"), key_file=tmp_path / "rangkul.key", controller="Dinas",
        whatsapp_token=token or api.token, whatsapp_api=api.url, whatsapp_phone_id=PHONE_ID, whatsapp_waba_id=WABA_ID,
        whatsapp_app_secret=APP_SECRET, whatsapp_verify_token=VERIFY,
    )  # fmt: skip


async def test_they_are_submitted_once_and_what_is_decided_is_kept_and_told_by_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with CloudApi() as api:
        settings = deployment(api, tmp_path)
        await asyncio.to_thread(migrate, settings.database_url)
        await review(settings, submitting=True)
        assert "submitted: rangkul_calon_peserta\n" in capsys.readouterr().out
        await review(settings, submitting=True)
        said = capsys.readouterr().out
        assert "submitted" not in said
        assert "rangkul_ada_kabar\tutility\tpending" in said
        assert len(api.templates) == len(forms())
        told = [finding async for finding in findings(settings)]
        assert any(f.level == "warning" and "rangkul_iuran: pending" in f.what for f in told)
        for form in forms():
            api.approve(as_submitted(form))
        told = [finding async for finding in findings(settings)]
        assert f"templates: {len(forms())} approved" in [finding.what for finding in told]
        await review(settings, submitting=False)
        async with await Database.open(settings.database_url, nine) as database, database.read() as tx:
            assert len((await states.usable(tx, PHONE_ID))["id"]) == len(forms())


async def test_a_token_that_is_refused_is_named_in_one_line(tmp_path: Path) -> None:
    async with CloudApi() as api:
        settings = deployment(api, tmp_path, token="EAAwrong")
        await asyncio.to_thread(migrate, settings.database_url)
        with pytest.raises(BadSetting, match="RANGKUL_WHATSAPP_TOKEN"):
            await review(settings, submitting=False)
