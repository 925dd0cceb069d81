"""Tables as files for the office: CSV, XLSX or JSON that only their owner can read, with formulas defused.

A file can be written a page at a time; memory then holds one page. Moments are dates and numbers are numbers where the
format has such: in an XLSX; in a CSV for Excel as Excel reads them; else moments are ISO 8601 with their zone.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import orjson

FORMATS = ("csv", "xlsx", "json")
STDOUT = Path("-")
LONGEST = 1_048_576  # rows of an XLSX sheet, the headings included; further rows go into a next sheet
NOTHING = {"kode": ""}  # the headings of a table without rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDTH = 18  # letters of a column

Cell = str | int | float | datetime | None
"""A moment is aware, in the zone in which it is read."""

Sheet = tuple[Sequence[str], Sequence[Sequence[Cell | date]]]
"""The headings of a sheet and its rows."""

Rows = Sequence[Mapping[str, Cell]]
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


def book(file: BinaryIO, sheets: Mapping[str, Sheet]) -> None:
    """Write a workbook of small sheets, by title: the heading frozen, a filter on it, days and numbers as such."""
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as made:
        bold, day = made.add_format({"bold": True}), made.add_format({"num_format": "yyyy-mm-dd"})
        for title, (heads, rows) in sheets.items():
            sheet = made.add_worksheet(title)
            sheet.write_row(0, 0, heads, bold)
            for at, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(at, column, value, day)
                    else:
                        _put(sheet, at, column, value, day)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
            sheet.set_column(0, 0, 2 * _WIDTH)
            sheet.set_column(1, len(heads) - 1, _WIDTH)


def defused(value: str) -> str:
    """The text of a cell, changed to plain text where a spreadsheet would run it as a formula.

    >>> defused("=1+1"), defused("Warung Bu Sri")
    ("'=1+1", 'Warung Bu Sri')
    """
    return f"'{value}" if value.startswith(_FORMULA) else value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _as_typed(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _written(value: Cell, moment: Callable[[datetime], str]) -> str:
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else moment(value) if isinstance(value, datetime) else str(value)


@contextmanager
def _csv(
    file: BinaryIO, _title: str, _folder: Path | None, separator: str = ",", moment: Callable[[datetime], str] = _iso
) -> Iterator[Add]:
    words = io.TextIOWrapper(file, "utf-8-sig", newline="")  # with a mark, so that spreadsheets read it as UTF-8
    lines, begun = csv.writer(words, delimiter=separator), False

    def add(rows: Rows) -> None:
        nonlocal begun
        if rows and not begun:
            lines.writerow(rows[0])
            begun = True
        lines.writerows([_written(value, moment) for value in row.values()] for row in rows)

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
        used, columns = LONGEST, 0
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

        def add(rows: Rows) -> None:
            nonlocal sheet, used, columns
            for row in rows:
                if used == LONGEST:
                    close()
                    sheet, used, columns = book.add_worksheet(title if sheet is None else None), 1, len(row)
                    sheet.write_row(0, 0, list(row), bold)
                    sheet.freeze_panes(1, 0)
                    sheet.set_column(0, columns - 1, _WIDTH)
                for column, value in enumerate(row.values()):
                    _put(sheet, used, column, value, moment)
                used += 1

        def close() -> None:
            if sheet is not None:
                sheet.autofilter(0, 0, used - 1, columns - 1)

        yield add
        close()
        if sheet is None:
            book.add_worksheet(title).write_row(0, 0, list(NOTHING))


def _put(sheet: Any, row: int, column: int, value: Cell, moment: Any) -> None:
    """Write a cell, a date in the format ``moment``; what is empty is left out."""
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, defused(value))
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), moment)  # a sheet knows no zones
    elif value is not None:
        sheet.write_number(row, column, value)


@contextmanager
def _json(file: BinaryIO, _title: str, _folder: Path | None) -> Iterator[Add]:
    begun = False

    def add(rows: Rows) -> None:
        nonlocal begun
        for row in rows:
            file.write(b",\n" if begun else b"[\n")
            file.write(orjson.dumps({name: _iso(v) if isinstance(v, datetime) else v for name, v in row.items()}))
            begun = True

    yield add
    file.write(b"\n]" if begun else b"[]")


_WRITERS: Mapping[str, Callable[[BinaryIO, str, Path | None], AbstractContextManager[Add]]] = {
    "csv": _csv,
    # In Indonesian the comma is the decimal mark, so columns are parted by ";".
    "excel": partial(_csv, separator=";", moment=_as_typed),
    "xlsx": _xlsx,
    "json": _json,
}
