"""docs/architecture.md says what is so: its picture is that of the contracts, and it names every floor."""

from __future__ import annotations

import ast
import re

import pytest

from tests.floors import PICTURE, ROOT, floors, picture
from tests.mutants.near import NEAR

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def test_the_picture_of_the_floors_is_drawn_from_the_contracts() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "python -m tests.floors draws it anew"


@pytest.mark.parametrize("package", ["bot", "storage"])
def test_every_room_of_a_floor_is_there_and_told_of(package: str) -> None:
    for name in (name for floor in floors(package) for name in floor):
        assert (ROOT / package / name).is_dir() or (ROOT / package / f"{name}.py").is_file(), name
        assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("folder", ["bot/turns", "bot/outbox"])
def test_every_file_of_turns_and_of_the_outbox_is_among_those_that_are_mutated(folder: str) -> None:
    without_a_line_to_change = {"__init__.py", "stale.py"}
    files = {path.name for path in (ROOT / folder).glob("*.py")} - without_a_line_to_change
    assert {f"{folder}/{name}" for name in files} - NEAR.keys() == set()


def test_the_files_that_are_mutated_and_the_tests_near_them_are_there() -> None:
    named = {*NEAR, *(test for tests in NEAR.values() for test in tests)}
    assert {name for name in named if not (ROOT / name).is_file()} == set()


@pytest.mark.parametrize("package", ["bot", "storage", "conversations"])
def test_every_folder_says_in_one_line_what_it_is_for(package: str) -> None:
    for folder in sorted(path for path in (ROOT / package).rglob("__init__.py") if path.parent != ROOT / package):
        told = ast.get_docstring(ast.parse(folder.read_text(encoding="utf-8")))
        assert told, folder


def test_every_path_that_the_page_names_is_there() -> None:
    for name in re.findall(r"`([\w/]+/(?:[\w.]+)?)`", PAGE):
        assert (ROOT / name).exists(), name


def test_no_class_of_the_product_bears_the_name_of_another() -> None:
    named: dict[str, list[str]] = {}
    for package in ("bot", "conversations", "locales", "storage"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for line in path.read_text(encoding="utf-8").splitlines():
                if found := re.match(r"class ([A-Z]\w*)", line):
                    named.setdefault(found[1], []).append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in named.items() if len(places) > 1} == {}
