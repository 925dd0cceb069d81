"""Leads for the office: a list without personal data, and exports with it (mode 0600, audited, formulas defused)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.loading import knowledge
from bot.now import now
from bot.office import arguments, sheets
from bot.office.database import office
from bot.render import text
from bot.settings import BadSetting, Settings
from bot.whatsapp.prices import Prices
from conversations.dialogues.registration import registration, shown
from conversations.engine.core import Scene, Text
from conversations.engine.overview import card_questions
from conversations.engine.world import Lead, World
from locales import Catalog
from storage.leads import lead_list, leads, officers
from storage.outbox import costs
from storage.people import audit

PAGE = 500  # leads read at once
UNSAYABLE = "?"


async def show(settings: Settings) -> None:
    """Print one line a lead: code, status, place and counts, without names or numbers of owners. No lead is opened."""
    async with office(settings) as (database, vault):
        async with database.write() as tx:
            count = await lead_list.count(tx)
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


async def export(settings: Settings, form: str, out: Path, *, excel: bool = False) -> None:
    """Write all leads whose owner was not erased, a page at a time. Raises BadSetting for an unknown format or a bad path.

    ``excel``: a csv that Excel in Indonesian opens. Standard output (``sheets.STDOUT``) gets the export once it is
    complete.
    """
    arguments.one_of("--format", form, sheets.FORMATS)
    if out != sheets.STDOUT:
        arguments.file_to_write("--out", out)
    catalog, world = Catalog.load("id"), World(now=now(), knows=knowledge(settings.shown_controller))
    count, after = 0, 0
    async with office(settings) as (database, vault):
        async with database.read() as tx:
            billed, there = await costs.per_lead(tx), await lead_list.count(tx)
        with sheets.opened(out, "excel" if excel else form, "Calon peserta") as add:
            while True:
                async with database.read() as tx:  # opening leads takes seconds, in which replies must not wait
                    found, through = await leads.page(tx, vault, after, PAGE)
                if through is None:
                    break
                add(table(found, catalog, world, billed))
                count, after = count + len(found), through
            async with database.write() as tx:  # before there is a file: an export that cannot be audited is not made
                await audit.record(tx, at=now(), actor="cli", act="exported", subject=form, detail=str(count))
    what, told = ("keluaran standar", sys.stderr) if out == sheets.STDOUT else (str(out), sys.stdout)
    told.write(f"{count} calon peserta ditulis ke {what}; isinya data pribadi.\n")
    if missing := there - count:
        sys.stderr.write(f"{missing} calon peserta tidak terbaca dan tidak ikut; `rangkul check` says which\n")


def _cell(key: str, value: Any, scene: Scene, catalog: Catalog) -> str:
    """An answer as people read it; UNSAYABLE where it cannot be put into words, so that no other answer is kept from
    the file."""
    try:
        return text(shown(key, value, scene), catalog)
    except Exception:  # this one value names an option that no longer exists
        return UNSAYABLE


def table(
    found: Sequence[Lead],
    catalog: Catalog,
    world: World,
    billed: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> list[dict[str, str]]:
    """Each lead as a row of texts by column heading, as people read them; with its messages that WhatsApp bills."""
    rows = []
    prices, columns = Prices.load(), [question.key for question in card_questions(registration)]
    for lead in found:
        scene = Scene(lead.answers, world)
        row = {"kode": lead.code, "status": text(Text(f"status.{lead.status}"), catalog), "petugas": lead.officer,
               "masuk": lead.created.astimezone(world.now.tzinfo).isoformat(timespec="minutes"), "saluran": lead.channel,
               "kampanye": lead.campaign}  # fmt: skip
        for key in columns:
            value = lead.answers.get(key)
            label = str(text(Text(f"registration.{key}.label"), catalog))  # orjson takes no subclass as a key
            row[label] = _cell(key, value, scene, catalog) if value is not None else ""
        rows.append(row | prices.columns(billed.get(lead.code, {}), lead.created.date(), catalog))
    return rows
