"""What people tell out of order is kept for its question, at every question, and nothing that is in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stepwise import Person, upto


@pytest.mark.parametrize(
    ("at", "said", "kept"),
    [
        ("regency", "soto", {"sector": {"category": "kuliner", "said": "soto"}}),
        ("regency", "laundry kiloan", {"sector": {"category": "jasa_perorangan", "said": "laundry kiloan"}}),
        (
            "name",
            "Bu Harni, jualan soto di solo, 2 karyawan digaji",
            {"regency": "33.72", "workers": [2, 2], "wages": "all"},
        ),
        ("sector", "warung makan, umur saya 45", {"under_65": "yes"}),
        ("sector", "warung makan. belum punya bpjs ketenagakerjaan", {"member": "no"}),
        (
            "workers",
            "2 orang, nomor saya 0812 0000 7001",
            {"phone": {"kind": "phone", "e164": "+6281200007001", "source": "typed"}},
        ),
        (
            "workers",
            "2, telponnya sore aja",
            {"contact_time": {"day": "any", "part": "sore", "time": None, "to": None, "date": None}},
        ),
        (
            "sector",
            "warung makan, bersih 3 juta sebulan",
            {"income": {"low": 3000000, "high": 3000000, "period": "month"}},
        ),
    ],
)
def test_what_is_told_before_its_question_is_kept_for_it(at: str, said: str, kept: dict[str, Any]) -> None:
    person = upto(at)
    before = set(person.session.answers)
    person.says(said)
    answers = person.session.answers
    assert {key: answers.get(key) for key in kept} == kept
    assert set(answers) - before <= {*kept, at, "sector"}
    assert "also_noted" in person.told


@pytest.mark.parametrize(
    ("at", "said", "taken"),
    [
        ("workers", "2 anak saya, umur saya 50", {"workers": [2, 2]}),
        ("workers", "0, belum punya bpjs juga", {"workers": [0, 0], "member": "no"}),
        ("sector", "katering di jebres, karyawan 3 dibayar semua", {"workers": [3, 3], "wages": "all"}),
        ("sector", "tukang cukur, sendirian", {"workers": [0, 0]}),
        ("district", "laweyan, nama warungnya Soto Segeer", {"business_name": "Soto Segeer"}),
        ("name", "Bu Tum, nama warung Barokah", {"business_name": "Barokah"}),
        (
            "phone",
            "0812 0000 7005 pagi",
            {"contact_time": {"day": "any", "part": "pagi", "time": None, "to": None, "date": None}},
        ),
        ("program", "yang lengkap, penghasilan saya 3 juta sebulan", {"program": "three"}),
    ],
)
def test_each_clause_answers_its_own_question(at: str, said: str, taken: dict[str, Any]) -> None:
    answers = upto(at).says(said).session.answers
    assert {key: answers.get(key) for key in taken} == taken


@pytest.mark.parametrize("said", ["warung kelontong ibu saya di kartasura", "istri saya punya salon di solo"])
def test_the_shop_of_somebody_in_the_family_is_not_the_owners(said: str) -> None:
    assert set(Person(said, "ya").session.answers) == {"consent"}


def test_the_wish_to_join_makes_nothing_doubtful() -> None:
    answers = Person("saya pak bejo tukang becak di solo, mau ikut bpjs", "ya").session.answers
    assert answers["name"] == {"name": "Bejo", "address": "Bapak"}
    assert answers["regency"] == "33.72"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("regency", "aku bingung"),
        ("regency", "makan dulu ya mas"),
        ("workers", "2 orang, gajinya 2 juta sebulan"),  # what workers get is no income
        ("sector", "warung makan, umur 70"),  # what turns away is asked for
        ("sector", "warung makan, suami sudah punya bpjs"),
        ("sector", "warung makan, suami belum punya bpjs"),
        ("sector", "jual soto dekat kantor bpjs"),
        ("workers", "2 orang. bisa telpon sore?"),
    ],
)
def test_nothing_in_doubt_is_kept(at: str, said: str) -> None:
    person = upto(at)
    before = set(person.session.answers)
    person.says(said)
    assert set(person.session.answers) - before <= {at, "wages"}  # who is paid is asked together with the count
