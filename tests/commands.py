"""The command ``rangkul`` run in this process, in a folder of its own, and what it must say of a fault."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cli import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Rangkul = Callable[..., Ended]


def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rangkul:
    """Runs a command in this folder, without any setting of ours in the environment but those that a test makes."""
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("RANGKUL_")]:
        monkeypatch.delenv(name)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["rangkul", *words])
        capsys.readouterr()
        try:
            main()
        except SystemExit as end:
            said = capsys.readouterr()
            return Ended(int(end.code or 0), said.out, said.err)
        raise AssertionError("the entry point always ends the process")

    return run


def contents(folder: Path) -> dict[str, str]:
    """Every file and folder below this one, with what is in it: what a command made or changed is then seen."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if not path.name.endswith((".open", "-wal", "-shm"))  # they come with reading
    }
