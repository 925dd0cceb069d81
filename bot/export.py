"""Leads for the office: a list without personal data, and exports with it (mode 0600, audited, formulas defused)."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from bot.app import knowledge, now
from bot.office import office
from bot.render import text
from bot.settings import BadSetting, Settings
from conversations.core import Lead, Scene, Text, World
from conversations.officer import CARD
from conversations.registration import shown
from locales import Catalog
from storage import audit, leads

FORMATS = ("csv", "xlsx", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def show(settings: Settings) -> None:
    """One line a lead: code, status, place and counts, without names or numbers."""
    async with office(settings) as (database, vault):
        async with database.write() as tx:
            found = await leads.everything(tx, vault)
            await audit.record(tx, at=now(), actor="cli", act="listed", subject="leads", detail=str(len(found)))
        for lead in found:
            answers = lead.answers
            trade = (answers.get("sector") or {}).get("category", "-")
            where = answers.get("district") or answers.get("regency", "-")
            day = lead.created.date().isoformat()
            sys.stdout.write(f"{lead.code}\t{lead.status}\t{day}\t{where}\t{trade}\t{lead.officer or '-'}\n")


async def export(settings: Settings, form: str, out: Path) -> None:
    """Write all leads that still have a person. Raises BadSetting for a format that is none."""
    if form not in FORMATS:
        raise BadSetting(f"--format: one of {', '.join(FORMATS)}")
    async with office(settings) as (database, vault), database.write() as tx:
        found = await leads.everything(tx, vault)
        await audit.record(tx, at=now(), actor="cli", act="exported", subject=form, detail=str(len(found)))
    rows = table(found, Catalog.load("id"), World(now=now(), knows=knowledge(settings.shown_controller)))
    _private(out, _WRITERS[form](rows))
    sys.stdout.write(f"{len(rows)} calon peserta ditulis ke {out}; berkas ini berisi data pribadi.\n")


def table(found: Sequence[Lead], catalog: Catalog, world: World) -> list[dict[str, str]]:
    """Each lead as a row of labelled texts, as people read them."""
    rows = []
    for lead in found:
        scene = Scene(lead.answers, world)
        row = {"kode": lead.code, "status": text(Text(f"status.{lead.status}"), catalog), "petugas": lead.officer,
               "masuk": lead.created.astimezone(world.now.tzinfo).isoformat(timespec="minutes"), "saluran": lead.channel,
               "kampanye": lead.campaign}  # fmt: skip
        for key in CARD:
            value = lead.answers.get(key)
            label = str(text(Text(f"registration.{key}.label"), catalog))  # orjson takes no subclass as a key
            row[label] = text(shown(key, value, scene), catalog) if value is not None else ""
        rows.append(row)
    return rows


def _csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]) if rows else ["kode"])
    writer.writeheader()
    writer.writerows({name: defused(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue().encode("utf-8-sig")  # with a mark, so that spreadsheets read it as UTF-8


def _xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Calon peserta")
    for column, name in enumerate(rows[0] if rows else ["kode"]):
        sheet.write_string(0, column, name, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row.values()):
            sheet.write_string(number, column, defused(value))
    book.close()
    return buffer.getvalue()


def _json(rows: Sequence[Mapping[str, str]]) -> bytes:
    return orjson.dumps(list(rows), option=orjson.OPT_INDENT_2)


_WRITERS = {"csv": _csv, "xlsx": _xlsx, "json": _json}


def defused(value: str) -> str:
    """A cell that a spreadsheet would run as a formula becomes plain text.

    >>> defused("=1+1"), defused("Warung Bu Sri")
    ("'=1+1", 'Warung Bu Sri')
    """
    return f"'{value}" if value.startswith(_FORMULA) else value


def _private(path: Path, content: bytes) -> None:
    """Write a file that only we can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
