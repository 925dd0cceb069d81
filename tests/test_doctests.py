"""The examples in docstrings give what stands below them. Each module is imported by its own test, not by every run."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("conversations", "locales", "storage", "bot", "tests")
APART = ROOT / "tests/mutants"  # imports a library that only `make mutants` installs
EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)


def modules() -> list[str]:
    """The modules of the project that hold an example, by their dotted names."""
    files = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if APART not in path.parents)
    holding = (path for path in files if EXAMPLE.search(path.read_text(encoding="utf-8")))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in holding]


@pytest.mark.parametrize("module", modules())
def test_the_examples_of_a_module_give_what_stands_below_them(module: str) -> None:
    found = doctest.testmod(import_module(module))
    assert found.attempted > 0
    assert found.failed == 0
