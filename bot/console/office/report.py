"""*Laporan*: a month in figures, as ``rangkul report`` counts them, drawn, as tables, and as a workbook."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.console.office import render
from bot.console.office.charts import bars, line_chart
from bot.console.office.desk import Desk
from bot.console.office.offices import is_id, own_offices
from bot.monthly import figures, grouped, heads, sheets
from bot.sheets import book
from conversations.engine.core import Text
from conversations.rules.funnel import STEPS, Funnel, by_week, month_of
from conversations.rules.pricing import month_name
from conversations.rules.quiet_hours import zone
from storage.leads import courses, officers, offices
from storage.leads.offices import OfficeLine

MONTHS = 24  # months that may be chosen; older ones are counted by the command line
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GROUPS = ("officer", "campaign", "regency", "sector")


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was counted: the month's first day, the office (None: all that who asks looks after), and its funnels."""

    first: date
    office: OfficeLine | None
    choices: Sequence[OfficeLine]
    whole: Mapping[str, Mapping[str, Funnel]]
    weeks: Mapping[date, Funnel]

    @property
    def all(self) -> Funnel:
        return self.whole["all"].get("", Funnel())


async def page(desk: Desk) -> Response:
    asked = _month(desk)
    this = _months(desk)[0]
    found = await _counted(desk, asked or this)
    catalog = desk.services.catalogs.of("id")
    return desk.page(
        "report.html",
        200 if asked else 400,
        found=found,
        months=[(f"{each:%Y-%m}", render.said(month_name(each))) for each in _months(desk)],
        month=render.said(month_name(found.first)),
        wrong=not asked,
        heads=[render.said(Text(f"report.{step}")) for step in STEPS],
        hours=render.said(Text("report.hours")),
        titles={group: render.said(Text(f"report.by_{group}")) for group in (*GROUPS, "week")},
        groups=GROUPS,
        figures=figures,
        steps=dict(zip(STEPS, heads(catalog), strict=False)),
        bars=bars(found.all),
        chart=line_chart(found.weeks),
    )


async def download(desk: Desk) -> Response:
    """The same as a workbook."""
    first = _month(desk)
    if first is None:
        raise HTTPException(400)
    found = await _counted(desk, first)
    file = io.BytesIO()
    book(file, sheets(found.whole, found.weeks, desk.services.catalogs.of("id")))
    named = {"Content-Disposition": f'attachment; filename="laporan-{first:%Y-%m}.xlsx"'}
    return Response(file.getvalue(), media_type=XLSX, headers=named)


async def _counted(desk: Desk, first: date) -> MonthFigures:
    """Count the month that is asked for. Raises HTTPException 404 for an office that is not theirs, or none."""
    since, until = month_of(first)
    knows, vault, me = desk.services.knowledge, desk.services.vault, desk.officer
    async with desk.product.database.read() as tx:
        choices = own_offices(me, await offices.listed(tx))
        office = _chosen(desk, choices)
        regencies: Collection[str] | None = office.regencies if office else me.area
        some = await courses.between(tx, since, until, regencies)
        names = await officers.called(tx, vault)
    await desk.audit("counted", "leads", f"{first:%Y-%m}")
    whole = grouped(some, knows, names, desk.services.catalogs.of("id"))
    return MonthFigures(first, office, choices, whole, by_week(some, knows.working_days, (since, until)))


def _chosen(desk: Desk, choices: Sequence[OfficeLine]) -> OfficeLine | None:
    asked = desk.asked("kantor")
    if not asked:
        return None
    found = next((each for each in choices if is_id(asked) and each.id == int(asked)), None)
    if found is None:
        raise HTTPException(404)
    return found


def _months(desk: Desk) -> list[date]:
    """The months that may be chosen, this month first."""
    found = [desk.now.astimezone(zone("")).date().replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _month(desk: Desk) -> date | None:
    """The first day of the month that is asked for; this month where none is, None where it is none of the choices."""
    asked, months = desk.asked("bulan"), _months(desk)
    return next((each for each in months if f"{each:%Y-%m}" == asked), None) if asked else months[0]
