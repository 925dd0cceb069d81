"""Reader of who shall be registered, where it is not who writes: "mau daftarin suami saya", "suami saya yang mau ikut"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conversations.hear.text.words import plain

MAX_LETTERS = 300  # of a message
_CLAUSE = re.compile(r"[,.;!](?=\s|$)|\n")


class Proxies:
    """The reader. Built once from the table ``proxy`` of ``choices.toml``; without it, it hears nobody else."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        kin: Mapping[str, tuple[str, ...]] = table.get("kin", {})
        self._kin = {key: re.compile(_whose(words, table)) for key, words in kin.items()}
        self._asked = tuple(
            (key, re.compile(pattern)) for key, words in kin.items() for pattern in _wishes(key, words, table)
        )
        this, for_ = (_any(table[role]) for role in ("this", "to")) if table else ("", "")
        led = rf"(?:(?:{this}) (?:(?:{for_}) )?|(?:{for_}) )"  # "mbah" alone is how somebody is addressed
        self._alone = tuple(
            (key, re.compile(rf"{led}{_whose(words, table)}|{_whose(words, table, must=key not in table['spouses'])}"))
            for key, words in kin.items()
        )
        self._called = re.compile(rf"(?:{_any(table['called'])})\s+(?=\S)") if table else None
        self._unless = re.compile(rf"(?<!\w)(?:{_any(table['unless'])})(?!\w)") if table else None

    def read(self, text: str) -> str:
        """The key of the person who shall be registered ("husband"); "" where it is who writes, or is not clear."""
        said = plain(text[:MAX_LETTERS])
        if self._unless is None or "?" in said or self._unless.search(said):
            return ""
        return next((key for key, wish in self._asked if wish.search(said)), "")

    def named(self, text: str) -> str:
        """The key of the person whom a message names and nothing else: "suami saya"; "" for another message."""
        said = plain(text[:MAX_LETTERS]).strip(" .!")
        return next((key for key, alone in self._alone if alone.fullmatch(said)), "")

    def with_name(self, text: str) -> tuple[str, str]:
        """The key of the person whom a message names or shall be registered, and the words behind that: "ini untuk ibu
        saya, bu Lasmi" gives ("parent", "bu Lasmi"); ("", "") without either."""
        first, rest = _apart(text[:MAX_LETTERS], self._called)
        key = (self.named(first) or self.read(first)) if rest else ""
        return (key, rest) if key else ("", "")

    def beside(self, text: str) -> str:
        """The key of the person of whom a clause tells beside a clause of who writes: "nama saya Ani, suami saya Pak
        Heru"; "" without one."""
        parts = [plain(part).strip() for part in _CLAUSE.split(text[:MAX_LETTERS])]
        found = (key for part in parts for key, kin in self._kin.items() if (m := kin.match(part)) and part[m.end() :])
        return next(found, "") if len(parts) > 1 else ""

    def about(self, text: str, key: str) -> str:
        """What a message tells of this person: "suami belum, saya ikut dari pabrik" gives "belum"; the whole message
        where no clause names the person."""
        kin = self._kin.get(key)
        parts = [part.strip() for part in _CLAUSE.split(text)]
        told = [part[m.end() :].strip() for part in parts if kin and (m := kin.match(plain(part)))]
        return ", ".join(filter(None, told)) or text


def _apart(text: str, called: re.Pattern[str] | None) -> tuple[str, str]:
    """The words up to the first comma or "namanya", and the rest, which is a name if anything: "suami saya namanya
    Paijo"."""
    said = text.strip(" .!")
    lead = called.search(plain(said)) if called else None
    if lead and len(plain(said)) == len(said):
        return said[: lead.start()].strip(" ,."), said[lead.end() :]
    first, _, rest = said.partition(",")
    return first, rest.strip()


def _whose(words: tuple[str, ...], table: Mapping[str, Any], *, must: bool = False) -> str:
    """The pattern of somebody of the speaker's own; ``must``: only with "saya" or the like, as "bapak" alone addresses."""
    ending = rf"(?:ku|(?:nya|ne|e)?(?: (?:{_any(table['mine'])})){'' if must else '?'})"
    return rf"(?<!\w)(?:{_any(words)}){ending}(?!\w)"


def _wishes(key: str, words: tuple[str, ...], table: Mapping[str, Any]) -> tuple[str, ...]:
    """The patterns of a wish to register this person; of a wish of theirs only where the word addresses nobody: "bapak
    saya mau daftar" is said to an officer."""
    register, joins, wish, to = (_any(table[role]) for role in ("register", "join", "wish", "to"))
    whose = _whose(words, table, must=key not in table["spouses"])
    given = (
        rf"(?<!\w)(?:{register}) (?:(?:{to}) )?{whose}",
        rf"(?<!\w)(?:{register}|{joins}) (?:\w+ ){{0,2}}(?:{to}) {whose}",
    )
    theirs = (
        rf"{whose} (?:\w+ ){{0,2}}(?:{wish}) (?:{register}|{joins})(?!\w)",
        rf"(?:yang|sing) (?:(?:{wish}) )?(?:{register}|{joins}) (?:itu )?{whose}",
    )
    return (*given, *theirs) if key in table["spouses"] else given


def _any(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
