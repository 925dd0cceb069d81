"""One unreadable row holds up nobody: what does not open is put aside with its reason, and everything else goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot.channels.base import Inbound
from bot.channels.terminal import ACCOUNT, NAME
from bot.metrics import Gauges
from bot.office.checks import findings
from bot.settings import Settings
from conversations.engine.core import Heard, Press
from storage import tables
from storage.broadcasts import broadcasts
from storage.engine.database import Database
from storage.leads import officers
from storage.outbox import claims
from storage.people import people, sessions
from storage.sealing import unreadable
from storage.sealing.unreadable import Opening
from storage.sealing.vault import Keyring, Vault, VaultError, write_key_file
from tests.broadcasting import Hall
from tests.conftest import Clock
from tests.owners import register
from tests.storage.test_messages import HERE, LEASE, put
from tests.town import Town, plain, town

lead, event, outbox, person, address, conversation, officer, timer = (
    tables.table(each)
    for each in (tables.LeadRow, tables.LeadEvent, tables.Outbox, tables.Person, tables.Address, tables.Conversation,
                 tables.OfficerRow, tables.Timer)
)  # fmt: skip
BROKEN = b"\1" + b"x" * 60  # sealed with a key that is there, and changed since
HALF_A_DAY = timedelta(hours=12)


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """A town with an officer in Surakarta, and a coordinator."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        await found.hire("Rina", "33.72")
        yield found


async def damage(there: Town, column: Any, where: Any) -> Any:
    """Change the sealed values of this column where this is so; what one of them was."""
    async with there.product.database.write() as tx:
        before = (await tx.execute(select(column).where(where).limit(1))).scalar_one()
        await tx.execute(update(column.table).where(where).values({column.name: BROKEN}))
    return before


def told(there: Town, who: str, *words: str) -> int:
    """How many messages of ``who`` hold all of these words."""
    return sum(all(word in plain(message) for word in words) for message in there.told.get(who, ()))


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


# ------------------------------------------------------------------------------------------------ the clock


async def test_a_lead_that_does_not_open_keeps_no_other_from_being_followed_up(there: Town) -> None:
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    await damage(there, lead.c.sealed, lead.c.code == bad)
    for _ in range(16):
        await there.later(HALF_A_DAY)
    assert told(there, "Kris", "belum ditangani", good) == 1
    assert told(there, "Kris", "belum ditangani", bad) == 0


async def test_a_lead_that_opens_and_holds_nonsense_keeps_nobody_either(there: Town, vault: Vault) -> None:
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    async with there.product.database.write() as tx:
        row = (await tx.execute(select(lead.c.id).where(lead.c.code == bad))).scalar_one()
        nonsense = vault.seal("bukan JSON", table="lead", column="sealed", row=row)
        await tx.execute(update(lead).where(lead.c.id == row).values(sealed=nonsense))
    for _ in range(16):
        await there.later(HALF_A_DAY)
    assert told(there, "Kris", "belum ditangani", good) == 1
    async with there.product.database.read() as tx:
        assert await unreadable.counted(tx) == {"lead.sealed": 1}


async def test_a_session_of_no_known_shape_is_its_own_persons_matter_alone(vault: Vault) -> None:
    opening = Opening(vault)
    for held in ({"offered": 7}, {}, ["registration"]):
        sealed = vault.seal_json(held, table="conversation", column="sealed", row=1)
        assert sessions.opened_by(opening, 1, sealed) is None
        with pytest.raises(VaultError, match="no session"):
            sessions.opened(vault, 1, sealed)


async def test_its_next_step_is_looked_at_once_a_day_and_go_on_once_it_opens_again(there: Town, clock: Clock) -> None:
    code = await register(there, "Bejo")
    before = await damage(there, lead.c.sealed, lead.c.code == code)
    for _ in range(16):
        await there.later(HALF_A_DAY)
    async with there.product.database.write() as tx:
        [waiting] = (await tx.execute(select(lead.c.ring_at, lead.c.rung))).all()
        assert clock() < waiting.ring_at <= clock() + timedelta(days=1)
        assert waiting.rung == 0, "no rung of the ladder was taken meanwhile"
        await tx.execute(update(lead).values(sealed=before))
    for _ in range(16):
        await there.later(HALF_A_DAY)
    assert told(there, "Kris", "belum ditangani", code) == 1


async def test_a_lead_that_does_not_open_keeps_nobody_from_what_they_asked_to_be_reminded_of(there: Town) -> None:
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    for code in (bad, good):
        await press(there, "Rina", "take", code)
        await there.say("Rina", f"ingatkan {code} besok jam 9")
    await damage(there, lead.c.sealed, lead.c.code == bad)
    await there.later(timedelta(hours=24))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda", good) == 1


