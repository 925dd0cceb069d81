"""Broadcasts: everybody who agreed gets one copy, nobody else gets any, and it can be stopped at any moment."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from bot import platforms
from bot.broadcasts import plans as desk
from bot.broadcasts.pump import Pump
from bot.broadcasts.text import BadText, Content, media_of, parse
from bot.mail.mail import Mail
from bot.outbox.broadcast_files import Files
from bot.serialization import unpack
from bot.settings import Settings
from conversations.rules.quiet_hours import WIB, Quiet
from storage import tables
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.audience import Audience, BadAudience
from storage.broadcasts.broadcasts import NotNow
from storage.leads.officers import Roster
from tests.broadcasting import Hall, address, outbox, recipient

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

PNG = media_of("poster.png", b"\x89PNG" + bytes(100))


@pytest.fixture
def hall(database: Database, vault: Vault, clock: Clock) -> Hall:
    return Hall(database, vault, clock)


# ------------------------------------------------------------------------------------------------ whom it reaches


async def test_everybody_who_agreed_gets_one_copy_and_nobody_else_any(hall: Hall) -> None:
    yes = await hall.people(5)
    await hall.people(2, news=False)
    await hall.people(2, news=None)
    await hall.people(2, stopped=True)
    [blocked] = await hall.people(1)
    async with hall.database.write() as tx:
        await tx.execute(update(address).where(address.c.person_id == blocked).values(reachable=False))
    broadcast_id = await hall.begun()
    await hall.send_all()
    assert sorted(who for who, _ in hall.arrived) == yes
    assert await hall.state(broadcast_id) == "done"
    assert await hall.progress(broadcast_id) == {"sent": 5}


async def test_the_count_beforehand_is_exact_and_by_the_channel_that_each_used_last(hall: Hall, clock: Clock) -> None:
    yesterday = clock() - timedelta(days=2)
    await hall.people(3)
    both = await hall.people(2, channel="whatsapp", heard_at=yesterday)
    await hall.people(4, channel="whatsapp")
    async with hall.database.write() as tx:
        await tx.execute(address.insert(), [hall._address(both[0], "telegram", clock())])
    ruled = hall.ruled(daily={"whatsapp": 250}, rates={"telegram": 2.0, "whatsapp": 80.0})
    async with hall.database.read() as tx:
        found = await desk.estimate(tx, ruled.services, Audience(), clock())
    assert (found.by_channel, found.closed) == ({"telegram": 4, "whatsapp": 5}, {"whatsapp": 1})
    assert (found.count, found.seconds, found.days) == (9, 2.0, 0)


async def test_an_audience_is_narrowed_by_what_stands_in_the_clear(hall: Hall) -> None:
    klaten = await hall.people(2, regency="33.10")
    solo = await hall.people(3, regency="33.72")
    campaign = await hall.people(1, campaign="pasar")
    async with hall.database.write() as tx:
        talk = {"person_id": campaign[0], "sealed": b"", "dialogue": "registration", "question": "name",
                "touched_at": hall.clock(), "nudged": 0, "nudge_at": hall.clock() + timedelta(hours=20)}  # fmt: skip
        await tx.execute(tables.table(tables.Conversation).insert().values(**talk))
    await hall.admin("Rina")
    for audience, expected in (
        (Audience(regencies=("33.10",)), klaten),
        (Audience(regencies=("33.10", "33.72"), category="food", status="new"), klaten + solo),
        (Audience(category="retail"), []),
        (Audience(campaign="pasar"), campaign),
        (Audience(unfinished=True), campaign),
    ):
        async with hall.database.read() as tx:
            assert (await desk.estimate(tx, hall.services, audience, hall.clock())).count == len(expected)
    async with hall.database.read() as tx:
        assert (await desk.estimate(tx, hall.services, Audience(role="officer"), hall.clock())).count == 1
    for contradiction in (
        Audience(unfinished=True, status="new"),
        Audience(role="officer", category="food"),
        Audience("x"),
    ):
        with pytest.raises(BadAudience):
            contradiction.checked()


async def test_who_comes_after_its_start_gets_nothing(hall: Hall, clock: Clock) -> None:
    await hall.people(2)
    broadcast_id = await hall.draft()
    await hall.start(broadcast_id)
    clock.advance(seconds=1)
    await hall.people(3)
    await hall.send_all()
    assert await hall.progress(broadcast_id) == {"sent": 2}


async def test_recipients_are_written_down_in_chunks_that_a_crash_cannot_double(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.broadcasts.pump.PEOPLE", 3)
    ids = await hall.people(10)
    broadcast_id = await hall.draft()
    await hall.start(broadcast_id)
    for _ in range(2):
        async with hall.database.read() as tx:
            [plan] = await broadcasts.at_work(tx, hall.clock())
        await hall.pump._step(plan)
        await hall.crash()
    await hall.send_all()
    async with hall.database.read() as tx:
        rows = list(await tx.execute(select(recipient.c.number, recipient.c.person_id).order_by(recipient.c.number)))
        plan_now = await broadcasts.find(tx, broadcast_id)
    assert [tuple(row) for row in rows] == list(enumerate(ids, 1))
    assert plan_now
    assert plan_now.size == 10


# ------------------------------------------------------------------------------------------------ its words


async def test_fields_are_filled_for_each_and_what_fills_them_is_not_read_again(hall: Hall) -> None:
    [siti] = await hall.people(1, regency="33.10")
    [nobody] = await hall.people(1)
    await hall.begun("Halo {nama} dari {usaha} di {kabupaten}: {kode}, {09.00-12.00}")
    await hall.send_all()
    said = dict(hall.arrived)
    assert said[siti].startswith(
        f"Halo Bu Siti {siti % 1000} dari Warung {{nama}} di Kabupaten Klaten: RK-{siti}, {{09.00-12.00}}"
    )
    assert said[nobody].startswith("Halo Bapak/Ibu dari usaha Bapak/Ibu di daerah Bapak/Ibu: (belum ada kode)")
    assert all(text.endswith("Ketik \ue000berhenti\ue001.") for text in said.values())


@pytest.mark.parametrize(
    "text", ["", "  ", "Halo {name}", "x" * 3_501, "🙏" * 1_751, "{nama}" * 59, "{0.__class__}{__class__}"]
)
def test_a_text_that_cannot_be_sent_is_refused_before_anything_is_written(text: str) -> None:
    with pytest.raises(BadText):
        parse(text)


async def test_words_stand_nowhere_in_the_clear_and_go_a_month_after_the_end(hall: Hall, clock: Clock) -> None:
    await hall.people(1)
    broadcast_id = await hall.begun("Rahasia {nama}")
    await hall.send_all()
    async with hall.database.read() as tx:
        for table in (tables.table(tables.Broadcast), outbox, recipient):
            assert "Rahasia" not in repr((await tx.execute(select(table))).all())
    clock.advance(days=31)
    await hall.pump.tick()
    async with hall.database.read() as tx:
        assert await broadcasts.content(tx, hall.vault, broadcast_id) is None


async def test_a_picture_is_kept_once_and_goes_with_every_copy(hall: Hall) -> None:
    await hall.people(2)
    broadcast_id = await hall.begun("Lihat poster ini", media=PNG)
    rows = await hall.claim()
    files = Files(hall.database, hall.vault)
    assert all("p" not in row.body for row in rows)
    for row in rows:
        assert (await files.with_file(unpack(row.body), broadcast_id)).media == PNG


@pytest.mark.parametrize(
    ("name", "size"), [("a.gif", 10), ("a.png", 6 << 20), ("a.pdf", 11 << 20), ("a", 1), ("a.jpg", 0)]
)
def test_a_file_that_some_channel_would_refuse_is_refused_here(name: str, size: int) -> None:
    with pytest.raises(BadText):
        media_of(name, bytes(size))


async def test_a_preview_and_a_copy_to_oneself_are_what_owners_will_get(hall: Hall) -> None:
    _, rina = await hall.admin("Rina")
    content = Content("Halo {nama}", ("register",), PNG)
    [preview] = desk.previews(hall.services, content).values()
    assert (preview.text.split("\n")[0], preview.media) == ("Halo Bu Siti", PNG)
    assert [key.data for row in preview.keys for key in row] == ["command.register=~"]
    async with hall.database.write() as tx:
        mail = Mail(tx, hall.services, hall.clock(), Roster(tx))
        assert await desk.try_out(mail, content, rina)
        assert not await desk.try_out(mail, content, 1)
    assert [unpack(row.body) for row in mail.out] == [preview]


# ------------------------------------------------------------------------------------------------ its way


async def test_pause_takes_back_what_was_not_begun_and_resume_goes_on_where_it_stopped(hall: Hall) -> None:
    ids = await hall.people(8)
    broadcast_id = await hall.begun()
    await hall.deliver(await hall.claim(3))
    await hall.does(broadcasts.pause, broadcast_id, hall.clock())
    assert await hall.claim() == []
    await hall.pump.tick()
    assert await hall.progress(broadcast_id) == {"planned": 5, "sent": 3}
    await hall.does(broadcasts.resume, broadcast_id, hall.clock())
    await hall.send_all()
    assert sorted(who for who, _ in hall.arrived) == ids
    assert await hall.state(broadcast_id) == "done"


async def test_cancel_leaves_what_was_sent_and_nothing_that_waits(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.broadcasts.pump.PEOPLE", 4)
    await hall.people(10)
    broadcast_id = await hall.begun()
    sending = await hall.claim(2)
    await hall.does(broadcasts.cancel, broadcast_id, hall.clock())
    await hall.deliver(sending)
    await hall.pump.tick()
    assert await hall.claim() == []
    assert await hall.progress(broadcast_id) == {"cancelled": 8, "sent": 2}
    with pytest.raises(NotNow):
        await hall.does(broadcasts.resume, broadcast_id, hall.clock())


async def test_it_begins_at_its_time_in_the_zone_that_was_named(hall: Hall, clock: Clock) -> None:
    await hall.people(1)
    broadcast_id = await hall.draft()
    at = desk.when("2026-11-26 09.00 WITA", clock())
    assert at == datetime(2026, 11, 26, 8, tzinfo=WIB)
    assert await hall.start(broadcast_id, at) == "scheduled"
    assert await hall.send_all() == 0
    clock.now = at
    assert await hall.send_all() == 1


@pytest.mark.parametrize("said", ["besok", "2026-11-25 08:00 WIB", "2028-01-01 09:00", "2026-13-01 09:00"])
def test_a_time_that_cannot_be_meant_is_refused(said: str, clock: Clock) -> None:
    with pytest.raises(ValueError, match=r"."):
        desk.when(said, clock())


async def test_more_people_than_set_need_another_admin(hall: Hall) -> None:
    rina, _ = await hall.admin("Rina")
    budi, budi_person = await hall.admin("Budi")
    await hall.people(3)
    big = hall.ruled(approval=2)
    broadcast_id = await big.draft(author=rina)
    assert await big.start(broadcast_id) == "waiting"
    (shown_to, copy), (asked, words) = await big.notices()
    assert shown_to == asked == budi_person
    assert copy.startswith("Halo Bu Siti")
    assert words.startswith('Siaran "Kabar" untuk 3 orang menunggu persetujuan.')
    with pytest.raises(NotNow, match="own"):
        await big.does(broadcasts.approve, broadcast_id, by=f"officer:{rina}", now=hall.clock())
    assert await big.send_all() == 0
    assert await big.does(broadcasts.approve, broadcast_id, by=f"officer:{budi}", now=hall.clock()) == "planning"
    assert await big.send_all() == 3


async def test_what_was_written_at_the_command_line_is_not_approved_there(hall: Hall) -> None:
    await hall.people(3)
    big = hall.ruled(approval=2)
    broadcast_id = await big.draft()
    await big.start(broadcast_id)
    with pytest.raises(NotNow, match="own"):
        await big.does(broadcasts.approve, broadcast_id, by="cli", now=hall.clock())
    await big.does(broadcasts.refuse, broadcast_id, by="officer:7")
    assert await big.state(broadcast_id) == "draft"


async def test_a_broadcast_for_nobody_does_not_start(hall: Hall) -> None:
    with pytest.raises(NotNow, match="nobody"):
        await hall.start(await hall.draft())


async def test_it_halts_itself_when_too_many_fail_and_says_so(hall: Hall) -> None:
    rina, rina_person = await hall.admin("Rina")
    await hall.people(120)
    strict = hall.ruled(errors=0.2)
    broadcast_id = await strict.draft(author=rina)
    await strict.start(broadcast_id)
    await strict.pump.tick()
    rows = await strict.claim(60)
    await strict.deliver(rows[:45])
    await strict.deliver(rows[45:], "failed", "blocked")
    await strict.pump.tick()
    assert await strict.state(broadcast_id) == "halted"
    assert await strict.claim() == []
    [(who, words)] = await strict.notices()
    assert who == rina_person
    assert "15 dari 60 yang terakhir gagal" in words
    strict.clock.advance(minutes=1)
    await strict.does(broadcasts.resume, broadcast_id, strict.clock())
    await strict.send_all()
    assert await strict.progress(broadcast_id) == {"sent": 105, "failed": 15}
    async with strict.database.read() as tx:
        assert ("failed", "blocked", 15) in await recipients.reasons(tx, broadcast_id)


async def test_a_channel_that_refuses_the_broadcast_halts_it_once(hall: Hall) -> None:
    _, rina_person = await hall.admin("Rina")
    await hall.people(3)
    broadcast_id = await hall.begun()
    assert await hall.does(broadcasts.halt, broadcast_id, "template paused", hall.clock())
    assert not await hall.does(broadcasts.halt, broadcast_id, "template paused", hall.clock())
    await hall.pump.tick()
    await hall.pump.tick()
    assert [who for who, _ in await hall.notices()] == [rina_person]
    assert await hall.progress(broadcast_id) == {"planned": 3}


# ------------------------------------------------------------------------------------------------ meanwhile


async def test_whoever_stops_refuses_or_is_erased_meanwhile_gets_nothing_more(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.broadcasts.pump.MOST", 4)
    ids = await hall.people(12)
    broadcast_id = await hall.begun()
    await hall.stop(ids[0])  # has a copy in the outbox
    await hall.erase(ids[1])
    await hall.stop(ids[9])  # is planned
    await hall.refuse(ids[10])
    await hall.erase(ids[11])
    await hall.send_all()
    assert sorted(who for who, _ in hall.arrived) == ids[2:9]
    assert await hall.progress(broadcast_id) == {"sent": 7, "cancelled": 3, "skipped": 2}
    async with hall.database.read() as tx:
        left = set((await tx.execute(select(recipient.c.person_id))).scalars())
        bodies = (await tx.execute(select(outbox.c.sealed).where(outbox.c.person_id.is_(None)))).scalars().all()
    assert not {ids[1], ids[11]} & left
    assert set(bodies) == {None}


async def test_nobody_gets_more_in_a_week_than_set(hall: Hall, clock: Clock) -> None:
    await hall.people(2)
    sparing = hall.ruled(weekly=2)
    for _ in range(3):
        last = await sparing.begun()
        await sparing.send_all()
    assert await sparing.progress(last) == {"skipped": 2}
    clock.advance(days=8)
    await sparing.begun()
    assert await sparing.send_all() == 2


async def test_nothing_leaves_at_night_where_somebody_lives_and_the_rest_goes_on_in_the_morning(
    hall: Hall, clock: Clock
) -> None:
    [papua] = await hall.people(1, regency="91.71")
    klaten = await hall.people(2, regency="33.10")
    quiet = hall.ruled(quiet=Quiet(time(20), time(8), frozenset({"sunday"})))
    clock.now = datetime(2026, 11, 28, 19, 30, tzinfo=WIB)  # Saturday; 21:30 in Papua
    broadcast_id = await quiet.begun()
    assert await quiet.send_all() == 2
    assert {who for who, _ in quiet.arrived} == set(klaten)
    clock.now = datetime(2026, 11, 29, 12, tzinfo=WIB)
    assert await quiet.send_all() == 0
    clock.now = datetime(2026, 11, 30, 6, 30, tzinfo=WIB)  # 08:30 there
    assert await quiet.send_all() == 1
    assert quiet.arrived[-1][0] == papua
    assert await quiet.state(broadcast_id) == "done"


async def test_what_was_put_out_and_not_sent_before_night_waits_for_the_morning(hall: Hall, clock: Clock) -> None:
    await hall.people(3)
    quiet = hall.ruled(quiet=Quiet(time(20), time(8)))
    clock.now = datetime(2026, 11, 25, 19, 59, tzinfo=WIB)
    broadcast_id = await quiet.begun()
    clock.advance(hours=3)
    await quiet.pump.tick()
    assert await quiet.claim() == []
    assert await quiet.progress(broadcast_id) == {"planned": 3}
    clock.advance(hours=10)
    assert await quiet.send_all() == 3


async def test_whatsapp_goes_on_tomorrow_when_todays_budget_is_spent(hall: Hall, clock: Clock) -> None:
    long_ago = clock() - timedelta(days=3)
    await hall.people(5, channel="whatsapp", heard_at=long_ago)
    open_window = await hall.people(2, channel="whatsapp")
    thrifty = hall.ruled(daily={"whatsapp": 2})
    broadcast_id = await thrifty.begun()
    rows = await thrifty.claim(channel="whatsapp")
    await thrifty.deliver(rows)
    async with hall.database.write() as tx:  # as delivery marks what left as a template
        closed = outbox.c.person_id.not_in(open_window)
        await tx.execute(update(outbox).where(outbox.c.state == "sent", closed).values(outside=True))
    assert await thrifty.send_all("whatsapp") == 0
    assert await thrifty.progress(broadcast_id) == {"planned": 3, "sent": 4}
    assert await thrifty.state(broadcast_id) == "running"
    clock.advance(hours=25)
    assert await thrifty.send_all("whatsapp") == 2


async def test_a_crash_while_sending_leaves_a_copy_uncertain_and_never_sends_it_again(hall: Hall) -> None:
    await hall.people(4)
    broadcast_id = await hall.begun()
    await hall.claim(1)
    await hall.crash()
    await hall.send_all()
    assert await hall.progress(broadcast_id) == {"uncertain": 1, "sent": 3}
    assert await hall.state(broadcast_id) == "done"
    assert max(Counter(who for who, _ in hall.arrived).values()) == 1


async def test_the_author_is_told_how_it_ended(hall: Hall) -> None:
    rina, rina_person = await hall.admin("Rina")
    await hall.people(3)
    broadcast_id = await hall.draft(author=rina)
    await hall.start(broadcast_id)
    await hall.pump.tick()
    rows = await hall.claim()
    await hall.deliver(rows[:2])
    await hall.deliver(rows[2:], "failed", "blocked")
    await hall.pump.tick()
    assert await hall.notices() == [
        (rina_person, 'Siaran "Kabar" selesai: 2 terkirim, 1 gagal atau belum pasti, 0 tidak dikirimi.')
    ]


def test_rules_come_from_the_settings() -> None:
    rules = platforms.rules(Settings(_env_file=None), frozenset())
    assert (rules.weekly, rules.approval, rules.daily) == (2, 500, {"whatsapp": 250})
    assert rules.quiet.over(datetime(2026, 11, 25, 21, tzinfo=WIB)) == datetime(2026, 11, 26, 8, tzinfo=WIB)


async def test_a_copy_on_its_way_when_its_person_stops_ends_as_its_receipt_says_and_is_not_tried_again(
    hall: Hall,
) -> None:
    ids = await hall.people(4)
    broadcast_id = await hall.begun()
    on_their_way = {row.person_id: row for row in await hall.claim()}
    for person_id in ids[:3]:
        await hall.stop(person_id)
    await hall.erase(ids[3])
    await hall.deliver([on_their_way[ids[0]], on_their_way[ids[3]]])
    await hall.deliver([on_their_way[ids[1]]], "uncertain")
    await hall.deliver([on_their_way[ids[2]]], "due")
    assert await hall.progress(broadcast_id) == {"sent": 1, "uncertain": 1, "cancelled": 2}
    assert await hall.claim() == []


async def test_a_copy_whose_receipt_comes_after_a_pause_is_not_put_out_again(hall: Hall) -> None:
    ids = await hall.people(3)
    broadcast_id = await hall.begun()
    on_their_way = await hall.claim(1)
    await hall.does(broadcasts.pause, broadcast_id, hall.clock())
    await hall.pump.tick()
    await hall.deliver(on_their_way)
    await hall.does(broadcasts.resume, broadcast_id, hall.clock())
    await hall.send_all()
    assert sorted(who for who, _ in hall.arrived) == ids


async def test_whoever_sends_in_this_process_is_woken_by_new_copies(hall: Hall) -> None:
    woken: list[bool] = []
    hall.pump = Pump(hall.database, hall.services, hall.clock, wake=lambda: woken.append(True))
    await hall.people(1)
    await hall.begun()
    assert woken
