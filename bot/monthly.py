"""A month's funnels by office, officer, campaign, trade and regency: the same for the report, its workbook and its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from bot.render import text
from bot.sheets import Sheet
from conversations.engine.core import Text
from conversations.engine.knowledge import Knowledge
from conversations.rules.funnel import STEPS, Course, Funnel, funnels, small_together
from locales import Catalog

TELLING = ("sector", "regency")  # a few leads of these could be told by who knows the place
GROUPS = ("office", "officer", "campaign", "sector", "regency")


def grouped(
    found: Iterable[Course], knows: Knowledge, officers_called: Mapping[int, str], catalog: Catalog
) -> dict[str, dict[str, Funnel]]:
    """The funnels of these leads: of all under "all", then by each of ``GROUPS``, by names as people read them; few leads
    of one trade or regency stand together."""
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
    whole = {"all": funnels(found, days), **{name: funnels(found, days, by[name]) for name in GROUPS}}
    others = text(Text("report.others"), catalog)
    return {name: small_together(rows, others) if name in TELLING else rows for name, rows in whole.items()}


def heads(catalog: Catalog) -> list[str]:
    """What the figures of a funnel are called."""
    return [text(Text(f"report.{step}"), catalog) for step in (*STEPS, "hours")]


def figures(funnel: Funnel) -> list[float | None]:
    """The figures of a funnel: each step, and the median of the hours."""
    hours = funnel.median_hours
    return [*(getattr(funnel, step) for step in STEPS), None if hours is None else round(hours, 1)]


def sheets(
    whole: Mapping[str, Mapping[str, Funnel]], weeks: Mapping[date, Funnel], catalog: Catalog
) -> dict[str, Sheet]:
    """The sheets of a workbook: one for each group, then the weeks."""
    named: dict[str, Iterable[tuple[str | date, Funnel]]] = {
        **{group: [(name or "-", funnel) for name, funnel in rows.items()] for group, rows in whole.items()},
        "week": weeks.items(),
    }
    titles = {group: text(Text(f"report.by_{group}"), catalog) for group in named}
    return {
        titles[group]: ([titles[group], *heads(catalog)], [[name, *figures(funnel)] for name, funnel in rows])
        for group, rows in named.items()
    }