async def test_a_lead_that_does_not_open_keeps_no_officer_from_their_digest(there: Town) -> None:
    await there.hire("Joko", "33.10")
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    for code in (bad, good):
        await press(there, "Rina", "take", code)
    await register(there, "Dewi", regency="Klaten", district="Delanggu")
    await damage(there, lead.c.sealed, lead.c.code == bad)
    await there.later(timedelta(hours=22, minutes=30))
    assert told(there, "Rina", "Ringkasan pagi", "Hari ini: 2") == 1
    assert told(there, "Joko", "Ringkasan pagi") == 1


async def test_a_chat_whose_address_does_not_open_keeps_nobody_else_from_being_told(there: Town) -> None:
    await there.hire("Joko", "33.72")
    code = await register(there, "Siti")
    async with there.product.database.read() as tx:
        joko = (await tx.execute(select(officer.c.person_id).order_by(officer.c.id.desc()).limit(1))).scalar_one()
    await damage(there, address.c.sealed, address.c.person_id == joko)
    for _ in range(6):
        await there.later(HALF_A_DAY)
    assert told(there, "Rina", code, "Nama: Siti") == 3, "the card, and twice again"
    assert told(there, "Joko", code) == 1


# ------------------------------------------------------------------------------------------------ turns


async def test_an_officer_goes_on_working_beside_a_lead_and_a_note_that_do_not_open(there: Town) -> None:
    bad, good = await register(there, "Bejo"), await register(there, "Siti", phone="0812 0000 7002")
    for code in (bad, good):
        await press(there, "Rina", "take", code)
    await press(there, "Rina", "note", good)
    await there.say("Rina", "sudah dihubungi")
    await there.say("Rina", "rumahnya cat biru")
    await damage(there, lead.c.sealed, lead.c.code == bad)
    await damage(there, event.c.note, event.c.note.is_not(None))
    assert good in await there.say("Rina", "/tugas")
    assert "Siti Aminah" in await press(there, "Rina", "show", good)
    assert "tidak ada" in await press(there, "Rina", "show", bad)


async def test_an_owner_one_of_whose_leads_does_not_open_is_answered_and_may_erase_it(there: Town) -> None:
    code = await register(there, "Siti")
    await damage(there, lead.c.sealed, lead.c.code == code)
    await there.say("Siti", "hapus data")
    assert "sudah dihapus" in await there.say("Siti", "[Ya, hapus semua]")
    async with there.product.database.read() as tx:
        assert (await tx.execute(select(lead.c.person_id))).scalar_one() is None


async def test_who_cannot_be_called_by_name_or_number_is_answered_all_the_same(there: Town) -> None:
    code = await register(there, "Siti")
    await press(there, "Rina", "take", code)
    await damage(there, officer.c.name, officer.c.person_id.is_not(None))
    async with there.product.database.write() as tx:
        await tx.execute(update(person).values(phone=BROKEN))
    assert code in await there.say("Rina", "/tugas")
    assert f"{code}" in await there.say("Siti", "status")
    async with there.product.database.read() as tx:
        assert {line.name for line in await officers.listed(tx, there.product.vault)} == {unreadable.NAME}


async def test_a_session_that_does_not_open_undoes_nobody_elses_turn(there: Town) -> None:
    for who in ("Siti", "Joko"):
        await there.say(who, "halo")
    newest = select(func.max(conversation.c.person_id)).scalar_subquery()
    await damage(there, conversation.c.sealed, conversation.c.person_id == newest)
    turns = there.product.writer.turns
    assert turns
    said = [Inbound(NAME, ACCOUNT, f"event {who}", who, Heard(text="ya"), there.clock()) for who in ("Siti", "Joko")]
    inbounds = [turns.waiting(inbound).inbound for inbound in said]
    async with there.product.database.write() as tx:
        written = await turns.run(tx, inbounds, there.clock())
    assert len(written.failed) == 1
    assert len(written.ours) == 2, "an apology, and the next question"


# ------------------------------------------------------------------------------------------------ what is to be sent


@pytest.mark.parametrize("column", [outbox.c.sealed, address.c.sealed])
@pytest.mark.parametrize("bulk", [False, True])
async def test_a_message_that_does_not_open_has_failed_and_the_others_leave(
    database: Database, vault: Vault, clock: Clock, column: Any, bulk: bool
) -> None:
    [bad] = await put(database, vault, clock, "Bejo", "satu", repeatable=not bulk)
    await put(database, vault, clock, "Siti", "dua", repeatable=not bulk)
    async with database.write() as tx:
        chat = select(outbox.c.address_id).where(outbox.c.id == bad).scalar_subquery()
        where = outbox.c.id == bad if column.table is outbox else address.c.id == chat
        await tx.execute(update(column.table).where(where).values({column.name: BROKEN}))
        how: dict[str, Any] = {"owner": "me", "lease": LEASE, "limit": 9}
        rows = (
            await claims.claim_bulk(tx, vault, *HERE[0], clock(), **how)
            if bulk
            else await claims.claim(tx, vault, HERE, clock(), **how)
        )
        assert [row.body for row in rows] == ["dua"]
        failed = (await tx.execute(select(outbox.c.id, outbox.c.reason).where(outbox.c.state == "failed"))).all()
        assert failed == [(bad, claims.UNREADABLE)]


