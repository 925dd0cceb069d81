"""Leads for the office: a list without personal data, and exports with it (mode 0600, audited, formulas defused)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bot.loading import knowledge
from bot.now import now
from bot.office import sheets
from bot.office.database import office
from bot.render import text
from bot.settings import BadSetting, Settings
from bot.whatsapp.prices import Prices
from conversations.dialogues.officer import CARD
from conversations.dialogues.registration import shown
from conversations.engine.core import Scene, Text
from conversations.engine.world import Lead, World
from locales import Catalog
from storage.leads import leads
from storage.outbox import costs
from storage.people import audit


async def show(settings: Settings) -> None:
    """One line a lead: code, status, place and counts, without names or numbers."""
    async with office(settings) as (database, vault):
        async with database.read() as tx:
            found = await leads.everything(tx, vault)
        async with database.write() as tx:
            await audit.record(tx, at=now(), actor="cli", act="listed", subject="leads", detail=str(len(found)))
        for lead in found:
            answers = lead.answers
            trade = (answers.get("sector") or {}).get("category", "-")
            where = answers.get("district") or answers.get("regency", "-")
            day = lead.created.date().isoformat()
            sys.stdout.write(f"{lead.code}\t{lead.status}\t{day}\t{where}\t{trade}\t{lead.officer or '-'}\n")


async def export(settings: Settings, form: str, out: Path) -> None:
    """Write all leads that still have a person. Raises BadSetting for a format that is none."""
    if form not in sheets.FORMATS:
        raise BadSetting(f"--format: one of {', '.join(sheets.FORMATS)}")
    async with office(settings) as (database, vault):
        async with database.read() as tx:  # opening them takes seconds, in which replies must not wait
            found = await leads.everything(tx, vault)
            billed = await costs.per_lead(tx)
        async with database.write() as tx:
            await audit.record(tx, at=now(), actor="cli", act="exported", subject=form, detail=str(len(found)))
    rows = table(found, Catalog.load("id"), World(now=now(), knows=knowledge(settings.shown_controller)), billed)
    sheets.write(out, form, rows, "Calon peserta")
    sys.stdout.write(f"{len(rows)} calon peserta ditulis ke {out}; berkas ini berisi data pribadi.\n")


def table(
    found: Sequence[Lead],
    catalog: Catalog,
    world: World,
    billed: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> list[dict[str, str]]:
    """Each lead as a row of labelled texts, as people read them; with the messages that WhatsApp bills for it."""
    rows = []
    prices = Prices.load()
    for lead in found:
        scene = Scene(lead.answers, world)
        row = {"kode": lead.code, "status": text(Text(f"status.{lead.status}"), catalog), "petugas": lead.officer,
               "masuk": lead.created.astimezone(world.now.tzinfo).isoformat(timespec="minutes"), "saluran": lead.channel,
               "kampanye": lead.campaign}  # fmt: skip
        for key in CARD:
            value = lead.answers.get(key)
            label = str(text(Text(f"registration.{key}.label"), catalog))  # orjson takes no subclass as a key
            row[label] = text(shown(key, value, scene), catalog) if value is not None else ""
        rows.append(row | prices.columns(billed.get(lead.code, {}), lead.created.date(), catalog))
    return rows
