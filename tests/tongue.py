"""One more language for tests, as somebody would add it: a folder beside the others, and nothing else."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from locales import tables

OPENS, ENDS = "‹", "›"  # around all that is said in it
INTRODUCTION = """
name = "Xx-sprak"
called = ["xx"]
telling = "xa xe xi xo xu xy"
"""
HEARD = """
[choices."registration.consent"]
yes = ["xaxa"]
"""
TELEGRAM = """
description = "‹Telegram›"
[commands.owner]
daftar = "‹Mulai›"
[commands.officer]
tugas = "‹Tugas›"
"""
WHATSAPP = """
choose = "‹Pilih›"
[templates.xx_menunggu]
says = ["next.due"]
category = "utility"
body = "‹Kode {code} waktunya: {step}›"
buttons = [{ press = "lead.note", label = "Catat hasil" }]
"""


def add(root: Path) -> Path:
    """A copy of the folder of languages in ``root``, with "xx" beside them: every sentence of it stands between ``OPENS``
    and ``ENDS``. Gives the folder of "xx"."""
    shutil.copytree(tables.ROOT, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    folder = root / "xx"
    (folder / "hear").mkdir(parents=True)
    (folder / "LC_MESSAGES").mkdir()
    for file in (root / "id" / "LC_MESSAGES").glob("*.po"):
        (folder / "LC_MESSAGES" / file.name).write_bytes(_between(file.read_bytes()))
    for name, words in (("language", INTRODUCTION), ("telegram", TELEGRAM), ("whatsapp", WHATSAPP)):
        (folder / f"{name}.toml").write_text(words, "utf-8")
    (folder / "hear" / "choices.toml").write_text(HEARD, "utf-8")
    return folder


def _between(source: bytes) -> bytes:
    catalog = read_po(BytesIO(source))
    for message in catalog:
        if message.id:
            message.string = f"{OPENS}{message.string}{ENDS}"
    out = BytesIO()
    write_po(out, catalog, width=0)
    return out.getvalue()
