"""What WhatsApp bills: counted by category, for each lead and campaign, priced by dated rows and never made up."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import select

from bot.lead_rows import table
from bot.office.whatsapp_costs import report, span
from bot.settings import BadSetting
from bot.whatsapp.prices import CATEGORIES, Price, Prices
from conversations.engine.world import World
from conversations.rules.next_step import CALL, NextStep
from locales import Catalog
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import first_id
from storage.leads import courses, leads
from storage.outbox import costs
from storage.outbox.costs import MessageCount
from storage.outbox.messages import outbox
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.town import known

person, lead = tables.table(tables.Person), tables.table(tables.LeadRow)
NOVEMBER = date(2026, 11, 25)


def price(category: str, usd: str = "0.1", begins: date = NOVEMBER, ends: date | None = None, free: int = 0) -> Price:
    return Price(category, Decimal(usd), begins, ends, "invoice", "A", free)


# ------------------------------------------------------------------------------------------------ prices


def test_every_category_has_a_price_today_that_is_marked_as_unsure() -> None:
    rows = [Prices.load().on(category, NOVEMBER) for category in CATEGORIES]
    assert all(row and row.source and row.confidence in ("B", "M") for row in rows)


def test_replies_were_free_until_october_and_are_not_since() -> None:
    prices = Prices.load()
    assert prices.cost({"service": 100}, date(2026, 9, 30)) == 0
    assert prices.cost({"service": 100}, date(2026, 10, 1)) == Decimal("2.5")


def test_what_has_no_known_price_is_not_priced() -> None:
    prices = Prices([price("utility")])
    assert prices.cost({"utility": 2}, NOVEMBER) == Decimal("0.2")
    assert prices.cost({"utility": 2, "marketing": 1}, NOVEMBER) is None
    assert prices.cost({"utility": 2, "marketing": 0}, NOVEMBER) == Decimal("0.2")
    assert prices.cost({"utility": 2}, NOVEMBER - timedelta(days=1)) is None


def test_two_prices_for_one_day_are_refused() -> None:
    with pytest.raises(ValueError, match="two prices of utility"):
        Prices([price("utility"), price("utility", begins=NOVEMBER + timedelta(days=9))])
    Prices([price("utility", ends=NOVEMBER), price("utility", begins=NOVEMBER + timedelta(days=1))])


def test_a_month_is_counted_in_the_offices_own_time() -> None:
    since, until = span("2026-12")
    assert since.isoformat() == "2026-12-01T00:00:00+07:00"
    assert until.isoformat() == "2027-01-01T00:00:00+07:00"
    with pytest.raises(BadSetting, match="--month"):
        span("12/2026")


def test_a_report_takes_off_what_is_free_of_each_number_and_says_what_it_does_not_know() -> None:
    counts = [
        MessageCount("1", "", "service", 1500),
        MessageCount("2", "pasar", "service", 200),
        MessageCount("1", "pasar", "video", 1),
    ]
    lines = report(counts, {"RK-1": Counter(service=10)}, Prices([price("service", free=1000)]), NOVEMBER)
    assert "service\t1700 messages\t1200 free\t50.00 USD\tat 0.1 (A: invoice)" in lines
    assert "video\t1 messages\t0 free\tnot known\tprice not known" in lines
    assert "in all\t1701 messages\tnot known" in lines
    assert "campaign pasar\tservice 200, video 1\tnot known" in lines
    assert "a lead, on average of 1\t10.0 messages\t1.00 USD" in lines


# ------------------------------------------------------------------------------------------------ counting


async def sent(database: Database, clock: Clock, messages: int, **values: object) -> None:
    """As many messages that left by WhatsApp now."""
    at = values.pop("at", clock())
    assert isinstance(at, datetime)
    rows = [
        {
            "id": first_id(at) + number + int(str(values.get("address_id", 1))) * 100, "person_id": None, "address_id": 1,
            "channel": "whatsapp", "account": "1", "kind": "reply", "lane": 0, "state": "delivered", "due_at": at, "owner": "",
            "attempts": 0, "reason": "", "repeatable": True, "external_id": "", "created_at": at, "sent_at": at,
            "outside": False, "category": "", "billable": None, "lead_id": None, **values,
        }
        for number in range(messages)
    ]  # fmt: skip
    async with database.write() as tx:
        await tx.execute(outbox.insert(), rows)


async def test_messages_are_counted_as_the_platform_told_else_as_we_expect_and_free_ones_are_not(
    database: Database, clock: Clock
) -> None:
    await sent(database, clock, 2, address_id=1)
    await sent(database, clock, 3, address_id=2, outside=True)
    await sent(database, clock, 4, address_id=3, outside=True, category="marketing", billable=True)
    await sent(database, clock, 5, address_id=4, billable=False, category="utility")
    await sent(database, clock, 6, address_id=5, state="failed")
    await sent(database, clock, 7, address_id=6, channel="telegram")
    await sent(database, clock, 8, address_id=7, at=clock() - timedelta(days=40))
    async with database.read() as tx:
        found = await costs.counted(tx, *span("2026-11"))
    assert {(one.category, one.messages) for one in found} == {("service", 2), ("utility", 3), ("marketing", 4)}


async def test_a_lead_has_the_messages_of_its_owner_up_to_it_and_those_about_it(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock()
    then = now - timedelta(hours=1)
    async with database.write() as tx:
        await tx.execute(
            person.insert().values(id=7, created_at=then, stopped=False, campaign="pasar-gede", wrong_codes=0)
        )
        for code, at, campaign in (("RK-1", then, "pasar-gede"), ("RK-2", now, "")):
            ids = count(first_id(at))
            monkeypatch.setattr("storage.leads.leads.new_id", lambda _, ids=ids: next(ids))
            _, rows = leads.rows(
                tx, vault, person_id=7, code=code, answers={"business_name": None}, step=NextStep(at, CALL), kind="", estimate={},
                channel="whatsapp", campaign=campaign, now=at,
            )  # fmt: skip
            for at_table, some in rows.items():
                if some:
                    await tx.execute(at_table.insert(), some)
        second = (await tx.execute(select(lead.c.id).where(lead.c.code == "RK-2"))).scalar_one()
    await sent(database, clock, 3, at=then - timedelta(minutes=5), person_id=7)
    await sent(database, clock, 1, at=then + timedelta(seconds=1), person_id=7)
    await sent(database, clock, 2, at=then + timedelta(minutes=5), person_id=7)
    await sent(database, clock, 1, address_id=9, lead_id=second, outside=True, category="utility")
    async with database.read() as tx:
        found = await costs.per_lead(tx)
        counts = await costs.counted(tx, *span("2026-11"))
        everything, _ = await leads.page(tx, vault)
        went = await courses.of(tx, list(everything))
    assert found == {"RK-1": Counter(service=4), "RK-2": Counter(service=2, utility=1)}
    assert {one.campaign: one.messages for one in counts} == {"pasar-gede": 6, "": 1}
    exported = table(
        [(each, went[its]) for its, each in everything.items()], Catalog.load(), World(now=now, knows=known()), found
    )
    by_code = {one["kode"]: one for one in exported}
    assert by_code["RK-1"]["Pesan WhatsApp: percakapan"] == 4
    assert by_code["RK-2"]["Biaya pesan (perkiraan, USD)"] == 0.075
