"""What is offered to whoever does not get on at a question, says nothing to it, or tells it in pieces."""

from __future__ import annotations

from typing import Any

import pytest

from conversations.dialogues.officer import card
from conversations.engine.core import Heard
from tests.stepwise import Person, inside, registered, upto


@pytest.mark.parametrize(
    ("at", "pieces", "value"),
    [
        ("phone", ["0812", "0000 7003"], {"kind": "phone", "e164": "+6281200007003", "source": "typed"}),
        ("phone", ["0812", "0000", "7003"], {"kind": "phone", "e164": "+6281200007003", "source": "typed"}),
        ("sector", ["jualan", "soto"], {"category": "kuliner", "said": "soto"}),
        ("regency", ["kab", "klaten"], "33.10"),
    ],
)
def test_an_answer_in_several_messages_is_one(at: str, pieces: list[str], value: Any) -> None:
    person = upto(at)
    for piece in pieces:
        person.says(piece)
    assert person.session.answers[at] == value
    assert person.session.fragment == ""


def test_a_piece_is_forgotten_with_its_question() -> None:
    person = upto("sector").says("0812").says("warung makan").says("0000 7003")
    assert "phone" not in person.session.answers


def test_pieces_of_an_identity_number_are_not_kept() -> None:
    person = upto("phone").says("3374 0112").says("3456 0001")
    assert "keep_your_nik" in person.told
    assert person.session.fragment == ""


# ------------------------------------------------------------------------------------------------ nothing, and why


@pytest.mark.parametrize(
    "said", ["-", ".", "0", "ga ada", "belum punya nama", "gak punya toko", "durung duwe jeneng", "belum ada plangnya"]
)
def test_nothing_is_an_answer_where_it_can_be_one(said: str) -> None:
    person = upto("business_name").says(said)
    assert person.asked != "registration.business_name"
    assert person.session.answers.get("business_name") is None
    assert not person.session.notes


def test_nothing_is_the_option_that_means_it() -> None:
    assert upto("phone").says("-").session.answers["phone"]["kind"] == "none"
    assert upto("contact_time").says("-").session.answers["contact_time"]["part"] == "any"


def test_nothing_is_no_name_and_no_trade() -> None:
    for at in ("name", "sector"):
        assert at not in upto(at).says("-").session.answers


@pytest.mark.parametrize(("said", "why"), [("lupa kecamatannya", "unknown"), ("gak mau bilang", "refused")])
def test_the_officer_sees_why_an_answer_is_missing(said: str, why: str) -> None:
    person = upto("district").says(said).goes_on().says("ya")
    lead = person.world.leads[0]
    assert lead.answers["district"] is None
    shown = {text.key for text in inside(card(lead, person.world, None).text)}
    assert f"notes.{why}" in shown


def test_a_note_ends_with_the_answer() -> None:
    person = upto("district").says("lupa kecamatannya").goes_on("confirm").says("ubah kecamatan jadi laweyan")
    assert person.session.answers["district"] == "33.72.01"
    assert "notes.unknown" not in person.told


# ------------------------------------------------------------------------------------------------ patience


@pytest.mark.parametrize("said", ["gak mau bilang", "rahasia dong", "kepo amat"])
def test_a_refusal_gets_a_kind_word_then_a_button_then_a_person(said: str) -> None:
    person = upto("workers").says(said)
    assert "refused" in person.told
    assert "human" not in [b.press.question for b in person.buttons]
    assert "human" in [b.press.question for b in person.says(said).buttons]
    assert "third_miss" in person.says(said).told
    assert person.asked == "registration.workers"


def test_questions_at_one_question_bring_the_way_to_a_person_with_the_third() -> None:
    person = upto("workers").says("iurannya berapa?").says("ini resmi?")
    assert "human" not in [b.press.question for b in person.buttons]
    assert "human" in [b.press.question for b in person.says("data saya aman?").buttons]


def test_the_third_voice_brings_a_person() -> None:
    person = upto("workers")
    for _ in range(2):
        person.does(Heard(other="voice"))
    assert "third_miss" not in person.told
    assert "third_miss" in person.does(Heard(other="voice")).told


def test_before_a_time_is_no_way_back() -> None:
    person = upto("contact_time").says("sebelum jualan")
    assert "phone" in person.session.answers
    assert "back.first" not in Person("halo", "gimana dulu").told


def test_an_answer_ends_all_counting() -> None:
    person = upto("workers").says("gak mau bilang").says("gak mau bilang").says("2")
    assert person.session.misses == 0
    assert registered().session.misses == 0
