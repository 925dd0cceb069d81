"""What WhatsApp costs: messages counted by category, priced by dated rows; ``rangkul whatsapp costs``.

Every price is an estimate with its source (``storage/reference/whatsapp_prices.toml``). A category without a row in
force is counted and not priced.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.app import WIB, now
from bot.office.officers import office
from bot.settings import BadSetting, Settings
from locales import Catalog
from storage import reference
from storage.outbox import costs
from storage.outbox.costs import MessageCount
from storage.people import audit

CATEGORIES = ("service", "utility", "marketing")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one delivered message; ``free`` of them a number and calendar month cost nothing."""

    category: str
    usd: Decimal
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str
    free: int = 0


class Prices:
    """Dated rows. Raises ValueError when two of a category are in force on one day."""

    def __init__(self, rows: Iterable[Price]) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: (row.category, row.valid_from)))
        for before, after in zip(self.rows, self.rows[1:], strict=False):
            if before.category == after.category and (before.valid_to is None or before.valid_to >= after.valid_from):
                raise ValueError(f"two prices of {before.category} on {after.valid_from}")

    @classmethod
    def load(cls) -> Prices:
        return cls(_price(row) for row in reference.whatsapp_prices())

    def on(self, category: str, day: date) -> Price | None:
        """The row in force; None where no price is known."""
        in_force = (
            row for row in self.rows
            if row.category == category and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        )  # fmt: skip
        return next(in_force, None)

    def cost(self, messages: Mapping[str, int], day: date) -> Decimal | None:
        """US dollars for these messages without any free ones; None where one of them has no known price."""
        prices = {category: self.on(category, day) for category, count in messages.items() if count}
        if None in prices.values():
            return None
        return sum((row.usd * messages[category] for category, row in prices.items() if row), Decimal(0))

    def columns(self, messages: Mapping[str, int], day: date, catalog: Catalog) -> dict[str, str]:
        """The same as cells of a table by their headings: how many of each category, and US dollars ("": not known)."""
        cost = self.cost(messages, day)
        row = {str(catalog.text(f"cost.{category}")): str(messages.get(category, 0)) for category in CATEGORIES}
        return {**row, str(catalog.text("cost.usd")): "" if cost is None else f"{cost:.3f}"}

    def line(self, messages: Mapping[str, int], day: date) -> str:
        """The same as a line for the office's shell."""
        return f"WhatsApp\t{_written(messages)}\t{_money(self.cost(messages, day))}, an estimate"


def _price(row: Mapping[str, Any]) -> Price:
    until = None if row["valid_to"] == "open" else row["valid_to"]
    usd, free = Decimal(str(row["usd"])), row.get("free", 0)
    return Price(row["category"], usd, row["valid_from"], until, row["source"], row["confidence"], free)


async def show(settings: Settings, month: str) -> None:
    """Print what a month's messages ("2026-11"; "" this one) cost. Raises BadSetting for what is no month."""
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
    """The first moment of a month and of the next, in WIB. Raises BadSetting."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=WIB)
    except ValueError:
        raise BadSetting("--month: a month, e.g. 2026-11") from None
    return first, first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def report(counts: Sequence[MessageCount], leads: Mapping[str, Counter[str]], prices: Prices, day: date) -> list[str]:
    """The lines: each category with what is free of it, the whole, each campaign, a lead on average."""
    lines = [f"WhatsApp in {day:%Y-%m}; all amounts are estimates in US dollars"]
    total: Decimal | None = Decimal(0)
    for category in sorted({*CATEGORIES, *(count.category for count in counts)}, key=_order):
        row = prices.on(category, day)
        by_account = [count for count in counts if count.category == category]
        messages, free = sum(count.messages for count in by_account), _free(by_account, row)
        cost = row.usd * (messages - free) if row else None if messages else Decimal(0)
        total = None if total is None or cost is None else total + cost
        how = f"at {row.usd} ({row.confidence}: {row.source})" if row else "price not known"
        lines.append(f"{category}\t{messages} messages\t{free} free\t{_money(cost)}\t{how}")
    lines.append(f"in all\t{sum(count.messages for count in counts)} messages\t{_money(total)}")
    for campaign, theirs in sorted(_by_campaign(counts).items()):
        lines.append(f"campaign {campaign or '-'}\t{_written(theirs)}\t{_money(prices.cost(theirs, day))}")
    if leads:
        every = sum((Counter(one) for one in leads.values()), Counter[str]())
        cost = prices.cost(every, day)
        average = f"{sum(every.values()) / len(leads):.1f} messages"
        lines.append(f"a lead, on average of {len(leads)}\t{average}\t{_money(cost and cost / len(leads))}")
    return lines


def _order(category: str) -> tuple[int, str]:
    return (CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES), category)


def _free(counts: Iterable[MessageCount], row: Price | None) -> int:
    """How many of a category cost nothing: so many of each number."""
    by_account: Counter[str] = Counter()
    for count in counts:
        by_account[count.account] += count.messages
    return sum(min(messages, row.free) for messages in by_account.values()) if row else 0


def _by_campaign(counts: Iterable[MessageCount]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for count in counts:
        found[count.campaign][count.category] += count.messages
    return found


def _written(messages: Mapping[str, int]) -> str:
    return ", ".join(f"{category} {messages[category]}" for category in sorted(messages, key=_order))


def _money(amount: Decimal | None) -> str:
    return "not known" if amount is None else f"{amount:.2f} USD"
