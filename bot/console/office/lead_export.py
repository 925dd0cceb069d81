"""The leads that *Calon peserta* is narrowed to, as a file: the columns of the command line's export, and audited as it is.

The file is written a page of leads at a time beside nothing else, and is gone from the disk before its first byte leaves.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse

from bot import sheets
from bot.console.office.desk import Desk
from bot.console.office.lead_list import FIELDS, chosen
from bot.lead_rows import table
from bot.now import WIB
from conversations.engine.world import World
from locales import Catalog
from storage.console.lead_table import LeadFilter
from storage.leads import courses, leads
from storage.outbox import costs

KINDS = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("excel", "text/csv; charset=utf-8"),  # as Excel in Indonesian opens it
}
PAGE = 500  # leads read at once
AT_ONCE = 1 << 16  # bytes


async def export(desk: Desk) -> Response:
    form = await desk.said("bentuk")
    if form not in KINDS:
        return desk.page("wrong.html", 400, why="400")
    said = {name: await desk.said(name) for name in FIELDS}
    async with desk.product.database.read() as tx:
        asks = await chosen(tx, desk, said)
    written, media_type = KINDS[form]
    with tempfile.TemporaryDirectory(
        prefix="rangkul-"
    ) as folder:  # only ours; a file of it can be read when it is gone
        path = Path(folder) / f"calon.{form}"
        count = await _write(desk, path, written, asks.asked)
        told = " ".join(f"{name}={value}" for name, value in asks.query.items() if name not in asks.wrong)
        await desk.audit("exported", form, f"{count} {told}".strip())  # an export that cannot be audited is not made
        file = await asyncio.to_thread(path.open, "rb")
    name = f"calon-{desk.now.astimezone(WIB):%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_bytes(file), media_type=media_type, headers=headers)


async def _write(desk: Desk, path: Path, form: str, asked: LeadFilter) -> int:
    """Write the file; how many leads are in it."""
    catalog, vault = Catalog.load("id"), desk.services.vault
    world = World(now=desk.now, knows=desk.services.knowledge)
    count, after = 0, 0
    async with desk.product.database.read() as tx:
        billed = await costs.per_lead(tx)
    with sheets.opened(path, form, "Calon peserta") as add:
        while True:
            async with desk.product.database.read() as tx:
                found, through = await leads.page(tx, vault, after, PAGE, asked)
                went = await courses.of(tx, list(found))
            if through is None:
                return count
            lines = [(lead, went[lead_id]) for lead_id, lead in found.items()]
            await asyncio.to_thread(lambda: add(table(lines, catalog, world, billed)))  # noqa: B023 - run before the next
            count, after = count + len(found), through


async def _bytes(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while some := await asyncio.to_thread(file.read, AT_ONCE):
            yield some
