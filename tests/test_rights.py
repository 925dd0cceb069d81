"""A right is asked each time something is shown, sent or continued, not when it began."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.channels import whatsapp
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.leads import leaving, officers
from storage.outbox import messages
from storage.people import audit
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import register
from tests.town import Town, plain, town

SECOND = timedelta(seconds=31)
broadcast, outbox, lead = (tables.table(each) for each in (tables.Broadcast, tables.Outbox, tables.LeadRow))


async def officer_id(there: Town, name: str) -> int:
    async with there.product.database.read() as tx:
        return next(one.id for one in await officers.listed(tx, there.product.vault) if one.name == name)


async def removed(there: Town, name: str) -> None:
    """As ``rangkul officers remove`` does it beside the running server."""
    one = await officer_id(there, name)
    async with there.product.database.write() as tx:
        await leaving.leave(tx, one, there.clock(), actor="cli")
    await there.later(SECOND)


async def screen(there: Town, who: str) -> str:
    """What stands in this chat, with every card as it was drawn last."""
    async with there.product.database.read() as tx:
        sent = {row.external_id: row.id for row in await tx.execute(select(outbox.c.id, outbox.c.external_id))}
    shown: dict[int, str] = {}
    for message in there.told[who]:
        shown[sent[message.edits] if message.edits else message.ref] = plain(message)
    return "\n".join(shown.values())


async def test_the_cards_of_an_officer_who_was_removed_are_emptied_and_never_filled_again(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        for who in ("Rina", "Budi"):
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        assert "Siti Aminah" in await screen(there, "Budi")
        await removed(there, "Budi")
        assert "Siti Aminah" not in await screen(there, "Budi")
        for said in ("tidak", "ubah data", "ubah nomor hp", "0812 0000 7999", "kirim"):
            await there.say("Siti", said)
        await there.say("Rina", "[Ambil]")
        await removed(there, "Rina")
        assert "7999" not in await screen(there, "Budi")
        assert "7999" not in await screen(there, "Rina")
        async with database.read() as tx:
            shown = select(func.count()).where(audit.audit.c.act == "shown", audit.audit.c.subject == code)
            assert (await tx.execute(shown)).scalar_one() >= 2, "what was drawn anew is written down too"


@pytest.mark.parametrize("ends", ["removed", "erased"])
async def test_nothing_that_was_said_of_an_owner_stays_with_an_officer_who_may_know_it_no_more(
    sqlite_database: Database, vault: Vault, clock: Clock, ends: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        await there.say("Siti", "tidak")
        for said in ("[Ambil]", "/tugas"):
            await there.say("Rina", said)
        for said in ("ubah nomor hp", "0812 0000 7999", "kirim", "petugas"):  # two notices with name and number
            await there.say("Siti", said)
        for said in ("[Catat hasil]", "berminat"):
            await there.say("Rina", said)
        for said in ("hapus data", "ya"):  # an officer's own wish, which ends nothing of this
            await there.say("Rina", said)
        shown = await screen(there, "Rina")
        assert shown.count("Siti Aminah") >= 3
        assert "7999" in shown
        if ends == "removed":
            await removed(there, "Rina")
        else:
            await there.say("Siti", "hapus data")
            await there.say("Siti", "ya")
        shown = await screen(there, "Rina")
        assert "Siti" not in shown
        assert "7999" not in shown


@pytest.mark.parametrize("goes", ["Siti", "Sri", "Wati"])
async def test_a_list_that_names_several_owners_is_emptied_when_any_of_them_goes(
    database: Database, vault: Vault, clock: Clock, goes: str
) -> None:
    """The list of an officer's own leads, and the same list as their coordinator sees it; also after the officer has
    erased what they wrote themselves."""
    async with town(database, vault, clock) as there:
        await there.hire("Kris", role="coordinator")
        await there.hire("Rina", "33.72")
        for number, who in enumerate(("Siti", "Sri", "Wati")):
            await register(there, who, name=f"{who} Handayani", phone=f"0812 0000 700{number}")
            await there.say("Rina", "[Ambil]")
        await there.say("Rina", "/tugas")
        await there.say("Kris", "/tim")
        await there.does("Kris", Heard(pressed=Press("command", "team_of", str(await officer_id(there, "Rina")))))
        lists = {who: there.told[who][-1] for who in ("Rina", "Kris")}
        for who, listed in lists.items():
            assert all(f"{each} Handayani" in plain(listed) for each in ("Siti", "Sri", "Wati")), who
        for said in ("hapus data", "ya"):
            await there.say("Rina", said)
        for said in ("tidak", "hapus data", "ya"):
            await there.say(goes, said)
        for who in lists:
            assert f"{goes} Handayani" not in await screen(there, who)
        async with database.read() as tx:
            named = await messages.about(tx, [row.id for row in await tx.execute(select(lead.c.id))])
        assert {each.outbox_id for each in named} >= {listed.ref for listed in lists.values()}


async def test_a_list_that_has_not_left_yet_keeps_no_word_of_an_owner_who_was_erased(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        for number, who in enumerate(("Siti", "Sri")):
            await register(there, who, phone=f"0812 0000 700{number}")
            await there.say("Rina", "[Ambil]")
        await there.say("Rina", "/tugas")
        listed = there.told["Rina"][-1].ref
        async with sqlite_database.write() as tx:  # as of a chat whose window is closed
            body = vault.seal_json({}, table="outbox", column="sealed", row=listed)
            await tx.execute(outbox.update().where(outbox.c.id == listed).values(state="parked", sealed=body))
        for said in ("tidak", "hapus data", "ya"):
            await there.say("Sri", said)
        async with sqlite_database.read() as tx:
            [row] = (await tx.execute(select(outbox).where(outbox.c.id == listed))).all()
        assert (row.state, row.sealed) == ("cancelled", None)


async def test_who_is_invited_again_for_another_regency_sees_the_leads_of_the_first_no_more(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        taken = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await register(there, "Sri", name="Sri Lestari")
        await there.hire("Rina", "33.10")
        await there.later(SECOND)
        assert "Sri Lestari" not in await screen(there, "Rina")
        assert "Siti Aminah" in await screen(there, "Rina"), "what they had taken is theirs still"
        for said in ("tidak", "ubah data", "ubah nama", "Sri Wahyuni", "kirim"):
            await there.say("Sri", said)
        assert "Sri Wahyuni" not in await screen(there, "Rina")
        assert taken in await there.say("Rina", "/tugas")


async def test_a_card_that_waits_for_a_window_is_not_sent_to_who_may_see_it_no_more(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(sqlite_database, vault, clock, more={"whatsapp": phone}) as there:
        async with sqlite_database.write() as tx:
            codes = [
                await officers.invite(tx, vault, name=who, role="officer", regencies=("33.72",), now=clock())
                for who in ("Ani", "Eka")
            ]
        for who, code in zip(("Ani", "Eka"), codes, strict=True):
            for said in (code, "[Ya, saya]"):
                await phone.say(who, said)
                await there.quiet()
        await there.hire("Rina", "33.72")
        clock.advance(hours=25)
        code = await register(there, "Siti")
        await removed(there, "Ani")
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        for who in ("Ani", "Eka"):
            await phone.say(who, "halo")
            await there.quiet()
            assert not any("Siti Aminah" in plain(message) for message in phone.told[who]), who


async def test_an_admin_who_was_removed_writes_no_broadcast_to_its_end(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Bima", role="admin")
        for said in ("/siaran", "[Siaran baru]", "[Kabar]"):
            await there.say("Bima", said)
        await removed(there, "Bima")
        assert "hanya untuk admin" in await there.say("Bima", "[Semua pemilik]")
        async with sqlite_database.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(broadcast))).scalar_one() == 0


async def test_a_note_goes_no_further_once_the_lead_is_anothers_and_its_owner_is_not_named_again(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who in ("Rina", "Budi"):
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await there.say("Rina", "[Catat hasil]")
        await there.say("Rina", "/libur")
        await there.does("Budi", Heard(pressed=Press("lead", "take", code)))
        said = await there.say("Rina", "apa ya")
        assert "Petugas: Budi" in said
        assert "Siti" not in said


async def test_a_card_that_was_looked_up_is_drawn_again_as_any_other(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who in ("Rina", "Budi"):
            await there.hire(who, "33.72")
        code = await register(there, "Siti")
        await there.does("Budi", Heard(pressed=Press("lead", "show", code)))
        await there.say("Rina", "[Ambil]")
        assert "Siti Aminah" not in await screen(there, "Budi")
