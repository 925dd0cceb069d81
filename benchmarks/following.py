"""What officers do with many leads stored: a search among 200,000, and a turn with 400 open ones beside a turn with none.

SQLite in process, with everything that a turn does; names are common ones, so that most words have thousands of leads.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import orjson

from bot.app import Product, assemble
from bot.channels.base import Inbound
from bot.loading import knowledge
from bot.now import now
from conversations.dialogues.finding import sought
from conversations.engine.core import Heard
from storage import tables
from storage.engine.database import Database, migrate
from storage.engine.ids import first_id
from storage.leads import finding, officers
from storage.sealing.vault import Keyring, Vault

from .writer import Sink

LEADS, OPEN, SEARCHES, TURNS = 200_000, 400, 20, 25
AT_ONCE = 5_000  # rows in one transaction

_GIVEN = (
    "siti",
    "sri",
    "budi",
    "agus",
    "slamet",
    "joko",
    "ani",
    "dewi",
    "rina",
    "tini",
    "wati",
    "yanti",
    "eko",
    "bambang",
)
_FAMILY = ("aminah", "lestari", "santoso", "rahayu", "widodo", "purnomo", "handayani", "susanto", "wibowo", "cahyani")
_TRADES = ("warung makan", "warung kelontong", "laundry", "bengkel motor", "jahit baju", "tambal ban")
_SHOPS = ["barokah", "jaya", "makmur", "rejeki", "sumber", "berkah", "lancar", "abadi", "sejahtera"]

_ahead = timedelta()


def clock() -> datetime:
    """The time, a minute later with every turn: nobody is held back for writing too fast."""
    return now() + _ahead


lead, leadfind = tables.table(tables.LeadRow), tables.table(tables.LeadFind)


async def fill(database: Database, vault: Vault, districts: Sequence[str], number: int) -> None:
    """So many leads of these districts, each of its own person; they need not be opened but where they are shown."""
    chance, ids = Random(1), count(first_id(now() - timedelta(days=300)))
    for begin in range(0, number, AT_ONCE):
        rows, finds = [], []
        for each in range(begin, min(begin + AT_ONCE, number)):
            lead_id, district = next(ids), chance.choice(districts)
            answers = {
                "name": {"name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}".title(), "address": "Ibu"},
                "business_name": f"{chance.choice(_SHOPS)} {chance.choice(_SHOPS)}",
                "sector": {"said": chance.choice(_TRADES), "category": "olah_makanan"},
                "phone": {"kind": "phone", "e164": f"+6281{each:09}"},
                "regency": district[:5],
                "district": district,
            }
            sealed = vault.seal(orjson.dumps(answers), table="lead", column="sealed", row=lead_id)
            at = now() + timedelta(minutes=chance.randrange(-9_000, 9_000))
            rows.append(
                {"id": lead_id, "code": f"RK-{each:06}", "person_id": 1_000 + each, "status": "contacted", "created_at": at,
                 "changed_at": at, "regency": district[:5], "district": district, "officer_id": None, "sealed": sealed,
                 "next_at": at, "ring_at": at + timedelta(days=900), "next_reason": "call", "rung": 0, "offered": False,
                 "channel": "", "campaign": "", "category": "", "wages": "", "program": "", "kind": ""}
            )  # fmt: skip
            finds += finding.rows(vault, lead_id, answers)
        async with database.write() as tx:
            await tx.execute(lead.insert(), rows)
            await tx.execute(leadfind.insert(), finds)


async def milliseconds(work: Callable[[int], Awaitable[object]], times: int) -> list[float]:
    """How long each of so many calls took."""
    took = []
    for number in range(times):
        began = time.perf_counter()
        await work(number)
        took.append((time.perf_counter() - began) * 1000)
    return took


async def bound(product: Product, sink: Sink, who: str, role: str, *regencies: str) -> int:
    """An officer who talks from this address; their id."""
    assert product.services
    async with product.database.write() as tx:
        code = await officers.invite(tx, product.services.vault, name=who, role=role, regencies=regencies, now=now())
    for said in (code, "ya"):
        await turn(product, sink, who, said)
    async with product.database.read() as tx:
        return next(one.id for one in await officers.listed(tx, product.services.vault) if one.name == who)


_numbers = count()


async def turn(product: Product, sink: Sink, who: str, said: str) -> None:
    """A whole turn, until its first message has been handed over."""
    global _ahead  # noqa: PLW0603 - the one clock of this run
    _ahead += timedelta(minutes=1)
    waiter = sink.waiting[who] = asyncio.get_running_loop().create_future()
    await product.writer.receive(Inbound("simulator", "local", str(next(_numbers)), who, Heard(text=said), clock()))
    await waiter


def told(what: str, took: Sequence[float]) -> float:
    middle, worst = statistics.median(took), sorted(took)[int(len(took) * 0.99)]
    print(f"{what:58} p50 {middle:7.2f} ms   p99 {worst:7.2f} ms   worst {max(took):7.2f} ms")
    return middle


async def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = str(Path(folder) / "bench.db")
        await asyncio.to_thread(migrate, url)
        async with await Database.open(url, clock) as database:
            vault, sink, knows = Vault(Keyring.fresh()), Sink(), knowledge("Bench")
            places = knows.ear.places
            regencies = [
                f"33.{number:02}" for number in (*range(1, 30), *range(71, 77)) if places.knows(f"33.{number:02}")
            ]
            districts = [district for regency in regencies for district in places.districts(regency)]
            began = time.perf_counter()
            await fill(database, vault, districts, LEADS)
            print(f"{LEADS} leads made in {time.perf_counter() - began:.0f} s")
            await searches(database, vault, knows.ear)
            product = assemble(database, vault, knows, {"simulator": sink}, clock)
            product.writer.start()
            await turns(product, sink)
            assert product.delivery  # all roles are here
            await product.delivery.stop()
            await product.writer.stop()


async def searches(database: Database, vault: Vault, ear: object) -> None:
    """Searches as an officer of one regency, and as a coordinator: from the words to the ids."""
    asked = ("siti jebres", "cari siti aminah solo", "warung barokah", "sri", "siti warung makan", "0810 0001 2345", "jebres",
             "siti aminah sumber rejeki warung makan laweyan", "warung makan tidakada", "budi santoso jaya")  # fmt: skip
    for who, regencies in (("officer of one regency", ("33.72",)), ("coordinator", None)):
        for said in asked:

            async def search(_: int, said: str = said, regencies: tuple[str, ...] | None = regencies) -> None:
                wanted = sought(said, ear)  # type: ignore[arg-type]
                assert wanted
                async with database.read() as tx:
                    await finding.search(tx, vault, wanted, officer_id=7, regencies=regencies, but=1)

            told(f"search, {who}: {said}", await milliseconds(search, SEARCHES))


async def turns(product: Product, sink: Sink) -> None:
    """Turns of an officer with ``OPEN`` open leads, beside the same turns of one with none, in turns."""
    busy, _ = (
        await bound(product, sink, "Rina", "officer", "33.72"),
        await bound(product, sink, "Joko", "officer", "33.10"),
    )
    async with product.database.write() as tx:
        some = lead.select().with_only_columns(lead.c.id).where(lead.c.regency == "33.72").limit(OPEN).scalar_subquery()
        await tx.execute(lead.update().where(lead.c.id.in_(some)).values(officer_id=busy))
    for said in ("halo", "/tugas", "lewat", "/cari siti aminah", "bantuan"):
        took: dict[str, list[float]] = {"Rina": [], "Joko": []}
        for _ in range(TURNS):
            for who, times in took.items():
                began = time.perf_counter()
                await turn(product, sink, who, said)
                times.append((time.perf_counter() - began) * 1000)
        with_many = told(f"turn, {OPEN} open leads: {said}", took["Rina"])
        print(f"{'':58} {with_many / told(f'turn, none: {said}', took['Joko']):.2f} times")


def main(rounds: int) -> None:
    for _ in range(min(rounds, 1)):
        asyncio.run(measure())


if __name__ == "__main__":
    main(1)
