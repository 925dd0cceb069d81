"""Tests run on a fault, each in a process of its own that is forked from this one: what all need is imported once."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.mutants.faults import Fault

# Of others, never of ours: a module of ours that is imported here would be there without the fault.
SHARED = (
    "aiosqlite", "alembic.command", "asyncpg", "babel.messages.pofile", "cryptography.hazmat.primitives.ciphers.aead",
    "fastapi", "holidays", "httpx", "hypothesis.stateful", "num2words", "openpyxl", "orjson", "phonenumbers", "psutil",
    "pydantic_settings", "pytest_asyncio", "rapidfuzz", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite",
    "sqlalchemy.ext.asyncio", "sqlmodel", "structlog.testing", "time_machine", "typer", "uvicorn",
)  # fmt: skip
# What is shared is imported before pytest could rewrite its asserts, and that is meant.
QUICK = (
    "-W",
    "ignore:Module already imported",
    "-q",
    "-x",
    "-n",
    "0",
    "--no-header",
    "-k",
    "not postgresql and not postgres",
    "--timeout=0",
)


@dataclass(slots=True)
class Run:
    """Tests that are at work on a fault; on the program as it stands where ``fault`` is None."""

    fault: Fault | None
    pid: int
    since: float


class Faulty(SourceFileLoader):
    """Loads one module from a text instead of from its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType | None:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class Finder:
    """Finds the module of a fault before Python does."""

    def __init__(self, fault: Fault) -> None:
        self._name = ".".join(Path(fault.file).with_suffix("").parts)
        self._path, self._text = str(Path(fault.file).resolve()), fault.code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        return spec_from_file_location(name, self._path, loader=Faulty(name, self._path, self._text))


def share() -> None:
    """Import what the tests of every fault would import again."""
    for name in SHARED:
        import_module(name)


def begin(fault: Fault | None, tests: Sequence[str]) -> Run:
    """Run tests on a fault, in a process of their own."""
    pid = os.fork()
    if pid:
        return Run(fault, pid, time.monotonic())
    code = 70
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        sys.dont_write_bytecode = True
        if fault:
            sys.meta_path.insert(0, Finder(fault))
        code = int(pytest.main([*QUICK, *tests]))
    finally:
        os._exit(code)


def ended(run: Run, seconds: float) -> int | None:
    """The exit code of a run that has ended: 0 where every test passed. None while it works; 1 past these seconds."""
    pid, status = os.waitpid(run.pid, os.WNOHANG)
    if pid:
        return os.waitstatus_to_exitcode(status)
    if time.monotonic() - run.since < seconds:
        return None
    os.killpg(run.pid, signal.SIGKILL)
    os.waitpid(run.pid, 0)
    return 1
