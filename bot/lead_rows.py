"""Leads as rows of a table that people read: their answers, their steps with moments in WIB, their billed messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from bot.now import WIB
from bot.render import text
from bot.sheets import Cell
from bot.whatsapp.prices import Prices
from conversations.dialogues.registration import registration, shown
from conversations.engine.core import Scene, Text
from conversations.engine.overview import card_questions
from conversations.engine.world import Lead, World
from conversations.rules.funnel import Course
from locales import Catalog

UNSAYABLE = "?"


def _cell(key: str, value: Any, scene: Scene, catalog: Catalog) -> str:
    """An answer as people read it; UNSAYABLE where it cannot be put into words, so that no other answer is kept from
    the file."""
    try:
        return text(shown(key, value, scene), catalog)
    except Exception:  # this one value names an option that no longer exists
        return UNSAYABLE


def table(
    found: Iterable[tuple[Lead, Course]],
    catalog: Catalog,
    world: World,
    billed: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> list[dict[str, Cell]]:
    """Each lead as a row by column heading, as people read it: its answers, its steps with their times in WIB, and its
    messages that WhatsApp bills."""
    prices = Prices.load()
    # orjson takes no subclass of str as a key
    labels = {q.key: str(text(Text(f"registration.{q.key}.label"), catalog)) for q in card_questions(registration)}
    say = cache(lambda name: text(Text(name), catalog))
    rows = []
    for lead, went in found:
        scene = Scene(lead.answers, world)
        row: dict[str, Cell] = {
            "kode": lead.code,
            "status": say(f"status.{lead.status}"),
            "kantor": world.knows.office_name(went.regency) if went.regency else "",
            "petugas": lead.officer,
            "masuk": went.came,
            "diambil": went.taken,
            "dihubungi": went.contacted,
            "didaftarkan": went.registered,
            "aktif": went.active,
            "selesai": went.ended,
            "berikutnya": lead.next_at,
            "untuk": say(f"next.{lead.next_reason}") if lead.next_at and lead.next_reason else "",
            "saluran": lead.channel,
            "kampanye": lead.campaign,
        }
        row = {name: value.astimezone(WIB) if isinstance(value, datetime) else value for name, value in row.items()}
        for key, label in labels.items():
            value = lead.answers.get(key)
            row[label] = _cell(key, value, scene, catalog) if value is not None else ""
        rows.append(row | prices.columns(billed.get(lead.code, {}), lead.created.date(), catalog))
    return rows
