"""How many taps lead from the card to an outcome that is noted: at most three on Telegram, four on WhatsApp."""

from __future__ import annotations

import pytest

from conversations.rules.outcomes import possible
from locales import Catalog
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_both import Line, on_both
from tests.channels.on_whatsapp import OnWhatsApp
from tests.conftest import Clock
from tests.owners import register

CATALOG = Catalog.load()
KINDS = ("Ada kemajuan", "Tidak lanjut")


@pytest.mark.parametrize(("office_on", "most"), [("telegram", 3), ("whatsapp", 4)])
async def test_every_outcome_is_at_most_so_many_taps_from_the_card(
    office_on: Line, most: int, sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    """A row of a list is two: the list is opened first."""
    async with on_both(sqlite_database, vault, clock, office_on) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        line, taps = there.line("Rina"), dict[str, int]()

        async def tap(label: str, so_far: int) -> None:
            """Press this button; how many taps what it opens is away."""
            await there.say("Rina", f"[{label}]")
            shown = line.person("Rina").told[-1]
            each = 2 if isinstance(line, OnWhatsApp) and getattr(shown, "kind", "") == "list" else 1
            for found in shown.labels:
                taps.setdefault(found, so_far + each)

        for kind in KINDS:
            await tap("Catat hasil", 1)
            await tap(kind, taps[kind])
        names = {CATALOG.text(f"outcome.{outcome}") for outcome in possible("taken")}
        counts = {name: taps[name] for name in names}
        assert max(counts.values()) == most, counts
        await there.say("Rina", "[Nomor salah]")
        assert "Dicatat" in there.last("Rina")
