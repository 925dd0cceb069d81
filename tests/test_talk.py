"""``rangkul chat``: what is typed is answered by the product, and recorded as a ``.chat`` file."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from bot.office.talk import talk
from bot.office.transcript import BOT, Remark, TranscriptLine, Usual, parse
from bot.settings import Settings


async def test_a_talk_is_recorded_with_the_stretch_that_was_answered_as_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = [
        "halo, NIK saya 3372-0112-0390-0001",
        "--- jawaban lazim sampai: Nomor HP",
        "0812 0000 7001",
        "--- 2 jam kemudian",
        "[Tidak ada]",
    ]
    monkeypatch.setattr("sys.stdin", StringIO("\n".join([*typed, ""])))
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'talk.db'}",
        key_file=tmp_path / "talk.key",
        deletions_file=tmp_path / "talk.deletions",
    )
    await talk(settings, "owner", tmp_path / "talk.chat")
    named, hello, opening, left_out, asked, phone, when, *rest = parse((tmp_path / "talk.chat").read_text("utf-8"))
    assert named == Remark("# jawaban lazim: warung sendiri")
    assert hello == TranscriptLine("Pemilik", "halo, NIK saya ████", "Pemilik")
    assert left_out == Usual("Nomor HP")
    for said, question in (
        (opening, "Boleh kami simpan"),
        (asked, "Nomor berapa"),
        (when, "Ini catatan kami"),
    ):
        assert isinstance(said, TranscriptLine)
        assert said.who == BOT
        assert question in said.text
    assert phone == TranscriptLine("Pemilik", "0812 0000 7001", "Pemilik")
    assert rest == [], "time does not pass here, and a button that is not there is not recorded"
