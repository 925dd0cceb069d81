"""What the pages promise is so: settings, commands, folders, links, pictures and conversations that they name exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import SecretStr

from bot.cli import app
from bot.settings import Settings
from bot.turns.batch import UNFINISHED_KEPT
from conversations.dialogues import admin
from conversations.rules import outcomes
from locales import Catalog
from storage.leads.leads import ACTIVE_KEPT, CLOSED_KEPT

ROOT = Path(__file__).parents[1]
PREFIX = "RANGKUL_"
NOT_OURS = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()}
LARGEST_PICTURE = 150 * 1024  # bytes: pages are read on slow lines too


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def folders() -> list[Path]:
    """The folders of the project, hidden ones and what a machine makes for itself aside."""
    found = (path for path in ROOT.iterdir() if path.is_dir() and name_of(path) not in NOT_OURS)
    return sorted(path for path in found if not path.name.startswith(".") and path.suffix != ".egg-info")


def files(*suffixes: str) -> list[Path]:
    """The files of the project with these endings, those of the top folder first."""
    found = (*sorted(ROOT.iterdir()), *(path for folder in folders() for path in sorted(folder.rglob("*"))))
    return [path for path in found if path.is_file() and path.suffix in suffixes and not ignored(path)]


def ignored(path: Path) -> bool:
    """Made on one machine, never part of the project."""
    return path.name in {*NOT_OURS, ".git"} or name_of(path.parent) in NOT_OURS  # a worktree's .git is a file


PAGES = files(".md")
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


# ------------------------------------------------------------------------------------------------ settings


def shown(default: Any) -> str:
    """A default as the table of settings writes it."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "" if default in (None, "") else f"`{default}`"


def settings() -> dict[str, str]:
    """Every setting with its default as it is shown."""
    fields = Settings.model_fields.items()
    return {PREFIX + name.upper(): shown(field.get_default(call_default_factory=True)) for name, field in fields}


def test_the_readme_lists_every_setting_with_its_default_and_no_other() -> None:
    table = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| ?(.*?) ?\|", README, re.MULTILINE))
    assert table == settings()


def test_the_example_file_lists_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(rf"^#?({PREFIX}\w+)=", example, re.MULTILINE)) == set(settings())


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "deploy/compose.env.example", "deploy/rangkul.service"])
def test_a_deployment_sets_nothing_that_does_not_exist(name: str) -> None:
    named = re.findall(rf"\b{PREFIX}[A-Z_]+\b", (ROOT / name).read_text(encoding="utf-8"))
    assert set(named) <= set(settings())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b(?!_)", page.read_text(encoding="utf-8")))
    assert named <= set(settings())


# ------------------------------------------------------------------------------------------------ commands


def commands() -> dict[tuple[str, ...], set[str]]:
    """Every command of ``rangkul`` with its options: ``{("keys", "rotate"): {"--help"}}``."""
    return dict(_commands(typer.main.get_command(app), ()))


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))
    if not hasattr(command, "commands"):
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        yield path, options | {"--help"}


def used(text: str) -> Iterator[list[str]]:
    """What is given to ``rangkul`` wherever a code block or a piece of code calls it, up to the end of the command."""
    code = [*FENCE.findall(text), *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))]
    for line in (line for piece in code for line in piece.splitlines()):
        for call in re.findall(r"(?:^|[ /])rangkul ((?!rangkul\b)[a-z].*)", line):
            words = re.split(r"&&|[;|#<]", call)[0]
            yield shlex.split(re.sub(r"[][…]", " ", words).replace("'", ""))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_calls_only_commands_and_options_that_exist(page: Path) -> None:
    known = commands()
    for call in used(page.read_text(encoding="utf-8")):
        path = next((tuple(call[:n]) for n in (2, 1) if tuple(call[:n]) in known), None)
        assert path is not None, f"no such command: rangkul {' '.join(call)}"
        options = {word.partition("=")[0] for word in call if word.startswith("--")}
        assert options <= known[path], f"no such option: rangkul {' '.join(call)}"


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_the_readme_has_a_line_for_every_command_with_all_its_options(path: tuple[str, ...]) -> None:
    line = re.search(rf"^\| `rangkul {' '.join(path)}\b.*", README, re.MULTILINE)
    assert line is not None
    assert {option for option in commands()[path] if option not in line[0]} <= {"--help"}


# ------------------------------------------------------------------------------------------------ links, folders, pictures


