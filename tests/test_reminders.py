"""What is said unasked: to whom, when, how often, and that it does nothing once things have moved on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.rules import Rules
from conversations.engine.core import Heard, Press
from conversations.rules.quiet_hours import Quiet
from storage import tables
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, town

person, lead, outbox = (tables.table(each) for each in (tables.Person, tables.LeadRow, tables.Outbox))
WAITS = "waktu dihubungi yang Bapak/Ibu pilih"
NIGHT = Quiet(time(20), time(8), frozenset({"sunday"}))


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    """A town with an officer in Surakarta."""
    async with town(database, vault, clock) as found:
        await found.hire("Rina", "33.72")
        yield found


def told(there: Town, who: str, words: str) -> int:
    return sum(words in message.text for message in there.told.get(who, ()))


async def reminded(there: Town) -> int:
    """Rows of reminders, sent or not."""
    async with there.product.database.read() as tx:
        found = await tx.execute(select(func.count()).where(outbox.c.kind == "reminder"))
    return int(found.scalar_one())


def rules(there: Town, given: Rules) -> None:
    assert there.product.services
    there.product.services.rules = given


async def agreed(there: Town, who: str, **answers: str) -> str:
    """An owner who registered and said yes to reminders; the code of the lead."""
    code = await register(there, who, **answers)
    await there.say(who, "ya")
    return code


async def press(there: Town, who: str, verb: str, code: str) -> str:
    return await there.does(who, Heard(pressed=Press("lead", verb, code)))


async def active(there: Town, who: str) -> str:
    """An owner who agreed to reminders and whose officer noted the first payment."""
    code = await agreed(there, who, income="[Sampai 1 juta]")
    await there.say("Rina", "[Ambil]")
    for outcome in ("sudah didaftarkan", "[Iuran pertama lunas]"):
        await press(there, "Rina", "note", code)
        await there.say("Rina", outcome)
        await there.say("Rina", "[Tanpa catatan]")
    return code


# ------------------------------------------------------------------------------------------------ unfinished


async def test_nobody_is_reminded_in_quiet_hours_or_on_a_quiet_day(there: Town) -> None:
    """Wednesday nine o'clock and 21 hours: six in the morning."""
    rules(there, Rules(quiet=NIGHT))
    await register(there, "Siti", upto="regency")
    await there.later(timedelta(hours=21))
    assert told(there, "Siti", "Mau dilanjutkan?") == 0
    await there.later(timedelta(hours=2))
    assert told(there, "Siti", "Mau dilanjutkan?") == 1
    await there.later(timedelta(days=3, hours=1))
    assert told(there, "Siti", "Mau dilanjutkan?") == 1, "that is a Sunday"
    await there.later(timedelta(days=1))
    assert told(there, "Siti", "Mau dilanjutkan?") == 2


async def test_quiet_hours_are_those_of_the_place_where_the_business_is(there: Town) -> None:
    """Nine o'clock in Jakarta and 20 hours are seven in Papua, where it is morning two hours earlier."""
    rules(there, Rules(quiet=NIGHT))
    await register(there, "Siti", upto="name")
    await there.say("Siti", "Kota Jayapura")
    await there.say("Siti", "[Simpan dulu]")
    await there.later(timedelta(hours=20, minutes=1))
    assert told(there, "Siti", "Mau dilanjutkan?") == 0
    await there.later(timedelta(hours=1))
    assert told(there, "Siti", "Mau dilanjutkan?") == 1, "six in the morning in Jakarta"


async def test_nobody_is_reminded_more_often_in_a_week_than_is_allowed(there: Town) -> None:
    rules(there, Rules(weekly=1))
    await register(there, "Siti", upto="regency")
    await there.later(timedelta(hours=21))
    await there.later(timedelta(days=4))
    assert told(there, "Siti", "Mau dilanjutkan?") == 1
    await there.later(timedelta(days=4))
    assert told(there, "Siti", "Mau dilanjutkan?") == 2


async def test_the_buttons_of_a_reminder_begin_a_turn_and_the_session_is_as_it_was(there: Town) -> None:
    await register(there, "Siti", upto="regency")
    await there.later(timedelta(hours=21))
    assert "Selamat datang lagi" in await there.say("Siti", "[Lanjutkan]")


# ------------------------------------------------------------------------------------------------ appointments


