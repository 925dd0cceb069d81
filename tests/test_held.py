"""What people tell before they were asked whether it may be kept: held until they answer, and nowhere after a no."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.core import session_from_json, session_to_json
from conversations.engine.effects import ForgetMe
from tests.stepwise import Person

STORIES = (
    "saya punya warung makan di solo, 2 karyawan digaji",
    "Selamat siang pak, saya Bu Harni dari Klaten punya toko kelontong 3 pegawai",
    "kulo sadean jamu gendong wonten kartasura",
    "saya tukang las di karanganyar, kerja sendiri, nomor saya 0812 0000 7001",
)


@pytest.mark.parametrize(
    "said",
    [
        *STORIES,
        "mau tanya bpjs",
        "mas mau tanya bpjs buat tukang",
        "jualan gorengan keliling",
        "usaha saya katering, masak tiap hari",
    ],
)
def test_a_first_message_that_only_tells_is_answered_by_the_opening_alone(said: str) -> None:
    person = Person(said)
    assert person.asked == "registration.consent"
    assert person.told == {"registration.consent.ask"}
    assert "consent" not in person.session.answers


def test_a_first_message_that_asks_is_answered() -> None:
    assert "faq.cost" in Person("iurannya berapa ya?").told


def test_what_was_told_first_is_taken_up_with_a_yes_and_read_back() -> None:
    person = Person(STORIES[0], "ya boleh")
    answers = person.session.answers
    assert answers["sector"] == {"category": "kuliner", "said": "warung makan"}
    assert (answers["regency"], answers["workers"], answers["wages"]) == ("33.72", [2, 2], "all")
    assert "also_noted" in person.told
    assert person.session.held == ""


def test_several_first_messages_belong_together() -> None:
    person = Person("p", "assalamualaikum", "saya jualan soto", "di solo", "ya")
    assert person.session.answers["sector"]["category"] == "kuliner"
    assert person.session.answers["regency"] == "33.72"


def test_what_is_said_beside_the_yes_is_taken_too() -> None:
    person = Person("halo", "ya boleh, nama saya Bu Harni")
    assert person.session.answers["name"] == {"name": "Harni", "address": "Ibu"}


def test_a_story_at_the_question_for_permission_is_no_answer_to_it_and_is_thanked_for() -> None:
    person = Person("halo", "saya punya warung makan di solo")
    assert person.asked == "registration.consent"
    assert "consent" not in person.session.answers
    assert "told_before" in person.told


def test_what_would_turn_somebody_away_is_never_taken_by_the_way() -> None:
    person = Person("saya pak joko, umur 70, sudah punya bpjs ketenagakerjaan, usaha bengkel motor", "ya")
    assert not {"under_65", "member"} & set(person.session.answers)


def test_what_is_held_is_shown_to_whoever_asks_what_is_kept() -> None:
    assert "data.held" in Person(STORIES[0], "lihat data saya").told
    assert "data.held" not in Person("halo", "ya", "lihat data saya").told


def test_somebody_elses_shop_and_a_question_tell_nothing_of_the_own_business() -> None:
    for said in (
        "saya kerja di warung makan di solo",
        "warung tetangga saya di solo bisa ikut?",
        "dulu jualan soto di solo",
    ):
        assert set(Person(said, "ya").session.answers) == {"consent"}, said


def test_a_number_of_an_identity_card_told_in_pieces_is_not_held() -> None:
    person = Person(STORIES[0], "nik saya 3374 0112", "3456 0001")
    assert "keep_your_nik" in person.told
    assert person.session.held == ""


@pytest.mark.parametrize("refusal", ["tidak", "batal", "gak usah pak", "nggak mau"])
@given(st.lists(st.one_of(st.sampled_from(STORIES), st.text(min_size=1, max_size=60)), min_size=1, max_size=4))
def test_whatever_was_told_before_is_nowhere_after_a_no(refusal: str, said: list[str]) -> None:
    person = Person(*said)
    if person.asked != "registration.consent" or "consent" in person.session.answers:
        return
    person.says(refusal)
    assert person.did(ForgetMe)
    assert person.session.held == ""
    assert set(person.session.answers) == set()


@given(st.lists(st.text(max_size=900), min_size=1, max_size=6))
def test_what_is_held_stays_small_and_survives_being_stored(said: list[str]) -> None:
    session = Person(*said).session
    assert len(session.held) <= 500
    assert session_from_json(json.loads(json.dumps(session_to_json(session)))) == session