async def test_a_broadcast_reaches_everybody_but_whose_address_does_not_open(
    database: Database, vault: Vault, clock: Clock
) -> None:
    hall = Hall(database, vault, clock)
    first, second, third = await hall.people(3, lead=True)
    async with database.write() as tx:
        await tx.execute(update(address).where(address.c.person_id == first).values(sealed=BROKEN))
        await tx.execute(update(lead).where(lead.c.person_id == second).values(sealed=BROKEN))
    await hall.start(await hall.draft("Halo {nama}"))
    await hall.send_all()
    assert sorted(who for who, _ in hall.arrived) == [second, third]


# ------------------------------------------------------------------------------------------------ how it is known


async def test_what_does_not_open_is_said_once_counted_and_named_until_it_opens_again(
    there: Town, clock: Clock, tmp_path: Any, vault: Vault, database: Database
) -> None:
    code = await register(there, "Bejo")
    gauges = Gauges(database, clock)
    assert "rangkul_unreadable_values{" not in (await gauges.exposition()).decode()
    before = await damage(there, lead.c.sealed, lead.c.code == code)
    with capture_logs() as logs:
        for _ in range(3):
            await there.say("Bejo", "status")
    assert [line["place"] for line in logs if line["event"] == "does not open"] == ["lead.sealed"]
    async with database.read() as tx:
        lead_id = (await tx.execute(select(lead.c.id))).scalar_one()
        assert await unreadable.counted(tx) == {"lead.sealed": 1}
    assert 'rangkul_unreadable_values{place="lead.sealed"} 1.0' in (await Gauges(database, clock).exposition()).decode()
    write_key_file(tmp_path / "key", vault.keyring)
    settings = Settings(database_url=database.url.render_as_string(hide_password=False), key_file=tmp_path / "key")
    found = [each async for each in findings(settings) if each.what.startswith("unreadable")]
    assert [(each.level, str(lead_id) in each.what) for each in found] == [("warning", True)]
    async with database.write() as tx:
        await tx.execute(update(lead).values(sealed=before))
    await there.later(timedelta(hours=1))
    async with database.read() as tx:
        assert await unreadable.counted(tx) == {}


async def test_what_was_erased_is_not_counted_any_more(database: Database, vault: Vault, clock: Clock) -> None:
    ids = [*await put(database, vault, clock, "Siti", "a", "b", "c")]
    async with database.write() as tx:
        opening = Opening(Vault(Keyring.fresh()))
        for row in ids:
            assert opening.json(BROKEN, table="outbox", column="sealed", row=row) is None
        await opening.note(tx)
        await tx.execute(update(outbox).where(outbox.c.id == ids[0]).values(sealed=None))
        await tx.execute(outbox.delete().where(outbox.c.id == ids[1]))
        await tx.execute(update(outbox).where(outbox.c.id == ids[2]).values(sealed=BROKEN))
        after = await unreadable.look_again(tx, vault)
        assert after == ("outbox.sealed", ids[2])
        assert await unreadable.look_again(tx, vault, after) is None
        [(row, why)] = await unreadable.listed(tx, "outbox.sealed", 9)
        assert (row, "outbox.sealed" in why) == (ids[2], True)


async def test_where_nothing_may_be_written_it_is_said_and_read_all_the_same(
    database: Database, vault: Vault, clock: Clock
) -> None:
    await put(database, vault, clock, "Siti", "a")
    async with database.write() as tx:
        await tx.execute(update(address).values(sealed=BROKEN))
    with capture_logs() as logs:
        async with database.read() as tx:
            ids = (await tx.execute(select(person.c.id))).scalars().all()
            assert await people.chats(tx, vault, ids) == {}
    assert [line["place"] for line in logs] == ["address.sealed"]


async def test_a_broadcast_whose_words_do_not_open_counts_as_one_whose_words_are_gone(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    hall = Hall(sqlite_database, vault, clock)
    await hall.people(1)
    draft = await hall.draft("Halo")
    async with sqlite_database.write() as tx:
        await tx.execute(update(tables.table(tables.Broadcast)).values(sealed=BROKEN))
        assert await broadcasts.content(tx, vault, draft) is None
        assert await unreadable.counted(tx) == {"broadcast.sealed": 1}
