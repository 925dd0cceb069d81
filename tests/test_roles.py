"""What a process is for decides what it loads; roles that make no sense are refused in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import platforms
from bot.roles import EVERYTHING, Role, chosen, fit
from bot.settings import BadSetting, Settings
from tests import children

POSTGRES = "postgresql://database/rangkul"
TELEGRAM: dict[str, Any] = {
    "telegram_token": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "controller": "Kantor Percontohan",
}
WEBHOOK: dict[str, Any] = {"telegram_mode": "webhook", "public_url": "https://rangkul.invalid"}

LOADED = """
import asyncio, sys
from bot.app import opened
from bot.console.server import build
from bot import platforms
from bot.roles import Role
from bot.settings import load

async def main(roles):
    build(load(), roles)
    async with opened(load(), {}, roles):
        print(*(name for name in sys.modules if not name.startswith("_")))

asyncio.run(main(frozenset(map(Role, sys.argv[1:]))))
"""


def loaded(folder: Path, *roles: str) -> set[str]:
    """The modules of a process with these roles, and Telegram on."""
    more = {
        "RANGKUL_DATABASE_URL": str(folder / "rangkul.db"),
        "RANGKUL_KEY_FILE": str(folder / "rangkul.key"),
        "RANGKUL_DELETIONS_FILE": str(folder / "rangkul.deletions"),
        "RANGKUL_TELEGRAM_TOKEN": TELEGRAM["telegram_token"],
        "RANGKUL_CONTROLLER": "Kantor Percontohan",
    }
    ours = children.environment("PYTEST", "RANGKUL", **more)
    made = subprocess.run([sys.executable, "-c", LOADED, *roles], env=ours, capture_output=True, text=True, check=True)
    return set(made.stdout.split())


def test_a_process_that_only_sends_loads_no_dialogue_no_place_names_and_no_pages(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "delivery")
    assert "aiogram" in modules
    assert (
        modules
        & {"conversations.hear", "conversations.dialogues.book", "locales", "bot.turns.facts", "fastapi", "nicegui"}
        == set()
    )


def test_a_process_that_is_only_the_clock_loads_no_channel_library(tmp_path: Path) -> None:
    assert loaded(tmp_path, "clock") & {"aiogram", "telegram", "pywa", "fastapi", "nicegui"} == set()


def test_without_only_it_does_everything() -> None:
    assert chosen(()) == EVERYTHING
    fit(EVERYTHING, Settings(_env_file=None), ())


@pytest.mark.parametrize(
    ("only", "settings", "said"),
    [
        (["web,post"], {}, "--only post: is none of web, telegram, delivery, clock, console"),
        (["clock"], {}, "--only: SQLite takes one process"),
        (["web"], {"database_url": POSTGRES}, "--only web: nothing comes by webhook"),
        (["web"], {"database_url": POSTGRES, **TELEGRAM}, "--only web: nothing comes by webhook"),
        (["telegram"], {"database_url": POSTGRES, **TELEGRAM, **WEBHOOK}, "--only telegram: needs"),
        (["delivery"], {"database_url": POSTGRES}, "--only delivery: no channel is on"),
    ],
)
def test_roles_that_make_no_sense_are_refused_in_one_line(only: list[str], settings: dict[str, Any], said: str) -> None:
    given = Settings(_env_file=None, **settings)
    with pytest.raises(BadSetting) as refused:
        fit(chosen(only), given, platforms.webhooks(given))
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_each_of_several_processes_may_have_its_part() -> None:
    settings = Settings(_env_file=None, database_url=POSTGRES, **TELEGRAM, **WEBHOOK)
    for role in (Role.WEB, Role.DELIVERY, Role.CLOCK, Role.CONSOLE):
        fit(frozenset((role,)), settings, platforms.webhooks(settings))
