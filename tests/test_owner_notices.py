"""An owner hears of their lead without asking: who took it and by when, a meeting, and is asked whether somebody called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from conversations.engine.core import Heard, Press
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.town import Town, plain, town


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(database, vault, clock) as found:
        await found.hire("Kris", role="coordinator")
        await found.hire("Rina", "33.72")
        yield found


async def taken(there: Town, **answers: str) -> str:
    code = await register(there, "Siti", **answers)
    await there.say("Siti", "ya")
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    return code


async def noted(there: Town, code: str, *said: str) -> None:
    await there.does("Rina", Heard(pressed=Press("lead", "note", code)))
    for each in said:
        await there.say("Rina", each)


def new(there: Town, who: str, since: int) -> str:
    return "\n".join(plain(message) for message in there.told.get(who, ())[since:])


async def test_the_owner_is_told_who_took_their_lead_and_by_when(there: Town) -> None:
    code = await taken(there)
    said = there.last("Siti")
    assert "dihubungi Rina, paling lambat Kamis, 26 November 2026" in said
    assert code in said


async def test_a_chosen_day_is_said_as_it_was_chosen_and_one_without_an_office_is_not_promised(there: Town) -> None:
    await taken(there, contact_time="Jumat jam 1 siang")
    assert "Jumat, 27 November 2026" in there.last("Siti")
    code = await register(there, "Bejo", contact_time="Minggu jam 9 pagi", phone="0812 0000 7002")
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    assert "Minggu" not in there.last("Bejo")


async def test_who_wants_no_messages_is_not_told(there: Town) -> None:
    code = await register(there, "Siti")
    for said in ("berhenti", "[Jangan menelepon]"):
        await there.say("Siti", said)
    before = len(there.told["Siti"])
    await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
    assert new(there, "Siti", before) == ""


async def test_a_meeting_is_reminded_of_the_afternoon_before_and_one_that_was_put_off_only_once(there: Town) -> None:
    code = await taken(there)
    await noted(there, code, "janji jumat jam 10", "[Tanpa catatan]")
    before = len(there.told["Siti"])
    await there.say("Rina", f"ingatkan {code} senin jam 9")
    await noted(there, code, "janji temu", "senin jam 10", "[Tanpa catatan]")
    for _ in range(12):
        await there.later(timedelta(hours=12))
    assert new(there, "Siti", before).count("Pengingat: janji temu dengan Rina") == 1
    assert "30 Nov, 10.00" in new(there, "Siti", before)


async def test_after_three_days_the_owner_is_asked_whether_somebody_called_and_a_no_goes_to_those_above(
    there: Town,
) -> None:
    code = await taken(there)
    await noted(there, code, "sudah dihubungi", "[Tanpa catatan]")
    siti, kris, rina = (len(there.told[who]) for who in ("Siti", "Kris", "Rina"))
    for _ in range(8):
        await there.later(timedelta(hours=12))
    assert new(there, "Siti", siti).count(f"{code}: apakah Rina sudah menghubungi") == 1
    assert "sampaikan ke petugas dan koordinatornya" in await there.say("Siti", "[Belum dihubungi]")
    for who, since in (("Kris", kris), ("Rina", rina)):
        assert new(there, who, since).count("bilang belum dihubungi") == 1
    assert "Syukurlah" in await there.say("Siti", "sudah dihubungi")


async def test_who_was_not_called_yet_has_been_told_so_and_is_not_asked_as_well(there: Town) -> None:
    await taken(there)
    before = len(there.told["Siti"])
    for _ in range(12):
        await there.later(timedelta(hours=12))
    assert "apakah Rina" not in new(there, "Siti", before)


async def test_an_owner_is_asked_once_of_each_officer_and_never_once_they_have_answered(there: Town) -> None:
    code = await taken(there)
    await noted(there, code, "sudah dihubungi", "[Tanpa catatan]")
    before = len(there.told["Siti"])
    for days in (4, 4):
        await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
        await there.does("Rina", Heard(pressed=Press("lead", "take", code)))
        await noted(there, code, "berminat", "[Tanpa catatan]")
        for _ in range(days):
            await there.later(timedelta(days=1))
    assert new(there, "Siti", before).count("apakah Rina sudah menghubungi") == 1
    await there.say("Siti", "sudah dihubungi")
    await there.hire("Joko", "33.72")
    await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
    await there.does("Joko", Heard(pressed=Press("lead", "take", code)))
    await there.say("Joko", f"catat {code}")
    for _ in range(5):
        await there.later(timedelta(days=1))
    assert "apakah Joko" not in new(there, "Siti", before)


async def test_an_owner_is_not_told_the_same_again_where_the_same_officer_takes_the_lead_anew(there: Town) -> None:
    code = await taken(there)
    await there.hire("Joko", "33.72")
    before = len(there.told["Siti"])
    for gives, takes in (("Rina", "Rina"), ("Rina", "Joko"), ("Joko", "Rina")):
        await there.does(gives, Heard(pressed=Press("lead", "release", code)))
        await there.does(takes, Heard(pressed=Press("lead", "take", code)))
    told = [line for line in new(there, "Siti", before).split("\n") if "akan dihubungi" in line]
    assert [line.split()[3].rstrip(",") for line in told] == ["Joko", "Rina"]


async def test_nobody_is_asked_of_an_officer_where_none_has_the_lead(there: Town) -> None:
    code = await taken(there)
    await noted(there, code, "sudah dihubungi", "[Tanpa catatan]")
    await there.does("Rina", Heard(pressed=Press("lead", "release", code)))
    before = len(there.told["Siti"])
    for _ in range(5):
        await there.later(timedelta(days=1))
    assert "sudah menghubungi" not in new(there, "Siti", before)
