"""The officers' digest on WhatsApp: in full within the service window, as its template outside, and never parked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels import whatsapp
from bot.channels.base import decode
from bot.timers import digest
from conversations.engine.core import Press
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.outbox import templates as states
from storage.outbox.templates import State
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import more_leads, register
from tests.town import Town, plain, town

outbox = tables.table(tables.Outbox)
MORNING = timedelta(hours=22, minutes=30)  # from Wednesday nine o'clock to Thursday half past seven
DAY = timedelta(days=1)


async def on_whatsapp(there: Town, phone: Handset) -> str:
    """Ani joins on WhatsApp, and a lead of her regency waits; its code."""
    async with there.product.database.write() as tx:
        code = await officers.invite(
            tx, there.product.vault, name="Ani", role="officer", regencies=("33.72",), now=there.clock()
        )
    for said in (code, "[Ya, saya]"):
        await phone.say("Ani", said)
        await there.quiet()
    return await register(there, "Siti")


@pytest.mark.parametrize("approved", [True, False])
async def test_outside_the_window_it_goes_as_its_template_and_without_one_not_at_all(
    database: Database, vault: Vault, clock: Clock, approved: bool
) -> None:
    """It does not wait for the window: in the evening it would tell of the morning."""
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(database, vault, clock, more={"whatsapp": phone}) as there:
        await on_whatsapp(there, phone)
        names = ("rangkul_ringkasan",) if approved else ()
        async with database.write() as tx:
            await states.note(tx, phone.account, [State(name, "id", "APPROVED", "utility") for name in names], clock())
        before = len(phone.told["Ani"])
        await there.later(MORNING + DAY)
        sent = [message.template for message in phone.told["Ani"][before:] if message.template]
        async with database.read() as tx:
            made = (await tx.execute(select(outbox.c.state).where(outbox.c.kind == digest.KIND))).scalars().all()
        if not approved:
            assert (sent, made) == ([], [])
            return
        [template] = sent
        assert template.name == "rangkul_ringkasan"
        assert template.fields[0] == "Jumat, 27 November 2026"
        assert template.fields[1].startswith("Belum ada yang mengambil di wilayah Anda: 1 (RK-")
        assert [decode(data) for data in template.data] == [Press("command", "tasks", "")]
        assert made == ["sent"]


async def test_within_the_window_it_comes_in_full_with_the_oldest_as_buttons(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(sqlite_database, vault, clock, more={"whatsapp": phone}) as there:
        code = await on_whatsapp(there, phone)
        [second, third] = await more_leads(there, code, 2)
        await there.later(MORNING)
        message = phone.told["Ani"][-1]
        assert "Ringkasan pagi, Kamis, 26 November 2026" in plain(message)
        assert message.template is None
        assert [key.label for row in message.keys for key in row] == ["Tugas saya", code, second, third]
