"""``rangkul report``: a month in figures, by office, officer, campaign, trade and regency, as text or as a workbook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.loading import as_it_stands, knowledge
from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.office.whatsapp_costs import span
from bot.render import text
from bot.settings import BadSetting, Settings
from conversations.engine.core import Text
from conversations.engine.knowledge import Knowledge
from conversations.rules.funnel import STEPS, Course, Funnel, funnels
from locales import Catalog
from storage.leads import courses, officers
from storage.people import audit

FORMATS = ("text", "xlsx")
GROUPS = ("office", "officer", "campaign", "sector", "regency")


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
        _write(out, whole, catalog)
        sys.stdout.write(f"{len(found)} calon peserta, {out}\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in lines(f"{since:%Y-%m}", whole, catalog))


def grouped(
    found: Iterable[Course], knows: Knowledge, officers_called: Mapping[int, str], catalog: Catalog
) -> dict[str, dict[str, Funnel]]:
    """The funnels of these leads: of all under "all", then by each of ``GROUPS``, by names as people read them."""
    found, days = list(found), knows.working_days

    by: Mapping[str, Callable[[Course], str]] = {
        "office": lambda course: knows.office_name(course.regency),
        "officer": lambda course: officers_called.get(course.officer_id or 0, "-"),
        "campaign": lambda course: course.campaign or "-",
        "sector": lambda course: (
            text(Text(f"registration.sector.{course.category}"), catalog) if course.category else "-"
        ),
        "regency": lambda course: knows.ear.places.name(course.regency),
    }
    return {"all": funnels(found, days), **{name: funnels(found, days, by[name]) for name in GROUPS}}


def lines(month: str, whole: Mapping[str, Mapping[str, Funnel]], catalog: Catalog) -> list[str]:
    """The report as lines: the month, and a table for each group."""
    heads = [text(Text(f"report.{step}"), catalog) for step in (*STEPS, "hours")]
    out = [f"{text(Text('report.title'), catalog)} {month}"]
    for group, rows in whole.items():
        out += ["", "\t".join((text(Text(f"report.by_{group}"), catalog), *heads))]
        out += ["\t".join((name or "-", *map(_written, _row(funnel)))) for name, funnel in rows.items()]
    return out


def _row(funnel: Funnel) -> tuple[float | None, ...]:
    hours = funnel.median_hours
    return (*(getattr(funnel, step) for step in STEPS), None if hours is None else round(hours, 1))


def _written(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _write(out: Path, whole: Mapping[str, Mapping[str, Funnel]], catalog: Catalog) -> None:
    """A workbook: a sheet for each group, numbers as numbers, the heading frozen, a filter on it."""
    import xlsxwriter

    heads = [text(Text(f"report.{step}"), catalog) for step in (*STEPS, "hours")]
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold: Any = book.add_format({"bold": True})
        for group, rows in whole.items():
            title = text(Text(f"report.by_{group}"), catalog)
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, [title, *heads], bold)
            for at, (name, funnel) in enumerate(rows.items(), 1):
                sheet.write_string(at, 0, name or "-")
                for column, value in enumerate(_row(funnel), 1):
                    if value is not None:
                        sheet.write_number(at, column, value)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(rows), 1), len(heads))
            sheet.set_column(0, 0, 32)
    out.chmod(0o600)
