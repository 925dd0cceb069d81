"""Prices of WhatsApp messages: messages counted by category, priced by dated rows; ``rangkul whatsapp costs``.

Every price is an estimate with its source (``storage/reference/whatsapp_prices.toml``). A category without a row in
force is counted and not priced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from locales import Catalog
from storage import reference

CATEGORIES = ("service", "utility", "marketing")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one delivered message of a category; the first ``free`` messages of a number in a calendar month
    cost nothing."""

    category: str
    usd: Decimal
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str
    free: int = 0


class Prices:
    """Dated prices by category. Raises ValueError when two prices of a category are in force on one day."""

    def __init__(self, rows: Iterable[Price]) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: (row.category, row.valid_from)))
        for before, after in zip(self.rows, self.rows[1:], strict=False):
            if before.category == after.category and (before.valid_to is None or before.valid_to >= after.valid_from):
                raise ValueError(f"two prices of {before.category} on {after.valid_from}")

    @classmethod
    def load(cls) -> Prices:
        return cls(_price(row) for row in reference.whatsapp_prices())

    def on(self, category: str, day: date) -> Price | None:
        """The price of a category in force on a day; None where no price is known."""
        in_force = (
            row for row in self.rows
            if row.category == category and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        )  # fmt: skip
        return next(in_force, None)

    def cost(self, messages: Mapping[str, int], day: date) -> Decimal | None:
        """US dollars for messages (counted by category), no free ones deducted; None where a category has no known price."""
        prices = {category: self.on(category, day) for category, count in messages.items() if count}
        if None in prices.values():
            return None
        return sum((row.usd * messages[category] for category, row in prices.items() if row), Decimal(0))

    def columns(self, messages: Mapping[str, int], day: date, catalog: Catalog) -> dict[str, int | float | None]:
        """Messages counted by category and their cost in US dollars (None: not known), as cells of a table by column
        heading."""
        cost = self.cost(messages, day)
        row = {str(catalog.text(f"cost.{category}")): messages.get(category, 0) for category in CATEGORIES}
        return {**row, str(catalog.text("cost.usd")): None if cost is None else round(float(cost), 3)}

    def line(self, messages: Mapping[str, int], day: date) -> str:
        """Messages counted by category and their cost, as a line for the office's shell."""
        return f"WhatsApp\t{written(messages)}\t{money(self.cost(messages, day))}, an estimate"


def _price(row: Mapping[str, Any]) -> Price:
    until = None if row["valid_to"] == "open" else row["valid_to"]
    usd, free = Decimal(str(row["usd"])), row.get("free", 0)
    return Price(row["category"], usd, row["valid_from"], until, row["source"], row["confidence"], free)


def in_order(category: str) -> tuple[int, str]:
    return (CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES), category)


def written(messages: Mapping[str, int]) -> str:
    return ", ".join(f"{category} {messages[category]}" for category in sorted(messages, key=in_order))


def money(amount: Decimal | None) -> str:
    return "not known" if amount is None else f"{amount:.2f} USD"
