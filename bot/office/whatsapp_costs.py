"""``rangkul whatsapp costs``: the cost of a month's messages, by category, campaign and lead. All amounts are estimates."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from bot.now import WIB, now
from bot.office.database import office
from bot.settings import BadSetting, Settings
from bot.whatsapp.prices import CATEGORIES, Price, Prices, in_order, money, written
from conversations.rules.funnel import month_of
from storage.outbox import costs
from storage.outbox.costs import MessageCount
from storage.people import audit

BEGAN, ENDS = 2009, 2999  # years in which there is WhatsApp, or may be


async def show(settings: Settings, month: str) -> None:
    """Print the cost of a month's messages ("2026-11"; "" is the current month). Raises BadSetting for a malformed month."""
    since, until = span(month or f"{now():%Y-%m}")
    async with office(settings) as (database, _):
        async with database.read() as tx:  # counting takes seconds, in which replies must not wait
            counts = await costs.counted(tx, since, until)
            leads = await costs.per_lead(tx)
        async with database.write() as tx:
            await audit.record(tx, at=now(), actor="cli", act="counted", subject="whatsapp", detail=f"{since:%Y-%m}")
    for line in report(counts, leads, Prices.load(), since.date()):
        sys.stdout.write(f"{line}\n")


def span(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month and of the next month, in WIB. Raises BadSetting."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=WIB)
    except ValueError:
        first = datetime.min.replace(tzinfo=WIB)
    if not BEGAN <= first.year <= ENDS:
        raise BadSetting("--month: a month, e.g. 2026-11")
    return month_of(first)


def report(counts: Sequence[MessageCount], leads: Mapping[str, Counter[str]], prices: Prices, day: date) -> list[str]:
    """The lines: each category with its free messages, the total, each campaign, the average of a lead."""
    lines = [f"WhatsApp in {day:%Y-%m}; all amounts are estimates in US dollars"]
    total: Decimal | None = Decimal(0)
    for category in sorted({*CATEGORIES, *(count.category for count in counts)}, key=in_order):
        row = prices.on(category, day)
        by_account = [count for count in counts if count.category == category]
        messages, free = sum(count.messages for count in by_account), _free(by_account, row)
        cost = row.usd * (messages - free) if row else None if messages else Decimal(0)
        total = None if total is None or cost is None else total + cost
        how = f"at {row.usd} ({row.confidence}: {row.source})" if row else "price not known"
        lines.append(f"{category}\t{messages} messages\t{free} free\t{money(cost)}\t{how}")
    lines.append(f"in all\t{sum(count.messages for count in counts)} messages\t{money(total)}")
    for campaign, theirs in sorted(_by_campaign(counts).items()):
        lines.append(f"campaign {campaign or '-'}\t{written(theirs)}\t{money(prices.cost(theirs, day))}")
    if leads:
        every = sum((Counter(one) for one in leads.values()), Counter[str]())
        cost = prices.cost(every, day)
        average = f"{sum(every.values()) / len(leads):.1f} messages"
        lines.append(f"a lead, on average of {len(leads)}\t{average}\t{money(cost and cost / len(leads))}")
    return lines


def _free(counts: Iterable[MessageCount], row: Price | None) -> int:
    """How many messages of one category are free: up to the free number for each account."""
    by_account: Counter[str] = Counter()
    for count in counts:
        by_account[count.account] += count.messages
    return sum(min(messages, row.free) for messages in by_account.values()) if row else 0


def _by_campaign(counts: Iterable[MessageCount]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for count in counts:
        found[count.campaign][count.category] += count.messages
    return found
