"""The office's page of leads over 200,000 of them, on SQLite and PostgreSQL: each filter, for whom it is slowest, as HTTP.

A request is measured from the client to the last byte of HTML, signed in, with its audit written; 25 leads are opened.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import text
from starlette.applications import Starlette

from bot.app import Product, assemble
from bot.console.office.app import mounted
from bot.loading import knowledge
from conversations.engine.knowledge import Knowledge
from storage.console import sign_in
from storage.engine.database import Database, migrate
from storage.sealing.vault import Keyring, Vault

from .following import bound, clock, fill
from .pacing import postgresql
from .writer import Sink

LEADS, TIMES = 200_000, 25
REGENCIES = ("33.72", "33.10", "33.11", "33.13", "33.09")
ADDRESS = "http://localhost:8080"
SPREAD = """
UPDATE lead SET
  status = CASE WHEN id % 100 = 0 THEN 'new' ELSE CASE id % 20 WHEN 2 THEN 'taken' WHEN 3 THEN 'interested'
    WHEN 4 THEN 'registered' WHEN 5 THEN 'papers' WHEN 6 THEN 'appointment' WHEN 7 THEN 'contacted' WHEN 8 THEN 'active'
    ELSE 'declined' END END,
  officer_id = CASE WHEN id % 100 = 0 THEN NULL ELSE 1 + (id / 20) % 40 END,
  next_at = CASE WHEN id % 20 BETWEEN 2 AND 7 OR id % 100 = 0 THEN next_at ELSE NULL END,
  closed_at = CASE WHEN id % 20 BETWEEN 2 AND 7 OR id % 100 = 0 THEN NULL ELSE created_at END,
  campaign = CASE WHEN id % 997 = 0 THEN 'pasar-gede' WHEN id % 10 = 1 THEN 'poster' ELSE '' END
"""
FILTERS = (
    "", "petugas=semua", "bagian=untaken", "bagian=late", "bagian=due", "bagian=unpaid", "status=papers", "status=sponsored",
    "kampanye=pasar-gede", "kampanye=poster&status=papers", "kampanye=tidak-ada",
    "status=papers&kampanye=pasar-gede", "bagian=late&kampanye=pasar-gede",
    "petugas=tanpa", "dari={since}&sampai={until}", "dari=2001-01-01&sampai=2001-02-01", "status=active&dari={since}",
)  # fmt: skip
WORDS = ("siti aminah", "warung makan", "0810 0001 2345", "RK-000777")


async def measure(url: str, knows: Knowledge) -> None:
    await asyncio.to_thread(migrate, url)
    districts = [district for regency in REGENCIES for district in knows.ear.places.districts(regency)]
    async with await Database.open(url, clock) as database:
        vault, sink = Vault(Keyring.fresh()), Sink()
        await fill(database, vault, districts, LEADS)
        async with database.write() as tx:
            await tx.execute(text(SPREAD))
        if database.dialect == "postgresql":  # which does so by itself
            async with database.write() as tx:
                await tx.execute(text("ANALYZE"))
        product = assemble(database, vault, knows, {"simulator": sink}, clock)
        product.writer.start()
        app = Starlette(routes=mounted(lambda: product, public_url="", simulated=False))
        took = list[float]()
        for name, role, some in (
            ("Petugas", "officer", REGENCIES[:1]),
            ("Koordinator", "coordinator", REGENCIES[:2]),
            ("Admin", "admin", ()),
        ):
            took += await _pages(product, app, await bound(product, sink, name, role, *some), role)
        in_order = sorted(took)
        middle, high = statistics.median(in_order), in_order[int(len(in_order) * 0.95)]
        print(f"{'all':12} p50 {middle:.1f} ms, p95 {high:.1f} ms, worst {in_order[-1]:.1f} ms", flush=True)
        assert product.delivery  # all roles are here
        await product.delivery.stop()
        await product.writer.stop()


async def _pages(product: Product, app: Starlette, officer_id: int, role: str) -> list[float]:
    async with product.database.write() as tx:
        cookie = await sign_in.begin(tx, product.vault, officer_id, clock())
        share = f"id % 20 BETWEEN 2 AND 19 AND (id / 20) % 40 = {officer_id % 40} AND regency = '{REGENCIES[0]}'"
        await tx.execute(text(f"UPDATE lead SET officer_id = {officer_id} WHERE {share}"))  # noqa: S608 - our own numbers
    today = clock().date()
    days = {"since": f"{today - timedelta(days=301)}", "until": f"{today - timedelta(days=300)}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, cookies={"rangkul_kantor": cookie}) as client:
        every = list[float]()
        for asked in FILTERS:
            path = f"/kantor/calon?{asked.format(**days)}"
            every += await _told(f"{role:12} {asked.format(**days)}", lambda path=path: client.get(path))  # type: ignore[misc]
        page = (await client.get("/kantor/calon?bagian=late")).text
        for _ in range(20):  # deep in the list
            if further := re.search(r'href="(/kantor/calon\?[^"]*lanjut=[^"]*)"', page):
                page = (await client.get(further[1].replace("&amp;", "&"))).text
        if further:
            deep = further[1].replace("&amp;", "&")
            every += await _told(f"{role:12} late, the 21st page", lambda: client.get(deep))
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
        assert token
        for words in WORDS:
            form = {"data": {"csrf": token[1], "cari": words, "petugas": "semua"}, "headers": {"Origin": ADDRESS}}
            send = lambda form=form: client.post("/kantor/calon/cari", **form)  # noqa: E731
            every += await _told(f"{role:12} search: {words}", send)
    return every


async def _told(what: str, ask: Callable[[], Awaitable[httpx.Response]]) -> list[float]:
    took = list[float]()
    for _ in range(TIMES):
        began = time.perf_counter()
        response = await ask()
        took.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, response.status_code
    lines = response.text.count("<tr>") - 1
    high = sorted(took)[int(len(took) * 0.95)]
    print(f"{what:70} p50 {statistics.median(took):6.1f} ms  p95 {high:6.1f} ms  {max(lines, 0)} lines", flush=True)
    return took


async def both() -> None:
    knows = knowledge("Bench")
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite", flush=True)
        await measure(str(Path(folder) / "bench.db"), knows)
    with tempfile.TemporaryDirectory() as folder:
        async with postgresql(Path(folder)) as url:
            print("PostgreSQL", flush=True)
            await measure(url, knows)


def main(times: int) -> None:
    print("\n## The page of leads\n")
    for _ in range(min(times, 1)):
        asyncio.run(both())
