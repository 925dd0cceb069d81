"""``rangkul report``: a month in figures, by office, officer, campaign, trade and regency, as text or as a workbook."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.loading import as_it_stands, knowledge
from bot.monthly import figures, grouped, heads, sheets
from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.office.whatsapp_costs import span
from bot.render import text
from bot.settings import BadSetting, Settings
from bot.sheets import Sheet, book
from conversations.engine.core import Text
from conversations.rules.funnel import Funnel, by_week
from locales import Catalog
from storage.leads import courses, officers
from storage.people import audit

FORMATS = ("text", "xlsx")


async def show(settings: Settings, month: str, of_office: str, form: str, out: Path | None) -> None:
    """Print or write the report of a month ("2026-11"; "" is the current one). ``of_office``: part of an office's name, or
    a regency's code; "" is all. Raises BadSetting."""
    arguments.one_of("--format", form, FORMATS)
    if form == "xlsx" and out is None:
        raise BadSetting("--out: name the file, e.g. --out laporan.xlsx")
    if out is not None:
        arguments.file_to_write("--out", out)
    since, until = span(month or f"{now():%Y-%m}")
    knows, catalog = knowledge(settings.shown_controller), Catalog.load("id")
    async with office(settings) as (database, vault):
        knows = await as_it_stands(knows, database)
        regencies = arguments.of_office(of_office, knows) if of_office else None
        async with database.read() as tx:
            found, names = await courses.between(tx, since, until, regencies), await officers.called(tx, vault)
        async with database.write() as tx:
            await audit.record(tx, at=now(), actor="cli", act="counted", subject="leads", detail=f"{since:%Y-%m}")
    whole = grouped(found, knows, names, catalog)
    if form == "xlsx" and out is not None:
        _write(out, sheets(whole, by_week(found, knows.working_days, (since, until)), catalog))
        sys.stdout.write(f"{len(found)} calon peserta, {out}\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in lines(f"{since:%Y-%m}", whole, catalog))


def lines(month: str, whole: Mapping[str, Mapping[str, Funnel]], catalog: Catalog) -> list[str]:
    """The report as lines: the month, and a table for each group."""
    out = [f"{text(Text('report.title'), catalog)} {month}"]
    for group, rows in whole.items():
        out += ["", "\t".join((text(Text(f"report.by_{group}"), catalog), *heads(catalog)))]
        out += ["\t".join((name or "-", *map(_written, figures(funnel)))) for name, funnel in rows.items()]
    return out


def _written(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _write(out: Path, made: Mapping[str, Sheet]) -> None:
    with out.open("wb") as file:
        book(file, made)
    out.chmod(0o600)
