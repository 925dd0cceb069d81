"""The registration that every peer asks: as many questions, buttons and typed answers as ours, and one row at its end."""

from __future__ import annotations

from collections.abc import Mapping

import aiosqlite

# What an owner says; in brackets which button they press, by its number. As many steps as to us (../script.py).
SCRIPT = ("/start", "[0]", "Siti Aminah", "Klaten", "warung makan", "[1]", "[0]", "[0]", "[1]", "[1]", "[0]",
          "Delanggu", "Warung Bu Siti", "081200007001", "[0]", "[0]")  # fmt: skip

CHOICES: dict[str, tuple[str, ...]] = {
    "consent": ("Ya, boleh", "Tidak"),
    "name": (),
    "regency": (),
    "trade": (),
    "workers": ("0", "1", "2", "3", "4", "5", "Lebih dari 5"),
    "wages": ("Semua digaji", "Sebagian", "Tidak"),
    "age": ("Di bawah 65 tahun", "65 tahun atau lebih"),
    "member": ("Sudah", "Belum", "Tidak tahu"),
    "income": ("Sampai Rp1.099.000", "Rp1.100.000 sampai Rp2.099.000", "Rp2.100.000 ke atas", "Lewati"),
    "program": ("Dasar", "Lengkap", "Jelaskan dulu"),
    "district": (),
    "shop": (),
    "phone": (),
    "time": ("Pagi", "Siang", "Sore", "Kapan saja"),
    "confirm": ("Kirim", "Ubah"),
}
KEYS = tuple(CHOICES)
DONE = "Terima kasih. Data sudah kami terima. Petugas akan menghubungi Bapak/Ibu."


def after(key: str) -> str:
    """The next question; empty after the last."""
    return KEYS[KEYS.index(key) + 1] if key != KEYS[-1] else ""


def text(key: str, answers: Mapping[str, str]) -> str:
    """What is asked, in as many words as ours has on the average."""
    if key == "confirm":
        given = "\n".join(f"{name}: {value}" for name, value in answers.items())
        return f"Ini catatan kami:\n{given}\n\nSudah benar, dan boleh dikirim ke petugas?"
    return f"Supaya petugas bisa membantu Bapak/Ibu dengan tepat. Boleh dijawab singkat.\nPertanyaan tentang {key}?"


async def database(path: str) -> aiosqlite.Connection:
    """A durable file with one table of what was registered."""
    found = await aiosqlite.connect(path)
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        f"CREATE TABLE IF NOT EXISTS lead (chat INTEGER, {', '.join(KEYS)})",
    ):
        await found.execute(statement)
    await found.commit()
    return found


async def save(where: aiosqlite.Connection, chat: int, answers: Mapping[str, str]) -> None:
    """One row, committed."""
    values = (chat, *(answers.get(key, "") for key in KEYS))
    await where.execute(f"INSERT INTO lead VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - only marks
    await where.commit()
