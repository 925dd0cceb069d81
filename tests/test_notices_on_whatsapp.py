"""Officers and owners on WhatsApp: one message where it can be one, a template where the window is closed, nothing twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.channels import whatsapp
from bot.channels.base import Outgoing, decode
from bot.whatsapp.templates import forms
from conversations.engine.core import Heard
from storage.engine.database import Database
from storage.leads import officers
from storage.outbox import templates as states
from storage.outbox.messages import outbox
from storage.outbox.templates import State
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.handset import Handset
from tests.owners import register, said_by_question
from tests.town import Town, plain, town

DAY = timedelta(days=1)


@dataclass
class Office:
    """A town whose officers use WhatsApp."""

    there: Town
    phone: Handset

    async def hire(self, who: str, *regencies: str) -> None:
        async with self.there.product.database.write() as tx:
            code = await officers.invite(
                tx, self.there.product.vault, name=who, role="officer", regencies=regencies, now=self.there.clock()
            )
        await self.say(who, code)
        await self.say(who, "[Ya, saya]")

    async def say(self, who: str, text: str) -> list[Outgoing]:
        """What ``who`` is told since."""
        before = len(self.phone.told.get(who, ()))
        await self.phone.say(who, text)
        await self.there.quiet()
        return self.phone.told.get(who, [])[before:]

    async def approve(self, *names: str) -> None:
        async with self.there.product.database.write() as tx:
            told = [State(name, "id", "APPROVED", "utility") for name in names]
            await states.note(tx, self.phone.account, told, self.there.clock())

    async def comes(self, who: str, words: str, after: int) -> bool:
        """Whether a message with these words comes, once the delivery has looked for what it may send now."""
        for _ in range(100):
            if any(words in plain(message) for message in self.phone.told[who][after:]):
                return True
            await self.there.later(timedelta())
        return False

    async def states(self, kind: str) -> list[str]:
        async with self.there.product.database.read() as tx:
            query = select(outbox.c.state).where(outbox.c.kind == kind, outbox.c.channel == "whatsapp")
            return list((await tx.execute(query.order_by(outbox.c.id))).scalars())


@asynccontextmanager
async def office(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    phone = Handset("whatsapp", whatsapp.LIMITS, clock)
    async with town(database, vault, clock, more={"whatsapp": phone}) as there:
        yield Office(there, phone)


async def test_a_card_is_one_message_and_whoever_takes_it_gets_one_that_leads_on(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        await desk.hire("Joko", "33.72")
        code = await register(desk.there, "Siti")
        assert [code in plain(message) for message in (desk.phone.told["Rina"][-1], desk.phone.told["Joko"][-1])] == [
            True
        ] * 2
        joko_has = len(desk.phone.told["Joko"])
        [taken] = await desk.say("Rina", "[Ambil]")
        assert [key.label for row in taken.keys for key in row] == ["Catat hasil", "Ingatkan", "Tindakan lain"]
        assert len(desk.phone.told["Joko"]) == joko_has, "nothing can be replaced there, and nothing is sent instead"
        [stale] = await desk.say("Joko", "[Ambil]")
        assert "Rina" in plain(stale)
        assert not any(message.edits for told in desk.phone.told.values() for message in told)


async def test_a_change_comes_as_a_short_message_to_whoever_has_the_lead_and_to_nobody_else(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(sqlite_database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        await desk.hire("Joko", "33.72")
        await register(desk.there, "Siti")
        await desk.say("Rina", "[Ambil]")
        rina, joko = len(desk.phone.told["Rina"]), len(desk.phone.told["Joko"])
        for said in ("tidak usah", "ubah nama", "Sri Lestari", "kirim"):
            await desk.there.say("Siti", said)
        assert "Siti Aminah → " in desk.phone.last("Rina")
        assert len(desk.phone.told["Rina"]) == rina + 1
        assert len(desk.phone.told["Joko"]) == joko


async def test_an_erased_lead_is_told_of_without_a_word_of_what_it_held(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(sqlite_database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        code = await register(desk.there, "Siti")
        for said in ("hapus data", "ya"):
            await desk.there.say("Siti", said)
        assert code in desk.phone.last("Rina")
        assert "Siti" not in desk.phone.last("Rina")


async def test_outside_the_window_a_card_goes_as_its_template_whose_button_takes_the_lead(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        await desk.approve("rangkul_calon_peserta")
        clock.advance(seconds=DAY.total_seconds())
        code = await register(desk.there, "Siti")
        sent = desk.phone.told["Rina"][-1].template
        assert sent
        assert sent.fields[0] == code
        assert "Siti Aminah" in sent.fields[1]
        await desk.phone.bring("Rina", Heard(pressed=decode(sent.data[0])))
        await desk.there.quiet()
        assert "Rina" in await desk.there.say("Siti", "status")


async def test_without_an_approved_template_a_card_waits_until_its_officer_writes(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        clock.advance(seconds=DAY.total_seconds())
        told = len(desk.phone.told["Rina"])
        code = await register(desk.there, "Siti")
        assert len(desk.phone.told["Rina"]) == told
        assert await desk.states("card") == ["parked"]
        await desk.phone.say("Rina", "halo")
        assert await desk.comes("Rina", code, told)


async def test_one_knock_a_day_announces_what_waits_and_its_button_brings_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(database, vault, clock) as desk:
        await desk.hire("Rina", "33.72")
        await desk.approve("rangkul_ada_kabar")
        clock.advance(seconds=DAY.total_seconds())
        code = await register(desk.there, "Siti")
        told = len(desk.phone.told["Rina"])
        await desk.there.later(timedelta(minutes=5))
        await desk.there.later(timedelta(minutes=5))
        [knock] = desk.phone.told["Rina"][told:]
        assert knock.template
        assert knock.template.name == "rangkul_ada_kabar"
        await desk.there.later(timedelta(hours=30))
        assert len(desk.phone.told["Rina"]) == told + 1, "it was announced already"
        await desk.phone.bring("Rina", Heard(pressed=decode(knock.template.data[0])))
        assert await desk.comes("Rina", code, told + 1)
        assert not any("Tidak ada yang baru" in plain(message) for message in desk.phone.told["Rina"])
        clock.advance(seconds=60)
        await desk.phone.bring("Rina", Heard(pressed=decode(knock.template.data[0])))
        await desk.there.quiet()
        assert "Tidak ada yang baru" in desk.phone.last("Rina")


def before_the_review(**answers: str) -> dict[str, str]:
    """What somebody whose number is known, and who has two workers, says until all of it is read back."""
    words = {"workers": "2", "wages": "sebagian dibayar", "under_65": "ya", "member": "belum", "income": "2 juta",
             "program": "dasar", "contact_time": "besok pagi"}  # fmt: skip
    said = said_by_question(phone_known="+6281200007001", **words, **answers)
    return {key: text for key, text in said.items() if key != "confirm"}


async def test_every_question_of_a_registration_is_one_message_on_whatsapp(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    """Acknowledgement, correction and next question together, whatever was said."""
    async with office(sqlite_database, vault, clock) as desk:
        desk.phone.numbers["ID.1"] = "+6281200007001"
        besides = {"hello": ("iurannya berapa?",), "regency": ("ubah nama", "Bu Sri")}
        for key, answer in before_the_review(business_name="lewati").items():
            for text in (answer, *besides.get(key, ())):
                assert len(await desk.say("ID.1", text)) == 1, text
        [review] = await desk.say("ID.1", "ubah nama usaha")
        assert review.text
        assert len(await desk.say("ID.1", "Warung Barokah")) == 1
        [done] = await desk.say("ID.1", "kirim")
        assert re.search(r"RK-\w{6}", plain(done))


def test_there_are_templates_for_all_of_these() -> None:
    names = {form.name for form in forms()}
    assert {"rangkul_calon_peserta", "rangkul_ada_kabar"} <= names


async def test_more_choices_than_a_list_has_rows_come_in_pages_and_one_of_a_later_page_counts(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with office(sqlite_database, vault, clock) as desk:
        desk.phone.numbers["ID.1"] = "+6281200007001"
        for text in before_the_review().values():
            await desk.say("ID.1", text)
        [first] = await desk.say("ID.1", "[Ubah]")
        labels = [key.label for row in first.keys for key in row]
        assert len(labels) == 10
        [second] = await desk.say("ID.1", "[Pilihan lain]")
        later = [key.label for row in second.keys for key in row]
        assert not set(labels[:-1]) & set(later)
        assert "Waktu dihubungi" in later
        [asked] = await desk.say("ID.1", "[Waktu dihubungi]")
        assert plain(asked).endswith("Kapan enaknya petugas menghubungi?")