async def test_the_day_that_an_owner_named_is_reminded_of_the_day_before_to_them_and_their_officer(there: Town) -> None:
    code = await agreed(there, "Siti", contact_time="Jumat jam 2 siang")
    await there.say("Rina", "[Ambil]")
    await there.later(timedelta(days=1, hours=6))
    assert told(there, "Siti", "waktu dihubungi yang Bapak/Ibu pilih") == 0
    await there.later(timedelta(hours=1))
    assert "27 November 2026 (Siang, jam 14:00)" in there.last("Siti")
    assert code in there.last("Siti")
    assert "Petugas: Rina" in there.last("Siti")
    assert told(there, "Rina", "waktu dihubungi yang dipilih pemilik") == 1
    assert "Kapan enaknya petugas menghubungi?" in await there.say("Siti", "[Ganti waktu]")


async def test_where_the_day_before_is_quiet_it_is_reminded_of_that_morning_or_on_the_last_day_that_is_not(
    there: Town,
) -> None:
    """Friday to Sunday: a call on Monday at one is reminded of on Monday at eight, one at eight on Saturday at four."""
    rules(there, Rules(quiet=NIGHT))
    await agreed(there, "Siti", contact_time="Senin jam 1 siang")
    await agreed(there, "Joko", contact_time="Senin jam 8 pagi", phone="0812 0000 7002")
    await there.later(timedelta(days=3, hours=6))
    assert (told(there, "Siti", WAITS), told(there, "Joko", WAITS)) == (0, 0)
    await there.later(timedelta(hours=2))
    assert (told(there, "Siti", WAITS), told(there, "Joko", WAITS)) == (0, 1)
    await there.later(timedelta(days=1))
    assert told(there, "Siti", WAITS) == 0, "Sunday"
    await there.later(timedelta(hours=16))
    assert (told(there, "Siti", WAITS), told(there, "Joko", WAITS)) == (1, 1)


async def test_a_day_that_was_changed_or_an_owner_who_was_reached_is_not_reminded_of(there: Town) -> None:
    code = await agreed(there, "Siti", contact_time="Jumat jam 2 siang")
    for said in ("ubah waktu dihubungi", "Senin pagi", "kirim"):
        await there.say("Siti", said)
    await there.later(timedelta(days=1, hours=8))
    assert told(there, "Siti", "waktu dihubungi yang") == 0
    await there.say("Rina", "[Ambil]")
    await press(there, "Rina", "note", code)
    await there.say("Rina", "sudah dihubungi")
    await there.say("Rina", "[Tanpa catatan]")
    await there.later(timedelta(days=3))
    assert told(there, "Siti", "waktu dihubungi yang") == 0


# ------------------------------------------------------------------------------------------------ contributions


async def test_an_active_participant_is_reminded_of_every_month_with_their_own_amount(there: Town) -> None:
    await active(there, "Siti")
    await there.later(timedelta(days=14))
    assert told(there, "Siti", "pengingat iuran") == 0
    await there.later(timedelta(days=2))
    assert told(there, "Siti", "pengingat iuran BPJS Ketenagakerjaan bulan Desember 2026") == 1
    assert "perkiraan Rp" in there.last("Siti")
    await there.later(timedelta(days=1))
    assert told(there, "Siti", "pengingat iuran") == 1
    assert "Alfamart" in await there.say("Siti", "[Cara bayar]")
    await there.later(timedelta(days=30))
    assert await reminded(there) == 2


@pytest.mark.parametrize("how", ["berhenti", "news", "closed"])
async def test_who_stopped_or_did_not_agree_or_is_active_no_more_is_not_reminded_of_contributions(
    there: Town, how: str
) -> None:
    await active(there, "Siti")
    if how == "berhenti":
        await there.say("Siti", "berhenti")
    async with there.product.database.write() as tx:
        if how == "news":
            await tx.execute(update(person).values(news=None))
        if how == "closed":
            await tx.execute(update(lead).values(status="declined"))
    await there.later(timedelta(days=20))
    assert told(there, "Siti", "pengingat iuran") == 0


async def test_a_month_that_went_by_while_the_server_was_off_is_not_made_up_for(there: Town) -> None:
    await active(there, "Siti")
    await there.later(timedelta(days=40))
    assert await reminded(there) == 0
    await there.later(timedelta(days=7))
    assert await reminded(there) == 1


# ------------------------------------------------------------------------------------------------ promises


