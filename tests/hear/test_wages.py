"""Wages: who of the workers is paid, told in a sentence, alone or with their number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.core import Ask, Heard, NotUnderstood, Scene
from conversations.hear import readers
from tests.ear import ear
from tests.understanding.predict import world

WAGES = ear().wages


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2 digaji 1 anak saya", "some"),
        ("yang satu saya bayar yang satu keponakan bantu bantu saja", "some"),
        ("ada yang digaji ada yang keluarga", "some"),
        ("mboten dibayar, keluarga piyambak", "none"),
        ("gk digaji, bantu2 aja", "none"),
        ("cuma istri sama adik yang bantu", "none"),
        ("digaji harian tiap sabtu", "all"),
        ("ya jelas dibayar to mas", "all"),
        ("keluarga tapi digaji", "all"),
        ("dua duanya dibayar", "all"),
        ("dibayar kabeh mas, 3 orang", "all"),
        ("2 saja yang digaji", "some"),
        ("dibayar harian 120rb", "all"),
        ("75rb per hari per orang", "all"),
        ("bagi hasil bukan gaji", "all"),
        ("sistemnya bagi hasil sama pemilik kapal", "all"),
        ("sesuai hasil", "all"),
        ("gajinya umr", "all"),
        ("kalau ada orderan aja", "all"),
        ("makan aja", "none"),
        ("dikasih uang jajan", "none"),
        ("ya enggak lah anak sendiri", "none"),
        ("belum mampu gaji", "none"),
        ("ga ada yg gajian, anak sama bojo", "none"),
        ("admin digaji, reseller ga", "some"),
        ("bojo ora tak bayar, liyane dibayar", "some"),
        ("tidak semua dibayar", "some"),
        ("anak gak, yang lain iya", "some"),
        ("cuma tukang masaknya aja yang digaji", "some"),
        ("dikasih tiap sabtu", "all"),
        ("kadang dikasih", None),
        ("guru baru masak rendang", None),
        ("gak habis pikir sama dia", None),
        ("mertua lagi masak", None),
        ("apa harus digaji", None),
        ("ya", None),
    ],
)
def test_who_is_paid_is_read_from_a_sentence_or_asked_again(said: str, meant: str | None) -> None:
    assert WAGES.read(said, 3) == meant


def test_of_one_who_is_paid_nobody_knows_whether_there_are_others_as_long_as_the_workers_are_not_counted() -> None:
    assert WAGES.read("satu dibayar") is None
    assert WAGES.read("satu dibayar", 1) == "all"
    assert WAGES.read("satu dibayar", 2) == "some"


@given(st.text(max_size=300), st.integers(0, 20) | st.none())
def test_whatever_is_told_of_wages_is_one_of_three_readings_or_none(text: str, people: int | None) -> None:
    assert WAGES.read(text, people) in ("all", "some", "none", None)


def counted(text: str) -> Any:
    try:
        found = readers.head_count(Heard(text=text), Scene({}, world("workers")))
    except (Ask, NotUnderstood) as instead:
        return instead.key
    return found.value, found.also.get("wages")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 orang semua digaji", ([2, 2], "all")),
        ("rencang kula gangsal, sedaya dipun bayar saben minggu", ([5, 5], "all")),
        ("istri bantu gak dibayar", ([1, 1], "none")),
        ("2 digaji 1 anak sendiri", ([3, 3], "some")),
        ("5 orang yang digaji 3", ([5, 5], "some")),
        ("2 orang digaji, 1 cuma bantu", ([3, 3], "some")),
        ("4 orang bagi hasil", ([4, 4], "all")),
        ("1 karyawan 50rb sehari", ([1, 1], "all")),
        ("istri sama nak saya", ([2, 2], None)),
        ("istri sama anak", ([2, 2], None)),
        ("2 admin, 20 reseller", ([2, 2], None)),
        ("20 reseller", "registration.workers.resellers"),
        ("20 orang reseller", "registration.workers.resellers"),
        ("0 tapi ada tukang cuci harian", "registration.workers.unclear"),
        ("sek kok kyk koncoku smp", "registration.workers.unclear"),
        ("gak ada response sama sekali", "registration.workers.unclear"),
        ("bareng pem 125 rw 9 klaten", "registration.workers.unclear"),
    ],
)
def test_a_count_may_tell_pay_and_no_number_of_something_else_is_a_count(text: str, expected: Any) -> None:
    assert counted(text) == expected


@given(st.integers(1, 60), st.sampled_from(["{} orang digaji", "{} karyawan dibayar semua", "{} tukang digaji harian"]))
def test_a_number_of_paid_workers_is_count_and_pay_in_one(people: int, form: str) -> None:
    assert counted(form.format(people)) == ([people, people], "all")
