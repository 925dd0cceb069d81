"""Leads for the office: a list without personal data, and exports with it (mode 0600, audited, formulas defused)."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot import sheets
from bot.lead_rows import table
from bot.loading import as_it_stands, knowledge
from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.settings import BadSetting, Settings
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import World
from conversations.rules.outcomes import AT_WORK, CLOSED, UNTAKEN, WAITING
from locales import Catalog
from storage.leads import courses, lead_list, leads, officers
from storage.leads.leads import Wanted
from storage.outbox import costs
from storage.people import audit

PAGE = 500  # leads read at once
STATUSES = tuple(dict.fromkeys((UNTAKEN, *AT_WORK, *CLOSED, WAITING)))


async def show(settings: Settings) -> None:
    """Print one line a lead: code, status, place and counts, without names or numbers of owners. No lead is opened."""
    async with office(settings) as (database, vault):
        async with database.write() as tx:
            count = await leads.count(tx)
            await audit.record(tx, at=now(), actor="cli", act="listed", subject="leads", detail=str(count))
        async with database.read() as tx:
            names = await officers.called(tx, vault)
        after = 0
        while True:
            async with database.read() as tx:
                page = await lead_list.page(tx, after, PAGE)
            if not page:
                return
            for each in page:  # written outside of the transaction: whoever reads may be slow
                day, holder = each.created.date().isoformat(), names.get(each.officer_id or 0, "-")
                where, trade = each.place or "-", each.category or "-"
                sys.stdout.write(f"{each.code}\t{each.status}\t{day}\t{where}\t{trade}\t{holder}\n")
            after = page[-1].id


def form_of(form: str, out: Path | None, *, excel: bool) -> str:
    """The format of an export: ``form`` if given, else by the file's ending, csv where it has none. Raises BadSetting."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    chosen = arguments.one_of("--format", form or ending or "csv", sheets.FORMATS)
    if ending in sheets.FORMATS and ending != chosen:
        raise BadSetting(f"--out {out}: its ending says {ending}, and --format {chosen}; name one of them")
    if excel and chosen != "csv":
        raise BadSetting(f"--excel: says how a csv is written; {chosen} needs none")
    return chosen


@dataclass(frozen=True, slots=True)
class Asked:
    """Which leads an export is of, as the command line says it; "" and () leave that open. ``since``, ``until``: days on
    which leads came, both included; ``statuses``: of the leads now; ``office``: part of its name, or a regency's code."""

    since: str = ""
    until: str = ""
    statuses: tuple[str, ...] = ()
    office: str = ""

    def wanted(self, knows: Knowledge) -> Wanted:
        """Raises BadSetting for what is none of these."""
        since, until = arguments.day("--since", self.since), arguments.day("--until", self.until)
        if since and until and until < since:
            raise BadSetting(f"--until {self.until}: is before --since {self.since}")
        for status in self.statuses:
            arguments.one_of("--status", status, STATUSES)
        return Wanted(
            since,
            until and until + timedelta(days=1),
            self.statuses or None,
            arguments.of_office(self.office, knows) if self.office else None,
        )

    def __str__(self) -> str:
        said = {"since": self.since, "until": self.until, "status": ",".join(self.statuses), "office": self.office}
        return " ".join(f"{name}={value}" for name, value in said.items() if value)


EVERYTHING = Asked()


async def export(settings: Settings, form: str, out: Path, *, excel: bool = False, asked: Asked = EVERYTHING) -> None:
    """Write leads whose owner was not erased, a page at a time. Raises BadSetting for an unknown format, a bad path, or a
    bound that is none.

    ``excel``: a csv that Excel in Indonesian opens. Standard output (``sheets.STDOUT``) gets the export once it is
    complete.
    """
    arguments.one_of("--format", form, sheets.FORMATS)
    if out != sheets.STDOUT:
        arguments.file_to_write("--out", out)
    catalog, world = Catalog.load("id"), World(now=now(), knows=knowledge(settings.shown_controller))
    count, after = 0, 0
    async with office(settings) as (database, vault):
        world = replace(world, knows=await as_it_stands(world.knows, database))
        wanted = asked.wanted(world.knows)
        async with database.read() as tx:
            billed, there = await costs.per_lead(tx), await leads.count(tx, wanted)
        with sheets.opened(out, "excel" if excel else form, "Calon peserta") as add:
            while True:
                async with database.read() as tx:  # opening leads takes seconds, in which replies must not wait
                    found, through = await leads.page(tx, vault, after, PAGE, wanted)
                    went = await courses.of(tx, list(found))
                if through is None:
                    break
                add(table([(lead, went[lead_id]) for lead_id, lead in found.items()], catalog, world, billed))
                count, after = count + len(found), through
            async with database.write() as tx:  # before there is a file: an export that cannot be audited is not made
                await audit.record(
                    tx, at=now(), actor="cli", act="exported", subject=form, detail=f"{count} {asked}".strip()
                )
    what, told = ("keluaran standar", sys.stderr) if out == sheets.STDOUT else (str(out), sys.stdout)
    told.write(f"{count} calon peserta ditulis ke {what}; isinya data pribadi.\n")
    if missing := there - count:
        sys.stderr.write(f"{missing} calon peserta tidak terbaca dan tidak ikut; `rangkul check` says which\n")
