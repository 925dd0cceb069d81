"""A wife who registers her husband, a son his mother: the answers are about that person, and the officer sees who gave them."""

from __future__ import annotations

import pytest

from conversations.dialogues.officer import card
from tests.stepwise import Person, inside


@pytest.mark.parametrize(
    ("said", "kin"),
    [
        ("saya mau daftarin suami saya tukang las", "husband"),
        ("mau daftar bpjs buat suami saya", "husband"),
        ("suami saya yang mau daftar", "husband"),
        ("istri saya pengen ikut", "wife"),
        ("mau daftarkan bapak saya petani di klaten", "parent"),
    ],
)
def test_whoever_registers_another_person_is_asked_about_that_one(said: str, kin: str) -> None:
    for person in (Person(said, "ya"), Person("halo", "ya", said)):
        assert {f"proxy.{kin}", f"registration.name.ask_{kin}"} <= person.told
        assert person.asked == "registration.name"


@pytest.mark.parametrize(
    "said",
    [
        "saya mau daftarin usaha saya",
        "bapak saya mau daftar",  # said to the officer
        "saya sama suami mau daftar",
        "mau daftarin karyawan saya",
        "suami saya kerja di pabrik",
        "bisa daftarin suami saya?",
        "anak saya yang bantu jualan",
    ],
)
def test_nobody_else_is_guessed_at(said: str) -> None:
    assert not Person(said, "ya").session.notes


def test_the_name_is_that_of_the_person_who_is_registered() -> None:
    person = Person("saya mau daftarin suami saya", "ya", "nama saya Ani, suami saya Pak Heru")
    assert person.session.answers["name"] == {"name": "Heru", "address": "Bapak"}


def test_of_two_names_it_is_asked_whose_it_shall_be() -> None:
    person = Person("halo", "ya", "nama saya Ani, suami saya Pak Heru")
    assert "proxy.who" in person.told
    assert person.says("suami saya").asked == "registration.name"
    assert person.says("Pak Heru").session.answers["name"]["name"] == "Heru"


def test_what_she_tells_of_herself_is_not_his_answer() -> None:
    person = Person("saya mau daftarin suami saya tukang las", "ya", "pak heru").goes_on("member")
    assert person.says("suami belum, saya ikut dari pabrik").session.answers["member"] == "no"


def test_the_officer_sees_who_answered() -> None:
    person = Person("saya mau daftarin suami saya", "ya", "pak heru").goes_on().says("ya")
    shown = {text.key for text in inside(card(person.world.leads[0], person.world).text)}
    assert "notes.kin.husband" in shown
