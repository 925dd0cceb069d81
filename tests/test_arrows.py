"""Who may import whom, beyond what import-linter keeps: libraries of channels, and the purity of the core."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("conversations", "locales", "storage", "bot")
# Each is heavy and belongs to one channel or page: imported in one place, and only when that is switched on.
IN_ONE_PLACE = {
    "aiogram": {"bot/channels/telegram_aiogram.py"},
    "nicegui": {"bot/console/simulator.py", "bot/console/phone.py", "bot/console/bubble.py", "bot/console/rich.py"},
    "telegram": {"bot/channels/telegram_ptb.py"},
    "pywa": set[str](),
}
WAITS_OR_READS = {"asyncio", "os", "time", "logging", "pathlib", "io", "socket", "random", "sqlalchemy", "sqlmodel"}
HEARING = {"rapidfuzz", "phonenumbers"}


@cache
def imports(path: Path) -> frozenset[str]:
    """The top-level packages that a file imports, wherever in it."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_the_library_of_a_channel_is_imported_in_its_own_file_only() -> None:
    for library, places in IN_ONE_PLACE.items():
        found = {str(path.relative_to(ROOT)) for path in files(*OURS) if library in imports(path)}
        assert found <= places, library


def test_the_core_waits_for_nothing_and_reads_nothing() -> None:
    for path in files("conversations"):
        allowed = set(sys.stdlib_module_names) - WAITS_OR_READS | {"conversations"}
        if ROOT / "conversations/hear" in path.parents:
            allowed |= HEARING
        assert imports(path) <= allowed, path.name


def test_no_module_leads_back_to_itself_by_whatever_kind_of_import() -> None:
    """Imports in functions and for types counted: import-linter keeps the floors, this keeps each floor free of circles."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files(*OURS)
    }
    arrows = {name: _imported(name, path, modules) for name, path in modules.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as circle:
        raise AssertionError(" <- ".join(circle.args[1])) from None


def _imported(name: str, path: Path, modules: Mapping[str, Path]) -> set[str]:
    """The modules of ours that this one imports; a package itself counts only where something of its own is meant."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found |= {inner if (inner := f"{base}.{alias.name}") in modules else base for alias in node.names}
    return (found & set(modules)) - {name}


def test_what_is_off_is_not_imported() -> None:
    """The whole product without its server: no browser library, no platform's library."""
    script = "import sys, bot.app, bot.cli; print([m for m in ('aiogram', 'nicegui', 'telegram', 'pywa') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
