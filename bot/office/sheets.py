"""Tables as files for the office: CSV, XLSX or JSON that only their owner can read, with formulas defused.

A file can be written a page at a time; of a CSV or XLSX, memory then holds one page.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import orjson

FORMATS = ("csv", "xlsx", "json")
STDOUT = Path("-")
LONGEST = 1_048_576  # rows of an XLSX sheet, the headings included; further rows go into a next sheet
NOTHING = {"kode": ""}  # the headings of a table without rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = Sequence[Mapping[str, str]]
Add = Callable[[Rows], None]


def write(path: Path, form: str, rows: Rows, title: str) -> None:
    """Write rows of the same columns to a file (mode 0600). ``form`` is one of FORMATS, ``title`` names an XLSX sheet."""
    with opened(path, form, title) as add:
        add(rows)


@contextmanager
def opened(path: Path, form: str, title: str) -> Iterator[Add]:
    """Open a table file to be written a page at a time; the function that takes the next rows. Complete after the block.

    The file is written beside its place and put there at the end: when something fails, an earlier file stays as it
    was. ``STDOUT`` likewise gets the whole table at the end.
    """
    if path == STDOUT:
        whole = io.BytesIO()
        with _WRITERS[form](whole, title, None) as add:
            yield add
        sys.stdout.buffer.write(whole.getvalue())
        sys.stdout.buffer.flush()
        return
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    only_ours = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)  # mode 0600 from the first byte on
    try:
        with os.fdopen(only_ours, "wb") as file:
            with _WRITERS[form](file, title, path.parent) as add:
                yield add
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def defused(value: str) -> str:
    """The text of a cell, changed to plain text where a spreadsheet would run it as a formula.

    >>> defused("=1+1"), defused("Warung Bu Sri")
    ("'=1+1", 'Warung Bu Sri')
    """
    return f"'{value}" if value.startswith(_FORMULA) else value


@contextmanager
def _csv(file: BinaryIO, _title: str, _folder: Path | None, separator: str = ",") -> Iterator[Add]:
    words = io.TextIOWrapper(file, "utf-8-sig", newline="")  # with a mark, so that spreadsheets read it as UTF-8
    lines, begun = csv.writer(words, delimiter=separator), False

    def add(rows: Rows) -> None:
        nonlocal begun
        if rows and not begun:
            lines.writerow(rows[0])
            begun = True
        lines.writerows(map(defused, row.values()) for row in rows)

    yield add
    if not begun:
        lines.writerow(NOTHING)
    words.flush()
    words.detach()


@contextmanager
def _xlsx(file: BinaryIO, title: str, folder: Path | None) -> Iterator[Add]:
    import xlsxwriter

    way = {"constant_memory": True, "tmpdir": str(folder)} if folder else {"in_memory": True}
    options = {"strings_to_formulas": False, "strings_to_urls": False, **way}
    with xlsxwriter.Workbook(file, options) as book:
        sheet: Any = None
        used = LONGEST

        def add(rows: Rows) -> None:
            nonlocal sheet, used
            for row in rows:
                if used == LONGEST:
                    sheet, used = book.add_worksheet(title if sheet is None else None), 1
                    sheet.write_row(0, 0, list(row), book.add_format({"bold": True}))
                for column, value in enumerate(row.values()):
                    sheet.write_string(used, column, defused(value))
                used += 1

        yield add
        if sheet is None:
            book.add_worksheet(title).write_row(0, 0, list(NOTHING))


@contextmanager
def _json(file: BinaryIO, _title: str, _folder: Path | None) -> Iterator[Add]:
    found: list[Mapping[str, str]] = []
    yield found.extend
    file.write(orjson.dumps(found, option=orjson.OPT_INDENT_2))


_WRITERS: Mapping[str, Callable[[BinaryIO, str, Path | None], AbstractContextManager[Add]]] = {
    "csv": _csv,
    "excel": partial(_csv, separator=";"),  # in Indonesian the comma is the decimal mark, so columns are parted by ";"
    "xlsx": _xlsx,
    "json": _json,
}