async def test_an_officer_is_shown_a_lead_again_when_they_asked_to_be(there: Town) -> None:
    await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    assert "26 Nov, 09.00 WIB" in await there.say("Rina", "ingatkan besok jam 9")
    cards = told(there, "Rina", "Indikasi, petugas yang memastikan")
    await there.later(timedelta(hours=23))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda") == 0
    await there.later(timedelta(hours=1))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda") == 1
    assert told(there, "Rina", "Indikasi, petugas yang memastikan") == cards, "a line, and no owner's name"
    assert await there.say("Rina", f"[{there.labels('Rina')[0]}]") != ""
    assert told(there, "Rina", "Indikasi, petugas yang memastikan") == cards + 1, "the card by its button"
    await there.later(timedelta(days=2))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda") == 1


async def test_after_no_answer_the_outcome_is_kept_at_once_with_a_next_step_that_a_button_changes(
    there: Town,
) -> None:
    code = await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    await press(there, "Rina", "note", code)
    await there.say("Rina", "[Belum tersambung]")
    assert "coba hubungi lagi, 26 Nov, 08.00" in there.last("Rina")
    assert "dicoba dihubungi, belum tersambung" in await there.say("Siti", "status")
    assert "diingatkan kapan" in await there.say("Rina", "[Ubah waktunya]")
    assert code in await there.say("Rina", "[2 jam lagi]")
    await there.later(timedelta(hours=2, minutes=1))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda") == 1


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("ingatkan 2 jam lagi", "25 Nov, 11."),
        ("tolong ingatkan 5 menit lagi", "25 Nov, 09.0"),
        ("ingatkan saya setengah jam lagi ya", "25 Nov, 09.3"),
        ("ingatkan nanti sore", "25 Nov, 16.00"),
        ("ingatkan lusa jam 10 WITA", "27 Nov, 10.00 WITA"),
        ("ingatkan minggu depan", "30 Nov, 09.00"),
        ("ingatkan rabu minggu depan jam 2 siang ya", "2 Des, 14.00"),
        ("ingatkan mgg dpn sore", "30 Nov, 16.00"),
        ("ingatkan seminggu lagi", "2 Des, 09.0"),
    ],
)
async def test_a_promise_may_be_hours_from_now_later_today_or_next_week(there: Town, said: str, at: str) -> None:
    await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    assert f"kami tampilkan lagi {at}" in await there.say("Rina", said)


async def test_three_hours_are_not_taken_for_the_button_of_two(there: Town) -> None:
    await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    assert "Mau diingatkan kapan?" in await there.say("Rina", "ingatkan")
    assert "25 Nov, 12." in await there.say("Rina", "3 jam lagi")


@pytest.mark.parametrize("moved", ["noted", "libur", "erased"])
async def test_a_promise_does_nothing_once_its_lead_has_moved_on(there: Town, moved: str) -> None:
    await there.hire("Joko", "33.72")
    code = await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    await there.say("Rina", "ingatkan besok jam 9")
    if moved == "noted":
        await press(there, "Rina", "note", code)
        await there.say("Rina", "berminat")
        await there.say("Rina", "[Tanpa catatan]")
    if moved == "libur":
        await there.say("Rina", "/libur")
    if moved == "erased":
        await there.say("Siti", "hapus data")
        await there.say("Siti", "ya")
    await there.later(timedelta(days=2))
    assert told(there, "Rina", "waktunya: sesuai pengingat Anda") == 0


@pytest.mark.parametrize(("said", "off"), [("sabtu jam 9", True), ("jumat jam 20", True), ("minggu depan", False)])
async def test_a_moment_outside_working_hours_is_read_back_as_such(there: Town, said: str, off: bool) -> None:
    await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    assert ("di luar jam kerja" in await there.say("Rina", f"ingatkan {said}")) == off


async def test_of_several_leads_it_is_asked_which_and_what_was_said_of_the_time_is_kept(there: Town) -> None:
    first = await agreed(there, "Siti")
    await there.say("Rina", "[Ambil]")
    second = await agreed(there, "Joko", phone="0812 0000 7002")
    await there.say("Rina", "[Ambil]")
    assert "soal yang mana" in await there.say("Rina", "tolong ingatkan besok jam 9")
    assert {first, second} <= set(there.labels("Rina"))
    assert f"{second} kami tampilkan lagi 26 Nov, 09.00 WIB" in await there.say("Rina", f"[{second}]")
    assert f"{first} kami tampilkan lagi" in await there.say("Rina", f"ingatkan {first} Jumat jam 10")
    assert "Mau diingatkan kapan?" in await there.say("Rina", f"ingatkan {first}")


async def test_ingatkan_is_an_officers_word_only(there: Town) -> None:
    await agreed(there, "Siti")
    assert "tampilkan lagi" not in await there.say("Siti", "ingatkan besok jam 9")
