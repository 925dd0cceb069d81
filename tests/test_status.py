"""What owners hear who ask how far they are: midway, after sending, and once the promised day has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stepwise import Person, registered, upto

SOLO = frozenset({"33.72"})


def sent(*, staffed: frozenset[str] = SOLO) -> Person:
    person = registered()
    person.world = replace(person.world, staffed=staffed)
    return person


def test_midway_somebody_hears_how_much_is_left_and_not_that_nothing_is_there() -> None:
    person = upto("member").says("status")
    assert "status.unfinished" in person.told
    assert person.asked == "registration.member"


def test_without_anything_begun_there_is_nothing_to_tell() -> None:
    assert "status.none" in Person("halo", "status").told


@pytest.mark.parametrize("said", ["status", "kok belum ditelpon", "belum ada yang hubungi saya"])
def test_after_sending_the_day_is_named_by_which_somebody_calls_and_what_helps_if_not(said: str) -> None:
    assert "status.due" in sent().says(said).told


def test_no_day_is_named_where_nobody_can_keep_it() -> None:
    assert "status.due" not in sent(staffed=frozenset()).says("status").told


def test_once_the_day_has_passed_the_answer_says_sorry() -> None:
    told = sent().says("status", after=timedelta(days=7)).told
    assert "status.late" in told
    assert "status.due" not in told


def test_whoever_was_called_is_thanked() -> None:
    assert "own_lead.called" in sent().says("saya sudah ditelpon").told


@pytest.mark.parametrize(
    "said",
    ["tambah usaha", "Tambah usaha lain", "saya punya usaha satu lagi", "masih ada usaha satu lagi"],
)
def test_another_business_is_begun_in_any_words(said: str) -> None:
    person = sent().says(said)
    assert "another.begin" in person.told
    assert person.asked == "registration.regency"


def test_what_is_told_of_another_business_is_kept() -> None:
    assert sent().says("saya punya usaha satu lagi katering").session.answers["sector"]["category"] == "kuliner"


def test_another_business_of_somebody_without_any_begins_with_the_permission() -> None:
    person = Person("halo", "tidak", "tambah usaha lain")
    assert "consent" not in person.session.answers


def test_after_a_deletion_one_more_yes_deletes_nothing() -> None:
    for said in ("iya hapus", "ya hapus semua data saya"):
        person = registered().says("hapus data saya").says("ya").says(said)
        assert "deletion.sure.ask" not in person.told
    assert "deletion.nothing" in person.told
    assert "deletion.sure.ask" in Person("hapus data saya").told
