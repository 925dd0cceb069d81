"""*Laporan*: a month in figures, as ``rangkul report`` counts them, drawn, as tables, and as a workbook."""

from __future__ import annotations

import io
from collections import Counter
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
from bot.sheets import Cell, Sheet, book
from conversations.dialogues.book import BOOK
from conversations.engine.asked import COUNTED
from conversations.engine.core import Text
from conversations.rules.funnel import STEPS, Funnel, by_week, month_of
from conversations.rules.pricing import month_name
from conversations.rules.quiet_hours import zone
from storage.leads import asked, courses, officers, offices
from storage.leads.asked import AskedKey
from storage.leads.offices import OfficeLine

MONTHS = 24  # months that may be chosen; older ones are counted by the command line
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVENTS = ("shown", "answered", "left", "again", "help", "edited")  # columns of where owners stop
GROUPS = ("officer", "campaign", "regency", "sector")


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was counted: the month's first day, the office (None: all that who asks looks after), and its funnels."""

    first: date
    office: OfficeLine | None
    choices: Sequence[OfficeLine]
    whole: Mapping[str, Mapping[str, Funnel]]
    weeks: Mapping[date, Funnel]
    asked: Mapping[AskedKey, int]

    @property
    def all(self) -> Funnel:
        return self.whole["all"].get("", Funnel())


async def page(desk: Desk) -> Response:
    chosen = _month(desk)
    found = await _counted(desk, chosen or _months(desk)[0])
    catalog = desk.services.catalogs.of("id")
    return desk.page(
        "report.html",
        200 if chosen else 400,
        found=found,
        months=[(f"{each:%Y-%m}", render.said(month_name(each))) for each in _months(desk)],
        month=render.said(month_name(found.first)),
        wrong=not chosen,
        heads=[render.said(Text(f"report.{step}")) for step in STEPS],
        hours=render.said(Text("report.hours")),
        titles={group: render.said(Text(f"report.by_{group}")) for group in (*GROUPS, "week")},
        groups=GROUPS,
        figures=figures,
        steps=dict(zip(STEPS, heads(catalog), strict=False)),
        bars=bars(found.all),
        chart=line_chart(found.weeks),
        stops=_stops(found.asked, desk),
        ways=sorted({key.channel for key in found.asked}),
        campaigns=sorted({key.campaign for key in found.asked if key.campaign}),
        way=desk.asked("saluran"),
        came_by=desk.asked("kampanye"),
        events=EVENTS,
    )


async def download(desk: Desk) -> Response:
    """The same as a workbook."""
    first = _month(desk)
    if first is None:
        raise HTTPException(400)
    found = await _counted(desk, first)
    file = io.BytesIO()
    made = dict(sheets(found.whole, found.weeks, desk.services.catalogs.of("id")))
    made[render.words("report.stops")] = _stops_sheet(found.asked, desk)
    book(file, made)
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
        counts = await asked.between(tx, since.date(), until.date())
    await desk.audit("counted", "leads", f"{first:%Y-%m}")
    whole = grouped(some, knows, names, desk.services.catalogs.of("id"))
    return MonthFigures(first, office, choices, whole, by_week(some, knows.working_days, (since, until)), counts)


def _stops(counts: Mapping[AskedKey, int], desk: Desk) -> list[tuple[str, Counter[str]]]:
    """Each question that was shown, in the order in which they are asked, with how often each event happened there; by
    the channel and campaign that are asked for. "left": shown and not answered."""
    channel, campaign = desk.asked("saluran"), desk.asked("kampanye")
    found: dict[str, Counter[str]] = {}
    for key, count in counts.items():
        if (not channel or key.channel == channel) and (not campaign or key.campaign == campaign):
            found.setdefault(key.question, Counter())[key.event] += count
    for has in found.values():
        has["left"] = max(0, has["shown"] - has["answered"])
    names = [question.key for question in BOOK[COUNTED].questions]
    return [(name, found[f"{COUNTED}.{name}"]) for name in names if f"{COUNTED}.{name}" in found]


def _stops_sheet(counts: Mapping[AskedKey, int], desk: Desk) -> Sheet:
    """A row for each question, channel and campaign."""
    parts = sorted({(key.channel, key.campaign) for key in counts})
    columns = ("asks", "channel", "campaign", *(f"event.{event}" for event in EVENTS))
    rows: list[list[Cell | date]] = []
    for question in BOOK[COUNTED].questions:
        for channel, campaign in parts:
            has = {
                key.event: count
                for key, count in counts.items()
                if (key.question, key.channel, key.campaign) == (f"{COUNTED}.{question.key}", channel, campaign)
            }
            if has:
                left = max(0, has.get("shown", 0) - has.get("answered", 0))
                figures_ = [left if event == "left" else has.get(event, 0) for event in EVENTS]
                rows.append([render.words(f"report.question.{question.key}"), channel, campaign, *figures_])
    return [render.words(f"report.{name}") for name in columns], rows


def _chosen(desk: Desk, choices: Sequence[OfficeLine]) -> OfficeLine | None:
    said = desk.asked("kantor")
    if not said:
        return None
    found = next((each for each in choices if is_id(said) and each.id == int(said)), None)
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
    said, months = desk.asked("bulan"), _months(desk)
    return next((each for each in months if f"{each:%Y-%m}" == said), None) if said else months[0]
