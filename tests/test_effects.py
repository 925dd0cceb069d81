"""What the product does for owners and officers: consent, leads and their cards, erasure, and who may do what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.now import WIB
from conversations.dialogues.book import BOOK
from conversations.engine.core import Heard, Lines, Press, Scene, Text, Toast
from conversations.engine.effects import ChangeLead
from storage import tables
from storage.engine.database import Database
from storage.leads import leads, officers
from storage.people import audit
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.soundness import kept
from tests.town import Town, plain, town

lead, outbox, inbox, person, address, conversation, timer = (
    tables.table(each)
    for each in (tables.LeadRow, tables.Outbox, tables.Inbox, tables.Person, tables.Address, tables.Conversation,
                 tables.Timer)
)  # fmt: skip


async def rows(database: Database, table: Any) -> Sequence[Any]:
    async with database.read() as tx:
        return (await tx.execute(select(table).order_by(*table.primary_key))).all()


async def acts(database: Database) -> list[str]:
    return [f"{row.actor.partition(':')[0]} {row.act}" for row in await rows(database, audit.audit)]


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


# ------------------------------------------------------------------------------------------------ consent


async def test_consent_is_written_down_before_the_first_personal_question(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        assert await rows(database, audit.consent) == []
        assert "kami panggil siapa" in await there.say("Siti", "ya")
        [row] = await rows(database, audit.consent)
        assert (row.purpose, row.given, row.channel) == ("data", True, "terminal")
        assert row.at == clock()
        assert row.pseudonym == vault.pseudonym((await kept(database, vault)).people["Siti"])


@pytest.mark.parametrize("said", [("tidak",), ("ya", "Siti Aminah", "batal")])
async def test_a_refusal_and_a_cancelled_registration_keep_nothing_but_a_pseudonym(
    database: Database, vault: Vault, clock: Clock, said: tuple[str, ...]
) -> None:
    async with town(database, vault, clock) as there:
        await there.say("Siti", "halo")
        for each in said:
            await there.say("Siti", each)
        for table in (person, address, conversation):
            assert await rows(database, table) == []
        for row in (*await rows(database, inbox), *await rows(database, outbox)):
            assert row.sealed is None
            assert row.person_id is None
        assert any(act.startswith("person erased:") for act in await acts(database))


async def test_news_are_asked_for_apart_and_only_a_yes_counts(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        for who, answer in (("Siti", "ya"), ("Joko", "tidak")):
            await register(there, who)
            await there.say(who, answer)
        assert [row.news for row in await rows(sqlite_database, person)] == [True, False]
        news = [row.given for row in await rows(sqlite_database, audit.consent) if row.purpose == "news"]
        assert news == [True, False]


# ------------------------------------------------------------------------------------------------ whose lead it is


async def test_a_turn_that_would_change_somebody_elses_lead_fails_and_changes_nothing(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    """No dialogue does so; should a faulty release, the row is asked once more whose it is."""

    def of_siti(scene: Scene) -> tuple[Any, ...]:
        return (ChangeLead(code, "new", {**scene.answers, "name": {"name": "Joko"}}, "", {}, Lines()), Toast(Text("x")))

    async with town(sqlite_database, vault, clock) as there:
        code = await register(there, "Siti")
        await register(there, "Joko", upto="phone")
        before = await rows(sqlite_database, lead)
        faulty = replace(BOOK["registration"], finish=of_siti)
        there.product.writer.turns.book = {**BOOK, "registration": faulty}
        with capture_logs() as logs:
            assert "ada gangguan" in await there.say("Joko", "[Kirim]")
        assert ("turn failed", "Stale") in [(log["event"], log.get("error")) for log in logs]
        assert await rows(sqlite_database, lead) == before
        there.product.writer.turns.book = BOOK
        assert "Siti" in await there.say("Siti", "lihat data")


# ------------------------------------------------------------------------------------------------ erasure


async def test_hapus_data_leaves_of_a_person_only_counts_and_an_audit_line_with_a_pseudonym(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Joko", "33.72")
        code = await register(there, "Siti")
        siti = (await kept(database, vault)).people["Siti"]
        await there.say("Rina", "[Ambil]")
        await there.say("Rina", "[Catat hasil]")
        await there.say("Rina", "berminat")
        await there.say("Rina", "rumahnya cat biru")
        await there.say("Siti", "hapus data")
        await there.say("Siti", "ya")

        for officer in ("Rina", "Joko"):
            edit = there.told[officer][-1]
            assert edit.edits
            assert code in edit.text
            assert "dihapus atas permintaan" in edit.text
        found = await kept(database, vault)
        assert found.people.keys() == {"Rina", "Joko"}
        assert not [text for text in found.texts if "Siti Aminah" in text or "7001" in text or "cat biru" in text]
        [row] = await rows(database, lead)
        assert (row.status, row.person_id, row.regency) == ("withdrawn", None, "33.72")
        assert await rows(database, timer) == []
        [line] = [each for each in await rows(database, audit.audit) if each.act.startswith("erased")]
        assert (line.actor, line.subject) == ("person", vault.pseudonym(siti))

        assert "tidak ada" in await press(there, "Rina", "note", code)
        assert "Rangkul" in await there.say("Siti", "halo"), "and they may begin anew"


async def test_an_officer_who_erases_what_they_sent_as_an_owner_stays_an_officer(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Rina", hello="daftar")
        await there.say("Rina", "hapus data")
        await there.say("Rina", "ya")
        assert (await rows(database, lead))[0].person_id is None
        await register(there, "Siti")
        assert "RK-" in there.last("Rina")


# ------------------------------------------------------------------------------------------------ whom a card reaches


async def test_a_lead_goes_to_the_officers_of_its_regency_else_to_coordinators_else_to_admins_else_it_waits(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        code = await register(there, "Siti")
        await there.hire("Ana", role="admin")
        assert code in there.last("Ana"), "it waited for the first"

        async def told_of(new: str) -> set[str]:
            code = await register(there, new)
            return {who for who, messages in there.told.items() if any(f"{code}" in m.text for m in messages)} - {new}

        assert await told_of("Sri") == {"Ana"}
        await there.hire("Citra", role="coordinator")
        assert await told_of("Tini") == {"Citra"}
        await there.hire("Agus", "33.10")
        assert await told_of("Tuti") == {"Citra"}
        await there.hire("Rina", "33.72")
        await there.hire("Joko", "33.10", "33.72")
        assert await told_of("Wati") == {"Rina", "Joko"}
        await there.say("Rina", "/libur")
        assert await told_of("Yani") == {"Joko"}
        await there.say("Joko", "/libur")
        assert await told_of("Yuni") == {"Citra"}
        await there.say("Rina", "/masuk")
        assert await told_of("Yeni") == {"Rina"}


async def test_nobody_is_offered_their_own_lead(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Joko", "33.72")
        code = await register(there, "Rina", hello="daftar")
        assert "Ambil" not in there.labels("Rina")
        await press(there, "Rina", "take", code)
        assert (await rows(database, lead))[0].officer_id is None
        assert code in there.last("Joko")


async def test_a_lead_changed_after_it_was_taken_its_officer_is_told_what_changed(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Joko", "33.72")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Rina", "[Ambil]")
        joko = len(there.told["Joko"])
        await there.say("Siti", "ubah nama")
        await there.say("Siti", "Sri Rejeki")
        await there.say("Siti", "[Kirim]")
        told = [message.text for message in there.told["Rina"]]
        assert any(
            code in text and "berubah" in text and "Siti Aminah" in text and "Sri Rejeki" in text for text in told
        )
        assert any(m.edits and "Sri Rejeki" in m.text for m in there.told["Rina"])
        assert not any("Sri Rejeki" in message.text for message in there.told["Joko"][joko:])


async def test_a_free_lead_that_moves_is_offered_where_it_lies_now(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await there.hire("Agus", "33.10")
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        await there.say("Siti", "ubah kota")
        for said in ("Klaten", "Delanggu", "[Kirim]"):
            await there.say("Siti", said)
        assert "Siti Aminah" in there.last("Agus")
        assert "Siti Aminah" not in there.last("Rina")
        await there.say("Agus", "[Ambil]")
        assert code in there.last("Agus")
        assert (await rows(database, lead))[0].status == "taken"


# ------------------------------------------------------------------------------------------------ officers


async def invited(there: Town, name: str = "Rina", *regencies: str) -> str:
    async with there.product.database.write() as tx:
        vault = there.product.services.vault
        return await officers.invite(
            tx, vault, name=name, role="officer", regencies=regencies or ("33.72",), now=there.clock()
        )


async def test_a_code_binds_once(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        code = await invited(there)
        assert "Rina" in await there.say("Rina", f" {code.lower()} ")
        assert [line.bound for line in await listed(database, vault)] == [False], "it is asked once more"
        assert "Selamat datang, Rina" in await there.say("Rina", "[Ya, saya]")
        assert "Rina" not in await there.say("Joko", code)
        assert [line.bound for line in await listed(database, vault)] == [True]
        assert (await kept(database, vault)).people["Rina"]


async def listed(database: Database, vault: Vault) -> list[officers.OfficerLine]:
    async with database.read() as tx:
        return await officers.listed(tx, vault)


async def test_an_admin_is_told_of_broadcasts_and_nobody_else(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        for who, role in (("Dewi", "admin"), ("Citra", "coordinator")):
            await there.hire(who, role=role)
        assert plain(there.told["Dewi"][1]).endswith("Ketik /siaran.")
        assert there.last("Citra").endswith("Ketik /tugas kapan saja.")


async def test_of_two_who_send_the_same_code_at_once_one_is_bound(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        code = await invited(there)
        for said in (code, "[Ya, saya]"):
            await asyncio.gather(there.terminal.say("Rina", said), there.terminal.say("Joko", said))
            await there.quiet()
        welcomed = [who for who in ("Rina", "Joko") if "Halo Rina" in there.last(who) or "Selamat" in there.last(who)]
        async with database.read() as tx:
            bound = (await tx.execute(select(officers.officer.c.person_id))).scalar_one()
        people = (await kept(database, vault)).people
        assert [people[who] for who in welcomed] == [bound], [there.last(w) for w in ("Rina", "Joko")]


async def test_a_code_expires_after_a_week(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        code = await invited(there)
        await there.say("Joko", code)
        clock.advance(days=7)
        await there.say("Rina", code)
        assert "tidak berlaku" in await there.say("Joko", "[Ya, saya]"), "though it was good when it was sent"
        assert [line.bound for line in await listed(database, vault)] == [False]


async def test_who_guesses_five_times_is_not_listened_to_any_more(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        code = await invited(there)
        for _ in range(5):
            await there.say("Joko", "PTG-AAAAAAAAAA")
        await there.say("Joko", code)
        assert [line.bound for line in await listed(database, vault)] == [False]
        await there.say("Rina", code)
        await there.say("Rina", "[Ya, saya]")
        assert [line.bound for line in await listed(database, vault)] == [True]


async def test_a_removed_officer_is_cut_off_at_once(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        [line] = await listed(database, vault)
        async with database.write() as tx:
            assert await officers.remove(tx, line.id, clock())
            assert not await officers.remove(tx, line.id, clock())
        told = len(there.told["Rina"])
        for verb in ("show", "note", "take"):
            await press(there, "Rina", verb, code)
        await there.say("Rina", "/tugas")
        assert not any("Siti Aminah" in message.text for message in there.told["Rina"][told:])


async def test_an_officer_with_a_new_code_keeps_their_leads(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        await there.say("Rina", await invited(there, "Rina Wati", "33.72", "33.10"))
        await there.say("Rina", "ya")
        assert code in await there.say("Rina", "/tugas")
        assert [(each.name, each.open_leads) for each in await listed(database, vault)] == [("Rina Wati", 1)]


async def test_what_an_officer_has_open_is_counted_as_they_see_it(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        assert [line.open_leads for line in await listed(database, vault)] == [1]
        await there.say("Siti", "hapus data")
        await there.say("Siti", "ya")
        assert [line.open_leads for line in await listed(database, vault)] == [0], "/tugas shows none"


async def test_a_phone_is_an_officers_from_its_code_until_they_are_removed(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async def officers_phone() -> bool:
        async with database.read() as tx:
            return await officers.is_one(tx, vault, Where(there.terminal.name, there.terminal.account, "Rina"))

    async with town(database, vault, clock) as there:
        await there.say("Rina", "halo")
        assert not await officers_phone()
        await there.hire("Rina", "33.72")
        assert await officers_phone()
        [line] = await listed(database, vault)
        async with database.write() as tx:
            await officers.remove(tx, line.id, clock())
        assert not await officers_phone()


# ------------------------------------------------------------------------------------------------ roles and actions

LOCAL, ABOVE, OTHERS = ("holder", "colleague"), ("coordinator", "admin"), ("elsewhere", "stranger", "owner")
MAY: dict[str, tuple[str, ...]] = {
    "take": (*LOCAL, *ABOVE),
    "show": (*LOCAL, *ABOVE),
    "note": ("holder",),
    "tasks": ("holder",),
    "libur": (*LOCAL, *ABOVE, "elsewhere"),
    "delete": ("owner",),
}


async def does(there: Town, who: str, action: str, code: str) -> str:
    """All that this person is told by this action."""
    told = len(there.told[who])
    if action in ("take", "show", "note"):
        await press(there, who, action, code)
    else:
        await there.say(who, {"tasks": "/tugas", "libur": "/libur", "delete": "hapus data"}[action])
    if action == "delete":
        await there.say(who, "ya")
    return "\n".join(message.text for message in there.told[who][told:])


@pytest.mark.parametrize("action", MAY)
async def test_who_may_do_what(sqlite_database: Database, vault: Vault, clock: Clock, action: str) -> None:
    """Roles and actions as one table: ``MAY`` says who may; whoever may not neither does it nor learns anything."""
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("holder", "33.72")
        await there.hire("colleague", "33.72")
        await there.hire("elsewhere", "33.10")
        await there.hire("coordinator", role="coordinator")
        await there.hire("admin", role="admin")
        first = await register(there, "owner")
        await there.say("owner", "tidak")
        await there.say("stranger", "halo")
        roles = (*LOCAL, *ABOVE, *OTHERS)
        for role, code in zip(roles, await more_leads(there, first, len(roles)), strict=True):
            if action in ("note", "tasks", "delete"):
                await press(there, "holder", "take", code)
            before = await state(sqlite_database, vault, role, code)
            text = await does(there, role, action, code)
            may, after = role in MAY[action], await state(sqlite_database, vault, role, code)
            clock.advance(minutes=1)
            assert (before != after) == (may and action not in ("note", "tasks")), (role, before, after)
            assert ("Siti Aminah" in text) == (may and action in ("show", "note", "tasks")), (role, text)


async def state(database: Database, vault: Vault, role: str, code: str) -> Any:
    """All that one of these actions may change."""
    found = [(row.status, row.officer_id, row.person_id) for row in await rows(database, lead) if row.code == code]
    looked = (await acts(database)).count("officer looked")
    return found, looked, [line.absent for line in await listed(database, vault) if line.name == role]


async def test_an_outcome_is_kept_as_history_and_moves_the_status(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await there.say("Rina", "[Ambil]")
        for outcome, note, status in (
            ("[Belum tersambung]", "tidak diangkat", "unreached"),
            ("berminat", "mau Senin", "interested"),
            ("lainnya", "titip salam", "interested"),
            ("tidak berminat", "[Tanpa catatan]", "declined"),
        ):
            await press(there, "Rina", "note", code)
            await there.say("Rina", outcome)
            await there.say("Rina", note)
            assert (await rows(database, lead))[0].status == status
        async with database.read() as tx:
            _, found = (await leads.by_code(tx, vault, [code]))[code]
        assert [(v.outcome, v.note) for v in found.history] == [
            ("unreached", "tidak diangkat"), ("interested", "mau Senin"), ("other", "titip salam"), ("declined", ""),
        ]  # fmt: skip
        [row] = await rows(database, lead)
        assert row.erase_at == clock() + timedelta(days=90)
        assert row.erase_at.astimezone(WIB).tzinfo
