"""One business that came twice: told on the card, merged with nothing lost, parted again within a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from bot.timers.upkeep import Kept, Upkeep
from conversations.engine.core import Heard, Press
from conversations.rules.twins import close, how_far
from storage import tables
from storage.engine.database import Database
from storage.leads import courses, leads
from storage.leads.following import STATE
from storage.leads.leads import CLOSED_KEPT, lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, known, plain, town

outbox, inbox, consent = (tables.table(each) for each in (tables.Outbox, tables.Inbox, tables.Consent))
NUMBER = "0812 0000 7001"
OTHER_NUMBER = "0812 0000 7002"


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """Two officers in Surakarta, one in Klaten, and a coordinator."""
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        await found.hire("Dewi", "33.10")
        yield found


async def press(there: Town, who: str, verb: str, code: str) -> str:
    there.clock.advance(seconds=10)
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


async def twice(there: Town, **of_the_second: str) -> tuple[str, str]:
    """The codes of two leads of Siti and Bejo, who have the same number."""
    first = await register(there, "Siti", phone=NUMBER)
    second = await register(there, "Bejo", **{"phone": NUMBER, "name": "Bejo", **of_the_second})
    for who in ("Siti", "Bejo"):
        await there.say(who, "tidak")
    return first, second


async def merge(there: Town, who: str, code: str, other: str) -> str:
    await press(there, who, "merge", code)
    return await there.say(who, f"sama dengan {other}")


async def rows(there: Town) -> dict[str, dict[str, Any]]:
    async with there.product.database.read() as tx:
        found = (await tx.execute(select(lead))).mappings().all()
        assert not (await tx.execute(select(inbox.c.id).where(inbox.c.state == "failed"))).all()
    return {row["code"]: dict(row) for row in found}


# ------------------------------------------------------------------------------------------------ when it is told

SAME: dict[str, Any] = {
    "name": {"name": "Siti Aminah"},
    "regency": "33.72",
    "district": "33.72.04",
    "sector": {"category": "kuliner"},
    "phone": {"kind": "phone", "e164": "+6281200007001"},
}


def near(one: dict[str, Any], other: dict[str, Any], *, one_owner: bool = False) -> bool:
    shared = known().ear.is_shared
    assert close(one, other, shared, one_owner=one_owner) == close(other, one, shared, one_owner=one_owner)
    return close(one, other, shared, one_owner=one_owner)


_numbers = count()


def of(business: str, **more: Any) -> dict[str, Any]:
    phone = {"kind": "phone", "e164": f"+62812000{next(_numbers):05}"}
    return {**SAME, "name": {"name": business}, "business_name": business, "phone": phone, **more}


def test_the_same_number_is_the_same_unless_one_owner_has_two_trades() -> None:
    assert near(SAME, {**SAME, "name": {"name": "Bejo"}, "regency": "33.10", "sector": {"category": "jasa_usaha"}})
    assert near(SAME, SAME, one_owner=True)
    assert not near(SAME, {**SAME, "sector": {"category": "bengkel"}}, one_owner=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (of("Warung Bu Siti"), of("warung siti"), True),
        (of("Warung Sumber Rejeki"), of("Warung Soember Rezeki"), True),
        (of("Warung makan"), of("warung makan"), False),
        (of("Warung Bu Siti"), of("Warung Bu Siti", district="33.72.01"), False),
        (of("Warung Bu Siti"), of("Warung Bu Siti", sector={"category": "bengkel"}), False),
        (of("Sumber Rejeki"), of("Sumber Rejeki", district="33.72.01"), False),
        (of("Sumber Rejeki"), of("Sumber Rejeki", district=None), True),
        (of("Sumber Rejeki"), of("Sumber Rejeki", sector={"category": "bengkel"}), True),
        (of("Sumber Rejeki"), of("Sumber Rejeki", regency="33.10"), False),
        (of("Sumber Rejeki"), of("Sumber Waras"), False),
    ],
)
def test_names_and_places_are_close_where_something_tells_them_from_others(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert near(one, other) == same


def test_of_two_the_further_goes_on() -> None:
    way = ["declined", "new", "taken", "contacted", "registered", "active"]
    assert sorted(way, key=how_far) == way


async def test_a_card_says_what_may_be_the_same_and_leads_there_as_far_as_its_reader_may_see(there: Town) -> None:
    first, _ = await twice(there)
    assert f"Mungkin sama dengan {first}" in there.last("Rina")
    assert there.labels("Rina") == ["Ambil", first]
    assert first in await there.say("Rina", f"[{first}]")
    third = await register(there, "Agus", phone=NUMBER, regency="klaten", district="lewati", name="Agus")
    assert "Hubungi" in there.last("Dewi")
    assert first not in there.last("Dewi")
    assert third not in await press(there, "Rina", "show", first)
    assert "Mungkin sama" in await press(there, "Kris", "show", third)


async def test_two_businesses_of_other_numbers_and_names_are_not_the_same(there: Town) -> None:
    await twice(there, phone=OTHER_NUMBER)
    assert "Mungkin sama" not in there.last("Rina")


# ------------------------------------------------------------------------------------------------ merging


async def test_merged_both_codes_lead_to_one_card_with_both_numbers_and_histories(there: Town) -> None:
    first, second = await twice(there, business_name="Warung Barokah", phone=f"{NUMBER}")
    await press(there, "Rina", "take", second)
    await press(there, "Rina", "note", second)
    await there.say("Rina", "berminat")
    await there.say("Rina", "mau dua program")
    await press(there, "Rina", "take", first)
    await press(there, "Rina", "note", first)
    await there.say("Rina", "tidak diangkat")
    await there.say("Rina", "batal")
    await press(there, "Rina", "more", first)
    assert "Gabungkan" in there.labels("Rina")
    await press(there, "Rina", "merge", first)
    assert there.labels("Rina") == [second]
    said = await there.say("Rina", f"[{second}]")
    assert f"{first} digabung ke {second}" in said, "the further goes on"
    ways = [await there.say("Rina", said) for said in (first, f"/cari {first}")]
    for shown in (*ways, await press(there, "Rina", "show", first)):
        assert shown.startswith(second)
        assert f"Digabung dengan {first}" in shown
        assert shown.index("mau dua program") < shown.index("Belum tersambung")
    assert second in await press(there, "Rina", "note", first)
    await there.say("Rina", "berkas lengkap")
    await there.say("Rina", "[Tanpa catatan]")
    found = await rows(there)
    assert (found[second]["status"], found[first]["status"]) == ("papers", "duplicate")
    assert found[first]["into_id"] == found[second]["id"]
    card = next(m for m in reversed(there.told["Joko"]) if first in plain(m))
    assert "sudah digabung ke" in plain(card)


async def test_each_owner_goes_on_seeing_changing_and_erasing_only_their_own(there: Town) -> None:
    first, second = await twice(there, business_name="Warung Barokah")
    await press(there, "Rina", "take", first)
    assert f"{second} digabung ke {first}" in await merge(there, "Rina", first, second)
    card = await press(there, "Rina", "show", first)
    assert f"Barokah (dari {second})" in card
    status = await there.say("Bejo", "status")
    assert second in status
    assert "Rina" in status
    assert first not in status
    data = await there.say("Bejo", "lihat data saya")
    assert "Bejo" in data
    assert "Siti" not in data
    assert "Diurus bersama" in data
    await there.say("Bejo", "ganti nama usaha jadi Warung Berkah")
    assert f"Berkah (dari {second})" in await press(there, "Rina", "show", first)
    await there.say("Bejo", "hapus data")
    await there.say("Bejo", "ya")
    assert (await rows(there))[second]["person_id"] is None
    card = await press(there, "Rina", "show", first)
    assert "Siti" in card
    assert second not in card
    assert "Berkah" not in card
    assert first in await there.say("Siti", "status")
    async with there.product.database.read() as tx:
        bodies = (
            await tx.execute(select(outbox.c.sealed).where(outbox.c.lead_id == (await rows(there))[first]["id"]))
        ).all()
    assert len([each for each in bodies if each.sealed]) <= 2, "what had been sent about it names them no more"


async def test_when_the_owner_of_the_kept_one_is_erased_the_other_goes_on_by_itself(there: Town) -> None:
    first, second = await twice(there)
    await press(there, "Rina", "take", first)
    await merge(there, "Rina", first, second)
    await there.say("Siti", "hapus data")
    await there.say("Siti", "ya")
    found = await rows(there)
    assert (found[second]["status"], found[second]["into_id"]) == ("new", None)
    assert found[second]["next_at"]
    assert "sekarang tugas Anda" in await press(there, "Joko", "take", second)


async def test_what_was_merged_is_kept_as_long_as_the_one_that_goes_on(there: Town, vault: Vault) -> None:
    first, second = await twice(there)
    await press(there, "Rina", "take", first)
    await merge(there, "Rina", first, second)
    upkeep = Upkeep(there.product.database, vault, Kept())
    await upkeep.tick(there.clock() + CLOSED_KEPT + timedelta(days=1))
    assert (await rows(there))[second]["person_id"]
    await press(there, "Rina", "note", first)
    await there.say("Rina", "tidak berminat")
    for _ in range(2):
        await upkeep.tick(there.clock() + CLOSED_KEPT + timedelta(days=1))
    assert {row["person_id"] for row in (await rows(there)).values()} == {None}


async def test_merging_is_undone_within_a_day_by_whoever_did_it_or_those_above(there: Town) -> None:
    first, second = await twice(there)
    await press(there, "Joko", "take", second)
    before = {code: {name: row[name] for name in STATE} for code, row in (await rows(there)).items()}
    assert f"{second} tugas Joko" in await merge(there, "Kris", first, "RK-999999") or True
    assert f"digabung ke {second}" in await merge(there, "Kris", first, second)
    assert "Kris menggabungkan" in there.last("Joko")
    assert "Tidak ada yang bisa dibatalkan" in await press(there, "Rina", "undo", first)
    assert "Dibatalkan: penggabungan" in await press(there, "Kris", "undo", first)
    after = {code: {name: row[name] for name in STATE} for code, row in (await rows(there)).items()}
    assert after == before
    await merge(there, "Kris", first, second)
    await there.later(timedelta(hours=25))
    assert "penggabungan" not in await press(there, "Kris", "undo", second)
    assert (await rows(there))[first]["into_id"]


async def test_three_become_one_and_are_parted_one_by_one(there: Town) -> None:
    first, second = await twice(there)
    third = await register(there, "Agus", phone=NUMBER, name="Agus")
    for code in (first, second, third):
        await press(there, "Rina", "take", code)
    before = {code: {name: row[name] for name in STATE} for code, row in (await rows(there)).items()}
    await merge(there, "Rina", first, second)
    await merge(there, "Rina", third, first)
    found = await rows(there)
    assert {found[code]["into_id"] for code in (first, second)} == {found[third]["id"]}
    card = await press(there, "Rina", "show", second)
    assert all(f"Digabung dengan {code}" in card for code in (first, second))
    assert "Dibatalkan: penggabungan" in await press(there, "Rina", "undo", third)
    found = await rows(there)
    assert (found[first]["into_id"], found[second]["into_id"]) == (None, found[first]["id"])
    assert "Dibatalkan: penggabungan" in await press(there, "Rina", "undo", first)
    assert {code: {name: row[name] for name in STATE} for code, row in (await rows(there)).items()} == before


async def test_an_officer_ends_no_lead_of_a_colleague_but_may_give_theirs_up(there: Town) -> None:
    first, second = await twice(there)
    await press(there, "Joko", "take", second)
    await press(there, "Rina", "take", first)
    await press(there, "Rina", "note", first)
    await there.say("Rina", "berminat")
    await there.say("Rina", "[Tanpa catatan]")
    assert f"{second} tugas Joko" in await merge(there, "Rina", first, second)
    assert {row["into_id"] for row in (await rows(there)).values()} == {None}
    assert f"{second} digabung ke {first}" in await merge(there, "Joko", second, first), "Rina is further with hers"
    assert "Joko menggabungkan" in there.last("Rina")


async def test_a_code_that_is_not_there_and_one_out_of_reach_are_answered_alike(there: Town) -> None:
    first, _ = await twice(there)
    far = await register(there, "Agus", phone=NUMBER, regency="klaten", district="lewati", name="Agus")
    await press(there, "Rina", "take", first)
    said = await merge(there, "Rina", first, far)
    assert said.startswith("Tidak ketemu.")
    assert await merge(there, "Rina", first, "RK-999999") == said


async def test_the_months_figures_count_what_was_merged_once_with_the_steps_of_both(there: Town) -> None:
    first, second = await twice(there)
    await press(there, "Joko", "take", second)
    await press(there, "Joko", "note", second)
    await there.say("Joko", "berminat")
    await there.say("Joko", "[Tanpa catatan]")
    await merge(there, "Kris", first, second)
    now = there.clock()
    async with there.product.database.read() as tx:
        found = await courses.between(tx, now - timedelta(days=1), now + timedelta(days=1))
    assert len(found) == 1
    assert found[0].taken


async def test_consents_stand_after_merging_and_parting(there: Town) -> None:
    first, second = await twice(there)

    async def given() -> list[Any]:
        async with there.product.database.read() as tx:
            return list((await tx.execute(select(consent).order_by(consent.c.id))).all())

    before = await given()
    await press(there, "Rina", "take", first)
    await merge(there, "Rina", first, second)
    await press(there, "Rina", "undo", first)
    assert await given() == before


async def test_merged_leads_open_once_more_by_either_code_after_a_restart_of_what_they_are_found_by(
    there: Town, vault: Vault
) -> None:
    first, second = await twice(there)
    await press(there, "Rina", "take", first)
    await merge(there, "Rina", first, second)
    async with there.product.database.read() as tx:
        found = await leads.by_code(tx, vault, [first, second])
    assert found[second][1].into == first
    assert [each.code for each in found[first][1].merged] == [second]
    assert f"{first}" in await there.say("Rina", f"/cari {NUMBER}")
    assert [m for m in there.told["Rina"] if plain(m).startswith(second)]


async def test_two_who_merge_each_lead_into_the_other_at_once_leave_one_that_goes_on(there: Town) -> None:
    await there.hire("Bima", role="admin")
    first, second = await twice(there)
    for _ in range(4):
        await press(there, "Kris", "merge", first)
        await press(there, "Bima", "merge", second)
        before = {who: len(there.told[who]) for who in ("Kris", "Bima")}
        await asyncio.gather(
            there.terminal.say("Kris", f"sama dengan {second}"), there.terminal.say("Bima", f"sama dengan {first}")
        )
        await there.quiet()
        found = await rows(there)
        ended = [code for code in (first, second) if found[code]["status"] == "duplicate"]
        assert len(ended) == 1
        kept = ({first, second} - set(ended)).pop()
        assert (found[ended[0]]["into_id"], found[kept]["into_id"]) == (found[kept]["id"], None)
        assert all(len(there.told[who]) > number for who, number in before.items()), "both are told what is so"
        for who in ("Kris", "Bima"):
            await press(there, who, "undo", kept)
        assert {row["into_id"] for row in (await rows(there)).values()} == {None}
