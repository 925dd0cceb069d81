"""What officers write of their own leave is read as days; what asks, or tells of others, is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.leave import LONGEST, Leave
from tests.stepwise import NINE
from tests.town import known

LEAVE = known().ear.leave
WED, THU, FRI, SUN = (date(2026, 11, day) for day in (25, 26, 27, 29))
MON, TUE = date(2026, 11, 30), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("libur 2 hari", WED, THU),
        ("/libur 2 hari", WED, THU),
        ("prei dua hari", WED, THU),
        ("sakit sehari", WED, WED),
        ("libur seminggu", WED, TUE),
        ("cuti sampai senin", WED, MON),
        ("cuti s/d kamis", WED, THU),
        ("libur sampai tgl 30", WED, MON),
        ("izin hari ini", WED, WED),
        ("besok izin sakit", THU, THU),
        ("cuti besok", THU, THU),
        ("besok tidak masuk, izin", THU, THU),
        ("mulai besok cuti 2 hari", THU, FRI),
        ("cuti tahunan 5 hari mulai besok", THU, MON),
        ("cuti besok sampai senin", THU, MON),
        ("libur besok sama lusa", THU, FRI),
        ("cuti 27-30 november", FRI, MON),
        ("libur jumat", FRI, FRI),
        ("cuti jumat sampai senin", FRI, MON),
        ("maaf pak saya sakit hari ini", WED, WED),
        ("senin depan cuti", MON, MON),
        ("senin minggu depan cuti", MON, MON),
        ("minggu depan cuti 3 hari", MON, date(2026, 12, 2)),
        ("mulai senin depan cuti seminggu", MON, date(2026, 12, 6)),
        ("rabu depan libur", date(2026, 12, 2), date(2026, 12, 2)),
        ("libur sampai akhir bulan", WED, MON),
        ("lusa ga masuk", FRI, FRI),
        ("ga masuk dulu hari ini ya bu", WED, WED),
        ("pak maaf besok saya tidak bisa masuk", THU, THU),
        ("besok cuti sehari", THU, THU),
        ("besok ijin ke dokter", THU, THU),
        ("izin 3 hari sakit tipes", WED, FRI),
        ("prei telung dino", WED, FRI),
        ("cuti 10 hari kedepan", WED, date(2026, 12, 4)),
        ("saya lagi sakit, masuk lagi jumat", WED, THU),
        ("kerja lagi senin, sekarang libur", WED, SUN),
    ],
)
def test_the_days_of_a_leave_are_read(said: str, first: date, last: date) -> None:
    assert LEAVE.read(said, NINE) == Leave(first, last)


@pytest.mark.parametrize(
    "said",
    [
        "libur",
        "sakit",
        "izin pulang cepat",
        "libur lebaran",
        "cuti sampai",
        "libur minggu depan",
        "besok pagi izin sakit",
    ],
)
def test_words_that_begin_with_leave_and_name_no_days_are_known_as_such(said: str) -> None:
    assert LEAVE.begins(said)
    assert LEAVE.read(said, NINE) is None


@pytest.mark.parametrize(
    "said",
    ["kapan libur?", "siapa yang libur besok", "Bu Siti libur besok", "pak joko cuti 3 hari", "izin bertanya pak",
     "jangan libur", "tokonya libur jumat", "besok jam 9", "sakit ditanggung gak", "besok warung libur", "datanya ga masuk",
     "besok gak masuk wilayah saya", "ga masuk akal", "masuk lagi senin"],
)  # fmt: skip
def test_what_asks_or_tells_of_others_is_nobodys_leave(said: str) -> None:
    assert not LEAVE.begins(said)
    assert LEAVE.read(said, NINE) is None


def test_in_the_evening_two_days_begin_with_the_next() -> None:
    assert LEAVE.read("libur 2 hari", NINE.replace(hour=19)) == Leave(WED, FRI)


_SAID = ["libur", "cuti", "besok", "2", "hari", "sampai", "senin", "-", "31", "minggu", "dan", "0", "mulai", "sakit"]


@given(st.lists(st.sampled_from(_SAID), max_size=7))
def test_a_leave_never_lies_behind_and_never_lasts_for_ever(words: list[str]) -> None:
    leave = LEAVE.read(" ".join(words), NINE)
    assert leave is None or (WED <= leave.first <= leave.last <= leave.first + timedelta(days=LONGEST))
