"""The progress of a broadcast at the command line: its state, a bar that moves, and the report of its recipients."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import sheets
from bot.broadcasts import report as broadcast_report
from bot.office import arguments
from bot.office.broadcast_actions import at_desk, audited, named
from bot.settings import Settings
from locales import Catalog
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import Plan
from storage.engine.database import Database

LOOK_EVERY = 0.5  # seconds
MOST_TIME = 9  # times as long as the last look took, until the next: counting a million keeps the database busy
_OVER = ("draft", "done", "cancelled", "halted")  # states from which a broadcast goes no further by itself
_DONE = ("sent", "delivered", "read", "failed", "uncertain", "parked", "skipped", "cancelled")


async def status(settings: Settings, which: str, *, follow: bool) -> None:
    """Print one line for each broadcast, or everything about one; with ``follow`` a bar that moves until the broadcast
    ends."""
    async with at_desk(settings) as (database, _):
        if not which:
            async with database.read() as tx:
                for each in await broadcasts.listed(tx):
                    sys.stdout.write(f"{each.id}\t{each.state}\t{each.size}\t{each.created_at:%Y-%m-%d}\t{each.name}\n")
            return
        async with database.read() as tx:
            found = await named(tx, which)
        if follow:
            await _follow(database, found)
        async with database.read() as tx:
            found = await named(tx, str(found.id))
            counts = await recipients.reasons(tx, found.id)
            cost = await broadcast_report.cost(tx, found)
        sys.stdout.write(f"{found.id}\t{found.state}\t{found.size}\t{found.name}\t{found.reason}\n")
        _write_counts(counts, cost)


async def _follow(database: Database, plan: Plan) -> None:
    """Show the bar until the broadcast ends. The name stands above the bar, not before it: names are long, terminals
    are not."""
    columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), expand=True) as bar:
        bar.console.print(plan.name, markup=False, highlight=False)
        task = bar.add_task(plan.state, total=plan.size or None)
        while True:
            began = time.perf_counter()
            async with database.read() as tx:
                found = await named(tx, str(plan.id))
                counts = await recipients.progress(tx, plan.id)
            done, total = _how_far(found, counts)
            bar.update(task, description=_described(found.state, counts), completed=done, total=total)
            if found.state in _OVER:
                return
            await asyncio.sleep(max(LOOK_EVERY, MOST_TIME * (time.perf_counter() - began)))


def _described(state: str, counts: Mapping[str, int]) -> str:
    lost = counts.get("failed", 0) + counts.get("uncertain", 0)
    return f"{state}, {lost} failed" if lost else state


def _how_far(plan: Plan, counts: Mapping[str, int]) -> tuple[int, int | None]:
    """(recipients at their end, all recipients), before recipients are written down of the audience's counted size."""
    total = sum(counts.values()) if plan.planned_through else plan.size
    ends = [state for state in _DONE if state != plan.state]  # a broadcast cancelled as a whole stands where it was
    return sum(counts.get(state, 0) for state in ends), total or None


async def report(settings: Settings, which: str, files: dict[str, Path]) -> None:
    """Print counts by state and reason; with ``files`` (format -> path) write every recipient, without names. Audited."""
    for form, path in files.items():
        arguments.file_to_write("--xlsx" if form == "xlsx" else "--csv", path)
    async with at_desk(settings) as (database, vault):
        async with database.write() as tx:
            found = await named(tx, which)
            await audited(tx, "reported", found.id)
        async with database.read() as tx:
            counts = await recipients.reasons(tx, found.id)
            cost = await broadcast_report.cost(tx, found)
            written = 0
            with ExitStack() as open_files:
                adds = [open_files.enter_context(sheets.opened(path, form, "Siaran")) for form, path in files.items()]
                if files:
                    async for rows in broadcast_report.pages(tx, vault, Catalog.load("id"), found.id):
                        written += len(rows)
                        for add in adds:
                            add(rows)
    for path in files.values():
        sys.stdout.write(f"{written} penerima ditulis ke {path}\n")
    _write_counts(counts, cost)


def _write_counts(counts: Sequence[tuple[str, str, int]], cost: str) -> None:
    for state, reason, number in counts:
        sys.stdout.write(f"{number}\t{state}\t{reason}\n")
    if cost:
        sys.stdout.write(f"{cost}\n")
