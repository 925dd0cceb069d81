"""One person on two channels: when two are one, when they never are, and what becomes of what they told us."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update

from conversations.engine.core import Heard
from conversations.rules.next_step import CALL, NextStep
from storage import tables
from storage.engine.database import Database
from storage.leads import leads, officers
from storage.people import audit
from storage.sealing.vault import Vault
from storage.whole_person import account_linking
from tests.conftest import Clock
from tests.linking import NUMBER, two
from tests.owners import register, said_by_question

person, lead, conversation, officer, address, joining = (
    tables.table(model)
    for model in (
        *(tables.Person, tables.LeadRow, tables.Conversation, tables.OfficerRow, tables.Address, tables.Joining),
    )
)


# ------------------------------------------------------------------------------------------------ by a number


async def test_who_shared_their_number_on_telegram_and_writes_from_it_on_whatsapp_is_one_person(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        place.whatsapp.numbers["ID.1"] = NUMBER
        said = await place.on(place.whatsapp, "ID.1", "status")
        assert said.startswith("Bapak/Ibu sudah kami kenal lewat Telegram; datanya kami satukan.")
        assert "RK-" in said, "what they asked for is answered in the same message"
        assert len(place.whatsapp.told["ID.1"]) == 1
        assert "tersambung dengan WhatsApp" in place.telegram.last("siti"), "the other chat is told"
        assert await place.people() == 1


async def test_the_order_in_which_they_show_the_number_makes_no_difference(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.registered(place.whatsapp, "ID.1")
        await place.registered(place.telegram, "siti")
        assert await place.people() == 1
        said = await place.on(place.telegram, "siti", "status")
        assert len(set(re.findall(r"RK-\w+", said))) == 2, "no lead is lost"


async def test_a_number_that_was_typed_or_belongs_to_somebody_else_joins_nobody(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.registered(place.whatsapp, "ID.1")
        await place.on(place.telegram, "asing", *said_by_question(phone=NUMBER).values())
        await place.shares(place.telegram, "asing", NUMBER, own=False)
        assert await place.people() == 2
        said = await place.on(place.telegram, "asing", "status")
        assert len(set(re.findall(r"RK-\w+", said))) == 1


async def test_an_identity_number_shared_as_a_phone_joins_nobody_for_masked_they_all_look_alike(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        for who, digits in (("Siti", "3372011203000001"), ("Joko", "3372011203000002")):
            await place.on(place.telegram, who, "halo")
            await place.shares(place.telegram, who, digits)
        assert await place.people() == 2


async def test_what_either_agreed_to_is_proven_for_the_one_they_are(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.on(place.whatsapp, "ID.1", "halo", "ya")
        await place.registered(place.telegram, "siti")
        assert await place.people() == 1
        async with database.read() as tx:
            people = set((await tx.execute(select(person.c.id))).scalars())
            proofs = set((await tx.execute(select(audit.consent.c.pseudonym))).scalars())
        assert proofs == {vault.pseudonym(each) for each in people}


async def test_a_number_shown_long_ago_proves_nothing_for_it_may_be_somebody_elses_by_now(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        clock.advance(seconds=timedelta(days=31).total_seconds())
        await place.on(place.telegram, "siti", "halo")  # still there, but the number was not shown again
        place.whatsapp.numbers["ID.1"] = NUMBER
        said = await place.on(place.whatsapp, "ID.1", "status")
        assert "satukan" not in said
        assert await place.people() == 2


async def test_whoever_writes_on_keeps_their_number_fresh(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.registered(place.whatsapp, "ID.1")
        for _ in range(4):
            clock.advance(seconds=timedelta(days=20).total_seconds())
            await place.on(place.whatsapp, "ID.1", "halo")
        await place.registered(place.telegram, "siti")
        assert await place.people() == 1


# ------------------------------------------------------------------------------------------------ by a code


async def test_a_code_given_in_one_chat_and_typed_in_the_other_joins_them_once(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        code = await place.code(place.telegram, "siti")
        said = await place.on(place.whatsapp, "ID.9", code.lower())
        assert "dari chat Telegram" in said, "it is asked once more, and says whose it is"
        assert "(nomornya berakhir 001)" in said
        assert "Siti" not in said
        assert await place.people() == 2
        said = await place.on(place.whatsapp, "ID.9", "[Ya, milik saya]")
        assert "datanya kami satukan" in said
        assert await place.people() == 1
        assert "RK-" in await place.on(place.whatsapp, "ID.9", "status")
        assert "tidak berlaku" in await place.on(place.whatsapp, "ID.10", code), "it is used up"
        assert await place.people() == 2


async def test_an_old_code_and_too_many_wrong_ones_join_nobody(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        code = await place.code(place.telegram, "siti", asking="gabungkan")
        clock.advance(seconds=31 * 60)
        assert "tidak berlaku" in await place.on(place.whatsapp, "ID.1", code)
        code = await place.code(place.telegram, "siti", asking="gabungkan")
        for number in range(5):
            await place.on(place.whatsapp, "ID.2", f"SB-2222222{number + 2}")
        assert "tidak berlaku" in await place.on(place.whatsapp, "ID.2", code)
        assert await place.people() == 3


async def test_two_codes_side_by_side_are_no_number_of_sixteen_digits(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.on(place.whatsapp, "ID.2", "halo")
        for code in ("SB-22222226", "SB-D246YEDY", "SB-Q664YM6Q"):  # S, B, D, Q look like 5, 8 and 0
            assert "tidak berlaku" in await place.on(place.whatsapp, "ID.2", code)


async def test_ones_own_code_typed_in_the_same_chat_does_nothing(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        code = await place.code(place.telegram, "siti")
        assert "bukan di sini" in await place.on(place.telegram, "siti", code)


# ------------------------------------------------------------------------------------------------ what becomes of them


async def test_the_open_registration_goes_on_where_it_was_on_either_channel(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.on(place.telegram, "siti", "halo", "[Ya, boleh]", "Bu Siti", "Laweyan, Solo")
        code = await place.code(place.telegram, "siti")
        said = await place.joins(place.whatsapp, "ID.1", code)
        assert said.endswith("Usahanya apa?")
        assert "Baik, warung makan" in await place.on(place.whatsapp, "ID.1", "warung makan")


async def test_no_wins_over_yes_and_stop_over_go_on(database: Database, vault: Vault, clock: Clock) -> None:
    async with two(database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        clock.advance(seconds=60)
        place.whatsapp.numbers["ID.1"] = "+6281200007009"
        await place.on(place.whatsapp, "ID.1", "halo")
        async with database.write() as tx:
            first, second = (await tx.execute(select(person.c.id).order_by(person.c.id))).scalars()
            await tx.execute(update(person).where(person.c.id == first).values(news=True, stopped=False, may_call=None))
            await tx.execute(
                update(person).where(person.c.id == second).values(news=False, stopped=True, may_call=True)
            )
            assert await account_linking.merge(tx, vault, second, first, "code", clock()) == first
            row = (await tx.execute(select(person))).one()
        assert (row.news, row.stopped, row.may_call) == (False, True, True)
        opened = vault.open(row.phone, table="person", column="phone", row=first)
        assert opened == "+6281200007009", "the number that was shown last"


async def test_an_officer_is_made_one_with_nobody_by_whatever_code_or_number_and_the_coordinator_hears_of_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        there = place.there
        await there.hire("Kris", role="coordinator")
        await there.hire("Bima", role="admin")
        stranger = await place.code(place.telegram, "asing")
        said = await there.say("Bima", stranger)
        assert "tidak bisa disambungkan" in said
        assert "Bima" in there.last("Kris"), "the coordinator is told"
        assert "SB-" not in await there.say("Bima", "sambungkan"), "nor is an officer given a code"
        assert "Siaran" not in await place.on(place.telegram, "asing", "/siaran")
        await place.shares(place.telegram, "asing", NUMBER)
        place.whatsapp.numbers["ID.1"] = NUMBER
        async with database.write() as tx:
            invited = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=clock())
        await place.on(place.whatsapp, "ID.2", invited, "[Ya, saya]")
        place.whatsapp.numbers["ID.2"] = NUMBER
        await place.on(place.whatsapp, "ID.2", "halo")
        assert "tugas terbuka" not in await place.on(place.telegram, "asing", "/tugas")
        async with database.read() as tx:
            bound = set((await tx.execute(select(officer.c.person_id))).scalars())
            ours = (await tx.execute(select(address.c.person_id).where(address.c.person_id.in_(bound)))).scalars()
            assert len(list(ours)) == 3, "one chat each"


async def test_a_chat_that_was_joined_with_ones_own_before_is_no_officers_chat_after_an_invitation(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(database, vault, clock) as place:
        await place.there.hire("Kris", role="coordinator")
        stranger = await place.code(place.telegram, "asing")
        assert "satukan" in await place.joins(place.whatsapp, "ID.1", stranger)
        async with database.write() as tx:
            invited = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=clock())
        said = await place.on(place.whatsapp, "ID.1", invited)
        assert "untuk Rina sebagai petugas" in said, "an invitation is asked once more too"
        assert "Rina" not in place.there.last("Kris")
        assert "kodenya diketik" in await place.on(place.telegram, "asing", "ya"), "nobody says yes for another chat"
        assert "Rina" not in place.there.last("Kris")
        await place.on(place.whatsapp, "ID.1", invited, "[Ya, saya]")
        assert "Rina baru saja masuk sebagai petugas" in place.there.last("Kris")
        assert "tugas terbuka" in await place.on(place.whatsapp, "ID.1", "/tugas")
        assert "tugas terbuka" not in await place.on(place.telegram, "asing", "/tugas")
        before = len(place.telegram.told["asing"])
        await register(place.there, "Siti")
        assert len(place.telegram.told["asing"]) == before, "no card goes there"


async def test_who_says_that_the_other_chat_is_not_theirs_is_joined_with_nobody(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        code = await place.code(place.whatsapp, "asing")
        assert "tidak disambungkan" in await place.on(place.telegram, "siti", code, "bukan")
        assert await place.people() == 2


async def test_coordinators_hear_of_an_officer_who_has_another_number(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.there.hire("Kris", role="coordinator")
        async with sqlite_database.write() as tx:
            invited = await officers.invite(tx, vault, name="Rina", role="officer", regencies=("33.72",), now=clock())
        await place.on(place.whatsapp, "ID.1", invited, "[Ya, saya]")
        await place.whatsapp.bring("ID.2", Heard(), reach="moved", was="ID.1")
        await place.there.quiet()
        assert "Rina sekarang memakai nomor WhatsApp lain" in place.there.last("Kris")
        assert "tugas terbuka" in await place.on(place.whatsapp, "ID.2", "/tugas")


# ------------------------------------------------------------------------------------------------ parted again


@pytest.mark.parametrize("asks", ["siti", "asing"])
@pytest.mark.parametrize("first", ["siti", "asing"])
async def test_who_was_talked_into_it_is_parted_again_by_a_word_and_each_has_what_was_theirs(
    sqlite_database: Database, vault: Vault, clock: Clock, asks: str, first: str
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        if first == "asing":
            await place.on(place.whatsapp, "ID.1", "halo")
            clock.advance(seconds=1)
        await place.registered(place.telegram, "siti")
        await place.there.quiet()
        clock.advance(seconds=1)
        stranger = await place.code(place.whatsapp, "ID.1")
        await place.joins(place.telegram, "siti", stranger)
        told = place.whatsapp.last("ID.1") + place.telegram.last("siti")
        assert told.count("*pisahkan*") + told.count("pisahkan") >= 2, "both are told how to undo it"
        assert "RK-" in await place.on(place.whatsapp, "ID.1", "status")
        said = await (
            place.on(place.telegram, "siti", "pisahkan")
            if asks == "siti"
            else place.on(place.whatsapp, "ID.1", "pisahkan")
        )
        assert "Sudah dipisahkan" in said
        assert await place.people() == 2
        assert "RK-" not in await place.on(place.whatsapp, "ID.1", "status")
        assert "RK-" in await place.on(place.telegram, "siti", "status")
        assert "Tidak ada sambungan" in await place.on(place.telegram, "siti", "pisahkan")
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.on(place.whatsapp, "ID.1", "halo")
        await place.shares(place.telegram, "siti", NUMBER)
        assert await place.people() == 2, "and no number joins them again"


async def test_a_joining_is_undone_for_thirty_days_and_then_nothing_of_it_is_kept(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        await place.joins(place.whatsapp, "ID.1", await place.code(place.telegram, "siti"))
        await place.there.later(timedelta(days=31))
        assert "Tidak ada sambungan" in await place.on(place.whatsapp, "ID.1", "pisahkan")
        async with sqlite_database.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(joining))).scalar_one() == 0


async def test_of_several_joinings_the_latest_is_undone_first(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        for who in ("ID.1", "ID.2"):
            await place.joins(place.whatsapp, who, await place.code(place.telegram, "siti"))
        assert await place.people() == 1
        await place.on(place.telegram, "siti", "pisahkan")
        assert "RK-" not in await place.on(place.whatsapp, "ID.2", "status")
        assert "RK-" in await place.on(place.whatsapp, "ID.1", "status")
        await place.on(place.telegram, "siti", "pisahkan")
        assert await place.people() == 3


async def test_an_erasure_after_a_parting_is_that_of_who_asked_for_it_alone(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        await place.joins(place.whatsapp, "ID.1", await place.code(place.telegram, "siti"))
        await place.on(place.telegram, "siti", "pisahkan", "hapus data", "ya")
        async with sqlite_database.read() as tx:
            erased = await tx.execute(select(audit.audit.c.subject).where(audit.audit.c.act == "erased:asked"))
            assert len(set(erased.scalars())) == 1


async def test_an_erasure_after_it_is_listed_for_both_so_that_no_older_backup_brings_one_back(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        async with sqlite_database.read() as tx:
            before = {vault.pseudonym(one) for one in (await tx.execute(select(person.c.id))).scalars()}
        place.whatsapp.numbers["ID.1"] = "+6281200007009"
        await place.on(place.whatsapp, "ID.1", "halo")
        async with sqlite_database.read() as tx:
            both = {vault.pseudonym(one) for one in (await tx.execute(select(person.c.id))).scalars()}
        assert before < both
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.on(place.whatsapp, "ID.1", "hapus data", "ya")
        async with sqlite_database.read() as tx:
            found = await tx.execute(select(audit.audit.c.subject).where(audit.audit.c.act == "erased:asked"))
            assert set(found.scalars()) == both
        assert await place.people() == 0


async def test_who_types_a_code_and_shows_a_number_at_once_is_joined_by_both(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.shares(place.telegram, "siti", NUMBER)
        code = await place.code(place.telegram, "budi")
        place.whatsapp.numbers["ID.1"] = NUMBER
        assert "satukan" in await place.on(place.whatsapp, "ID.1", code)
        await place.on(place.whatsapp, "ID.1", "[Ya, milik saya]")
        assert await place.people() == 1


@pytest.mark.parametrize("seed", range(4))
async def test_in_whatever_order_people_are_joined_no_lead_is_lost_and_no_session_is_left_over(
    database: Database, vault: Vault, clock: Clock, seed: int
) -> None:
    chance = Random(seed)
    async with two(database, vault, clock) as place:
        await place.on(place.telegram, "siti", "halo")
        for number in range(4):
            await place.on(place.whatsapp, f"ID.{number}", "halo", *(["[Ya, boleh]"] if chance.random() < 0.5 else []))
        async with database.write() as tx:
            everyone = list((await tx.execute(select(person.c.id))).scalars())
            for each in everyone:
                for _ in range(chance.randrange(1, 3)):
                    code = place.there.product.services.fresh()
                    _, rows = leads.rows(
                        tx, vault, person_id=each, code=code, answers={"name": {"name": "X", "title": ""}},
                        step=NextStep(clock(), CALL), kind="", estimate={}, channel="", campaign="", now=clock(),
                    )  # fmt: skip
                    for table, some in rows.items():
                        if some:
                            await tx.execute(table.insert(), some)
            count = select(func.count()).select_from(lead).where(lead.c.person_id.is_not(None))
            before = (await tx.execute(count)).scalar_one()
            while len(everyone) > 1:
                one, other = chance.sample(everyone, 2)
                kept = await account_linking.merge(tx, vault, one, other, "phone", clock())
                assert kept == min(one, other)
                everyone.remove(max(one, other))
            assert (await tx.execute(count)).scalar_one() == before
            owners = set((await tx.execute(select(lead.c.person_id))).scalars()) - {None}
            assert owners <= set(everyone)
            assert list((await tx.execute(select(conversation.c.person_id))).scalars()) == everyone
        assert "RK-" in await place.on(place.telegram, "siti", "status")


async def test_what_of_the_other_does_not_open_keeps_nobody_from_being_joined(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        async with sqlite_database.write() as tx:
            for column in (person.c.phone, conversation.c.sealed):
                await tx.execute(update(column.table).values({column.name: b"\1" + b"x" * 60}))
        place.whatsapp.numbers["ID.1"] = NUMBER
        await place.on(place.whatsapp, "ID.1", "status")
        assert await place.people() == 1
