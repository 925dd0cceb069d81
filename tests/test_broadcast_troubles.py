"""What may go wrong with a broadcast on its way, and what admins are told of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.broadcasts import fields as broadcast_fields
from bot.broadcasts.pump import TRIES
from bot.broadcasts.text import media_of
from bot.outbox.broadcast_files import Files
from bot.serialization import unpack
from conversations.rules.quiet_hours import WIB, Quiet
from storage import tables
from storage.broadcasts import broadcasts
from storage.broadcasts.audience import Audience
from storage.broadcasts.broadcasts import NotNow
from storage.outbox import delivery_status
from storage.outbox.delivery_status import AttemptStatus
from tests.broadcasting import Hall

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

PNG = media_of("poster.png", b"\x89PNG" + bytes(100))


@pytest.fixture
def hall(database: Database, vault: Vault, clock: Clock) -> Hall:
    return Hall(database, vault, clock)


async def test_copies_of_which_nobody_knows_whether_they_arrived_count_as_failures_but_not_those_of_a_crash(
    hall: Hall,
) -> None:
    await hall.people(120)
    strict = hall.ruled(errors=0.2)
    broadcast_id = await strict.begun()
    await strict.claim(60)
    await strict.crash()
    await strict.pump.tick()
    assert await strict.state(broadcast_id) == "running"
    await strict.deliver(await strict.claim(50), "uncertain", "TimeoutError")
    await strict.pump.tick()
    assert await strict.state(broadcast_id) == "halted"


async def test_what_goes_wrong_with_one_broadcast_halts_that_one_and_says_so(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rina_person = await hall.admin("Rina")
    await hall.people(2)
    broken, sound = await hall.draft("Satu {nama}"), await hall.draft("Dua")
    monkeypatch.setattr("bot.broadcasts.fields.of_people", _raises_for_fields(broadcast_fields.of_people))
    for each in (broken, sound):
        await hall.start(each)
    await hall.send_all()
    assert await hall.state(broken) == "running", "what passes is tried again"
    for _ in range(TRIES):
        await hall.pump.tick()
    assert (await hall.state(broken), await hall.state(sound)) == ("halted", "done")
    said = {words for who, words in await hall.notices() if who == rina_person}
    assert any("berhenti sendiri" in words and "kesalahan di sistem kami" in words for words in said)


async def test_a_step_that_fails_is_tried_as_often_as_set_before_its_broadcast_halts(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.people(1)
    monkeypatch.setattr("bot.broadcasts.fields.of_people", _raises_for_fields(broadcast_fields.of_people))
    broken = await hall.draft("Satu {nama}")
    await hall.start(broken)
    for _ in range(TRIES - 1):
        await hall.pump.tick()
    assert await hall.state(broken) == "running"
    await hall.pump.tick()
    assert await hall.state(broken) == "halted"


@pytest.mark.parametrize(("failed", "state"), [(10, "running"), (11, "halted")])
async def test_as_many_failures_as_set_are_borne_and_one_more_halts(hall: Hall, failed: int, state: str) -> None:
    await hall.people(120)
    strict = hall.ruled(errors=0.2)
    broadcast_id = await strict.begun()
    rows = await strict.claim(50)
    await strict.deliver(rows[failed:])
    await strict.deliver(rows[:failed], "failed", "blocked")
    await strict.pump.tick()
    assert await strict.state(broadcast_id) == state


async def test_one_that_is_paused_between_a_look_at_it_and_its_turn_puts_nothing_out(hall: Hall) -> None:
    await hall.people(3)
    broadcast_id = await hall.draft()
    await hall.start(broadcast_id)
    async with hall.database.read() as tx:
        seen = await broadcasts.find(tx, broadcast_id)
    assert seen
    while seen.state != "running":
        await hall.pump._step(seen)
        async with hall.database.read() as tx:
            seen = await broadcasts.find(tx, broadcast_id)
        assert seen
    await hall.does(broadcasts.pause, broadcast_id, hall.clock())
    await hall.pump._step(seen)
    assert await hall.progress(broadcast_id) == {"planned": 3}


def _raises_for_fields(real: Any) -> Any:
    async def of_people(tx: Any, services: Any, ids: Any, role: str, fields: Any) -> Any:
        return 1 / 0 if fields else await real(tx, services, ids, role, fields)

    return of_people


async def test_one_that_was_scheduled_for_few_and_is_for_many_when_its_time_comes_needs_another_admin(
    hall: Hall, clock: Clock
) -> None:
    rina, rina_person = await hall.admin("Rina")
    budi, budi_person = await hall.admin("Budi")
    await hall.people(2)
    big = hall.ruled(approval=3)
    broadcast_id = await big.draft(author=rina)
    assert await big.start(broadcast_id, clock() + timedelta(days=1)) == "scheduled"
    await hall.people(2)
    clock.advance(days=1)
    assert await big.send_all() == 0
    assert await big.state(broadcast_id) == "waiting"
    told = await big.notices()
    assert [who for who, _ in told] == [budi_person, budi_person, rina_person]
    assert "untuk 4 orang menunggu persetujuan" in told[1][1]
    assert "penerimanya sekarang 4 orang" in told[2][1]
    await big.does(broadcasts.approve, broadcast_id, by=f"officer:{budi}", now=clock())
    assert await big.send_all() == 4


async def test_one_whose_time_is_over_is_not_let_go_by_the_way(hall: Hall, clock: Clock) -> None:
    await hall.people(1)
    with pytest.raises(NotNow, match="late"):
        await hall.start(await hall.draft(), clock())


async def test_one_whose_words_are_no_more_is_not_let_go(hall: Hall, clock: Clock) -> None:
    await hall.people(1)
    broadcast_id = await hall.draft()
    clock.advance(days=31)
    await hall.pump.tick()
    with pytest.raises(NotNow, match="purged"):
        await hall.start(broadcast_id)


async def test_officers_sleep_where_they_work(hall: Hall, clock: Clock) -> None:
    officer_id, _ = await hall.admin("Yosef")
    async with hall.database.write() as tx:
        papua = {"officer_id": officer_id, "regency": "91.71"}
        await tx.execute(tables.table(tables.OfficerRegency).insert().values(**papua))
    quiet = hall.ruled(quiet=Quiet(time(20), time(8)))
    clock.now = datetime(2026, 11, 25, 19, tzinfo=WIB)  # 21:00 there
    await quiet.begun("Rapat Jumat", Audience(role="officer"))
    assert await quiet.send_all() == 0
    clock.now = datetime(2026, 11, 26, 6, 30, tzinfo=WIB)
    assert await quiet.send_all() == 1


async def test_the_author_is_told_who_still_waits(hall: Hall) -> None:
    rina, rina_person = await hall.admin("Rina")
    await hall.people(3)
    broadcast_id = await hall.draft(author=rina)
    await hall.start(broadcast_id)
    await hall.pump.tick()
    rows = await hall.claim()
    await hall.deliver(rows[:2])
    async with hall.database.write() as tx:
        a_month = AttemptStatus(rows[2].id, "parked", hall.clock(), due_at=hall.clock() + timedelta(days=30))
        await delivery_status.settle(tx, [a_month])
    await hall.pump.tick()
    [(who, words)] = await hall.notices()
    assert who == rina_person
    assert words.endswith(
        "2 terkirim, 0 gagal atau belum pasti, 0 tidak dikirimi.\n1 orang lagi baru menerimanya kalau mereka menulis."
    )


async def test_copies_that_leave_together_open_their_file_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await hall.people(5)
    broadcast_id = await hall.begun("Lihat poster ini", media=PNG)
    opened: list[int] = []
    real = broadcasts.content

    async def content(tx: Any, vault: Any, which: int) -> Any:
        opened.append(which)
        return await real(tx, vault, which)

    monkeypatch.setattr("storage.broadcasts.broadcasts.content", content)
    files = Files(hall.database, hall.vault)
    found = await asyncio.gather(*(files.with_file(unpack(row.body), broadcast_id) for row in await hall.claim()))
    assert [message.media for message in found] == [PNG] * 5
    assert opened == [broadcast_id]