def headings(page: Path) -> set[str]:
    """The anchors of a page, as the usual readers of Markdown make them from its headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for found in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        address = found[0] or found[1]
        if re.match(r"https?:|mailto:", address):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), address
        assert ROOT in (target, *target.parents), f"{address} leads out of the project"
        assert not anchor or anchor in headings(target), address


TOLD_OF_THEIR_DAY = ("CHANGELOG.md", "docs/decisions.md")  # pages on which what is gone by now may be named
A_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_of_ours_that_a_page_names_exists(page: Path) -> None:
    """A path that begins with one of our folders; ``deploy/compose.env`` is made by whoever deploys."""
    ours = {folder.name for folder in folders()}
    named = {path for path in A_PATH.findall(page.read_text(encoding="utf-8")) if path.split("/")[0] in ours}
    gone = {path for path in named if not (ROOT / path).exists()} - {"deploy/compose.env"}
    assert gone == set() or name_of(page) in TOLD_OF_THEIR_DAY


def test_the_map_of_the_readme_names_every_folder_and_nothing_else() -> None:
    mapped = {row.rstrip("/") for row in re.findall(r"^\| `([\w./]+/)` \|", README, re.MULTILINE)}
    assert {path for path in mapped if not (ROOT / path).is_dir()} == set()
    assert {folder.name for folder in folders()} <= mapped


def test_every_picture_is_small_and_shown_on_a_page() -> None:
    linked = {
        (page.parent / (found[0] or found[1])).resolve()
        for page in PAGES
        for found in LINK.findall(page.read_text(encoding="utf-8"))
    }
    for picture in files(".png"):
        assert picture.stat().st_size < LARGEST_PICTURE, picture.name
        assert picture in linked, f"{picture.name} stands on no page"


# ------------------------------------------------------------------------------------------------ what people read

HANDBOOK = ROOT / "docs/handbook"


def menu(role: str) -> list[str]:
    table = tomllib.loads((ROOT / "locales/id/telegram.toml").read_text(encoding="utf-8"))
    return [name.replace("_", " ") for name in table["commands"][role]]


def test_the_officers_page_explains_every_outcome_and_every_command() -> None:
    page, catalog = (HANDBOOK / "petugas.md").read_text(encoding="utf-8"), Catalog.load("id")
    for outcome in outcomes.NOTED:
        assert f"\n| {catalog.text(f'outcome.{outcome}')} |" in page
    for name in menu("officer"):
        assert f"\n| `/{name}` |" in page


def test_the_admins_page_explains_their_command_every_button_and_what_each_copy_may_be() -> None:
    page, catalog = (HANDBOOK / "siaran.md").read_text(encoding="utf-8"), Catalog.load("id")
    assert {name for name in menu("admin") if f"`/{name}`" not in page} == set()
    acts = {act for acts in admin.BUTTONS.values() for act in acts}
    labels = {catalog.text("siaran.report_button" if act == "report" else f"siaran.{act}") for act in acts}
    states = {catalog.text(f"siaran.copy.{state}") for state in (*admin.SHOWN, "parked", "delivered", "read")}
    assert {label for label in labels | states if label.casefold() not in page.casefold()} == set()


def test_the_owners_page_names_every_command() -> None:
    page = (HANDBOOK / "pemilik.md").read_text(encoding="utf-8")
    assert {name for name in menu("owner") if not re.search(rf"\*{name}\b", page)} == set()


def test_the_operators_page_explains_every_status() -> None:
    page = (HANDBOOK / "pengelola.md").read_text(encoding="utf-8")
    statuses = {"new", "taken", "waiting", *filter(None, outcomes.STATUS_AFTER.values())}
    assert {status for status in statuses if f"`{status}`" not in page} == set()


def test_pages_and_notice_say_of_how_long_data_are_kept_what_is_done() -> None:
    days = rf"\b{UNFINISHED_KEPT.days}\b.*?\b{CLOSED_KEPT.days}\b.*?\b{ACTIVE_KEPT.days}\b"
    for page in ("docs/privacy.md", "docs/handbook/pemilik.md"):
        assert re.search(days, (ROOT / page).read_text(encoding="utf-8"), re.DOTALL), page
    assert re.search(days, Catalog.load("id").text("registration.notice", controller="", version="", way=""), re.DOTALL)


# ------------------------------------------------------------------------------------------------ conversations, decisions


def test_every_conversation_is_listed_in_the_handbook_under_its_title() -> None:
    listed = (ROOT / "docs/handbook/percakapan.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(.+?)\]\(\.\./\.\./tests/chats/(.+?)\) \| (.+) \|$", listed, re.MULTILINE)
    chats = sorted((ROOT / "tests/chats").glob("*.chat"))
    titles = [chat.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for chat in chats]
    assert rows == [(chat.stem[:2], chat.name, title) for chat, title in zip(chats, titles, strict=True)]


def test_every_decision_has_a_day_and_the_newest_stand_first() -> None:
    text = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    days = [re.match(r"(\d{4}-\d{2}-\d{2}) · \S", title) for title in titles]
    assert all(days)
    assert (found := [day[1] for day in days if day]) == sorted(found, reverse=True)


def test_the_changelog_names_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?{re.escape(project['version'])}\b", changelog, re.MULTILINE)


# ------------------------------------------------------------------------------------------------ where it came from

# Written so that this file does not name what it forbids.
HOSTS = re.compile(r"(?:py(?:pi)\.org|python(?:hosted)\.|npm(?:js)\.|crates(?:\.)io|golang(?:\.)org|index(?:-)url)")
MACHINES = re.compile(r"(?<![\w.~-])/(?:work|home|root|Users|mnt)/\w")
TEXTS = files(
    ".md", ".py", ".toml", ".po", ".txt", ".in", ".yaml", ".env", ".example", ".service", ".mako", ".chat", ""
)


@pytest.mark.parametrize("folder", [ROOT, *folders()], ids=lambda folder: folder.name)
def test_no_file_names_a_package_registry_or_a_path_of_one_machine(folder: Path) -> None:
    ours = [path for path in TEXTS if (path.parent == ROOT if folder == ROOT else folder in path.parents)]
    told = []
    for path in ours:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if HOSTS.search(line) or MACHINES.search(line):
                told.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert told == []
