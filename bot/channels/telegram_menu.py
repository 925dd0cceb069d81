"""Telegram's menu of commands for each role, and the bot's description. Pure but for reading the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .telegram import Call

_MENUS = {
    "officer": ("officer", "owner"),
    "coordinator": ("officer", "coordinator", "owner"),
    "admin": ("officer", "coordinator", "admin", "owner"),
}


def words(language: str = "") -> Mapping[str, Any]:
    """``telegram.toml`` of a language ("": the source), laid over the source's."""
    from locales.tables import SOURCE, read_table  # a process that only sends loads no words before it needs these

    return read_table("telegram", language or SOURCE)


def introduction() -> tuple[tuple[Call, Call, Any], ...]:
    """The bot's description and commands for everybody, in the source language, as (call that reads, call that writes,
    result of reading when nothing has to be written).

    Telegram lets these texts be set only rarely, so they are read before.
    """
    said, commands = words(), _commands("owner", "")
    about = {"description": said["description"]}
    short = {"short_description": said["short_description"]}
    return (
        (Call("getMyCommands"), Call("setMyCommands", {"commands": commands}), commands),
        (Call("getMyDescription"), Call("setMyDescription", about), about),
        (Call("getMyShortDescription"), Call("setMyShortDescription", short), short),
    )


def menu(address: str, role: str, language: str = "") -> Call:
    """The call that sets the menu of one chat, in its person's language: an officer's own commands first, then what those
    above have besides; any other role has everybody's."""
    scope = {"type": "chat", "chat_id": int(address)}
    own_words = _commands("owner", language) != _commands("owner", "")
    if role not in _MENUS and not own_words:
        return Call("deleteMyCommands", {"scope": scope})
    commands = [one for each in _MENUS.get(role, ("owner",)) for one in _commands(each, language)]
    return Call("setMyCommands", {"commands": commands, "scope": scope})


def shown_menu(address: str) -> Call:
    """The call that reads the menu set for one chat; its result is empty where the chat shows everybody's."""
    return Call("getMyCommands", {"scope": {"type": "chat", "chat_id": int(address)}})


def _commands(role: str, language: str) -> list[dict[str, str]]:
    return [{"command": name, "description": what} for name, what in words(language)["commands"][role].items()]
