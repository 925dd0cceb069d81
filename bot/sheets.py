"""Tables as files for the office: CSV, XLSX or JSON that only its owner can read, with formulas defused."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

FORMATS = ("csv", "xlsx", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = Sequence[Mapping[str, str]]


def write(path: Path, form: str, rows: Rows, title: str) -> None:
    """Write rows of the same columns to a file (mode 0600). ``form`` is one of FORMATS, ``title`` names an XLSX sheet."""
    _private(path, _WRITERS[form](rows, title))


def defused(value: str) -> str:
    """A cell that a spreadsheet would run as a formula becomes plain text.

    >>> defused("=1+1"), defused("Warung Bu Sri")
    ("'=1+1", 'Warung Bu Sri')
    """
    return f"'{value}" if value.startswith(_FORMULA) else value


def _csv(rows: Rows, _: str) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]) if rows else ["kode"])
    writer.writeheader()
    writer.writerows({name: defused(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue().encode("utf-8-sig")  # with a mark, so that spreadsheets read it as UTF-8


def _xlsx(rows: Rows, title: str) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title)
    for column, name in enumerate(rows[0] if rows else ["kode"]):
        sheet.write_string(0, column, name, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row.values()):
            sheet.write_string(number, column, defused(value))
    book.close()
    return buffer.getvalue()


def _json(rows: Rows, _: str) -> bytes:
    return orjson.dumps(list(rows), option=orjson.OPT_INDENT_2)


_WRITERS = {"csv": _csv, "xlsx": _xlsx, "json": _json}


def _private(path: Path, content: bytes) -> None:
    """Write a file that only we can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
