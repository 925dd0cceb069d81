"""What Telegram shows around the chat: the menu of commands for each role, and who the bot is. Pure but for the words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from .telegram import Call

OFFICERS = frozenset({"officer", "coordinator", "admin"})


@cache
def words() -> Mapping[str, Any]:
    """``locales/id/telegram.toml`` as parsed."""
    return tomllib.loads(files("locales").joinpath("id/telegram.toml").read_text(encoding="utf-8"))


def introduction() -> tuple[tuple[Call, Call, Any], ...]:
    """How the bot presents itself to everybody: what to read, what to write, and what reading gives if it is so already.

    Telegram lets these texts be set only rarely, so they are read before.
    """
    said, commands = words(), _commands("owner")
    about = {"description": said["description"]}
    short = {"short_description": said["short_description"]}
    return (
        (Call("getMyCommands"), Call("setMyCommands", {"commands": commands}), commands),
        (Call("getMyDescription"), Call("setMyDescription", about), about),
        (Call("getMyShortDescription"), Call("setMyShortDescription", short), short),
    )


def menu(address: str, role: str) -> Call:
    """The menu of one chat: an officer's own commands first, an admin's after them; any other role has everybody's."""
    scope = {"type": "chat", "chat_id": int(address)}
    if role not in OFFICERS:
        return Call("deleteMyCommands", {"scope": scope})
    roles = ("officer", "admin", "owner") if role == "admin" else ("officer", "owner")
    return Call("setMyCommands", {"commands": [one for each in roles for one in _commands(each)], "scope": scope})


def _commands(role: str) -> list[dict[str, str]]:
    return [{"command": name, "description": what} for name, what in words()["commands"][role].items()]
