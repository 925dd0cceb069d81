"""What is said when something else was told than what was asked: taken without an apology, and asked in short."""

from __future__ import annotations

import pytest

from tests.stepwise import Person
from tests.understanding import way


def at(question: str, said: str) -> Person:
    """Somebody who says this where the question is open."""
    return way.led(question).says(said)


@pytest.mark.parametrize(("question", "said"), [("regency", "warung soto"), ("sector", "0812 0000 7003")])
def test_what_was_told_at_another_question_is_taken_without_an_apology(question: str, said: str) -> None:
    person = at(question, said)
    assert "also_noted" in person.told
    assert f"registration.{question}.unclear" not in person.told
    assert f"registration.{question}.again" in person.told


@pytest.mark.parametrize("question", ["regency", "sector", "phone"])
def test_a_question_that_is_put_once_more_is_put_in_short(question: str) -> None:
    assert f"registration.{question}.again" in at(question, "hmm gitu").told


@pytest.mark.parametrize(
    ("said", "member"), [("dulu pernah", "once"), ("Sudah punya", "yes"), ("sudah", "no"), ("boleh deh", "no")]
)
def test_the_words_of_another_choice_put_the_answer_before_right(said: str, member: str) -> None:
    assert at("program", said).session.answers["member"] == member


@pytest.mark.parametrize(
    ("said", "part"), [("abis isya", "malam"), ("sore aja", "sore"), ("besok pagi", "pagi"), ("jam 9 ya", "pagi")]
)
def test_a_time_that_is_told_at_the_review_is_when_they_are_called(said: str, part: str) -> None:
    assert at("confirm", said).session.answers["contact_time"]["part"] == part


def test_who_wants_no_call_says_so_at_the_review() -> None:
    assert at("confirm", "jangan ditelpon ya").session.answers["contact_time"] == {"kind": "none"}


@pytest.mark.parametrize("said", ["sore", "malam pak", "selamat pagi", "kapan ditelpon"])
def test_a_greeting_or_a_question_at_the_review_is_no_time(said: str) -> None:
    assert "contact_time" not in at("confirm", said).session.answers


@pytest.mark.parametrize(("channel", "says"), [("simulator", "here"), ("whatsapp", "abroad"), ("telegram", "abroad")])
def test_the_notice_names_the_company_that_carries_what_is_said_only_where_there_is_one(
    channel: str, says: str
) -> None:
    person = Person("halo", channel=channel).says("data saya untuk apa")
    [notice] = [
        effect.text
        for effect in person.effects
        if getattr(effect, "text", None) and effect.text.key == "registration.notice"
    ]
    assert notice.fields["way"].key == f"registration.notice.{says}"


@pytest.mark.parametrize("said", ["Bu Narti", "Narti"])
def test_a_name_that_is_near_to_a_word_for_not_understanding_is_a_name(said: str) -> None:
    assert at("name", said).session.answers["name"]["name"] == "Narti"
