"""Checks of a command's arguments, before anything is read, written or made. Each returns the checked value, or raises
BadSetting."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.now import WIB
from bot.settings import BadSetting
from conversations.hear.redact import redact

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge
    from conversations.hear.places.reader import Places

MOST = (1 << 63) - 1  # the highest id that a database takes
LONGEST_NAME = 60


def name(option: str, given: str) -> str:
    """A name that people read: not empty, at most ``LONGEST_NAME`` characters, runs of spaces and line ends as one space."""
    said = " ".join(given.split())
    if not said or len(said) > LONGEST_NAME or not said.isprintable():
        raise BadSetting(f'{option}: a name of 1 to {LONGEST_NAME} letters, e.g. {option} "Rina"')
    return no_nik(option, said)


def no_nik(option: str, given: str) -> str:
    """Words that are stored or sent, which hold no identity number."""
    if redact(given)[1]:
        raise BadSetting(f"{option}: holds sixteen digits, which may be a NIK; leave them out, nobody here needs one")
    return given


def one_of(option: str, given: str, known: Collection[str]) -> str:
    """The given word, which must be one of ``known``."""
    if given not in known:
        raise BadSetting(f"{option} {given}: one of {', '.join(known)}")
    return given


def regencies(given: Iterable[str], places: Places) -> tuple[str, ...]:
    """Codes of regencies, each of which must be served."""
    for code in given:
        if not (places.knows(code) and places.served(code) and code.count(".") == 1):
            raise BadSetting(
                f"--regency {code}: no regency of Central Java or Yogyakarta; its Kemendagri code is meant, e.g. 33.72 for "
                "Kota Surakarta (storage/reference/areas.csv has all)"
            )
    return tuple(dict.fromkeys(given))  # one that is named twice is meant once


def of_office(given: str, knows: Knowledge) -> tuple[str, ...]:
    """The codes of the regencies of the offices that have these words in their names; of one regency, where its code is
    given."""
    said = given.casefold()
    found = tuple(each.regency for each in knows.offices.rows if said in each.name.casefold() or said == each.regency)
    if not found:
        raise BadSetting(
            f"--office {given}: no office has that in its name, nor is it a regency's code, e.g. Surakarta"
        )
    return found


def day(option: str, given: str) -> datetime | None:
    """The beginning of this day in WIB; None for ""."""
    if not given:
        return None
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=WIB)
    except ValueError:
        raise BadSetting(f"{option} {given}: a day, e.g. 2026-11-30") from None


def file_to_write(option: str, path: Path) -> Path:
    """The path of a file that can be written: its folder exists and takes files.

    A device or a pipe is refused: a file that is put in its place would take it from everybody on the machine.
    """
    if path.is_dir():
        raise BadSetting(f"{option} {path}: is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise BadSetting(f"{option} {path}: is no file, and is not replaced by one; name a file")
    _takes_files(option, path.absolute().parent)
    return path


def folder_to_make(option: str, folder: Path) -> Path:
    """The path of a folder that takes files, or can be made in a folder that does."""
    _takes_files(option, folder if folder.exists() else folder.absolute().parent)
    return folder


def _takes_files(option: str, folder: Path) -> None:
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "there is no such folder; make it, or name another"
        raise BadSetting(f"{option} {folder}: {what}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadSetting(f"{option} {folder}: this user may write nothing there")


def text_of(option: str, path: Path) -> str:
    """The text of a UTF-8 file."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSetting(f"{option} {path}: is no text in UTF-8; save it so") from None
