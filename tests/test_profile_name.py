"""Who shows their name at the channel gives it by one tap; any other name is typed as ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp import LIMITS
from bot.render import outgoing
from conversations.dialogues.registration import offers_profile, registration
from conversations.engine.core import Button, Say
from conversations.engine.turn_state import scene_of
from locales import Catalog
from tests.stepwise import Person
from tests.town import known

ASKED = "registration.name"


def asked_for_the_name(profile: str) -> Person:
    return Person(profile=profile).goes_on("name")


def on_the_button(profile: str) -> str:
    """The words of the only button at the name; "" without one."""
    return next((known().labels(button.label)[0] for button in asked_for_the_name(profile).buttons), "")


@pytest.mark.parametrize(
    ("profile", "label"),
    [
        ("Siti", "Siti"),
        ("🌸 siti aminah 🌸", "Siti Aminah"),
        ("~_Joko_~", "Joko"),
        ("꧁Wahyu꧂", "Wahyu"),
        ("Bu Tini ❤️", "Bu Tini"),
        ("H. Slamet", "Pak Haji Slamet"),
        ("M. Yusuf", "M. Yusuf"),
    ],
)
def test_a_persons_name_on_the_profile_is_one_button_without_its_ornaments(profile: str, label: str) -> None:
    assert on_the_button(profile) == label
    assert "registration.name.ask_profile" in asked_for_the_name(profile).told


@pytest.mark.parametrize(
    "profile",
    ["", "🌸", "-", "Toko Berkah", "Warung Bu Tini", "Laundry Kita", "Admin", "Siti Collection", "siti0812", "0812 0000 7001",
     "Rizky ❤ Nia", "Siti & Budi", "Rina | Catering", "Mama Rafa", "Hamba Allah", "Ibu", "ya", "batal", "Bismillah",
     "Raden Mas Suryo Kusumo Hadiningrat Sosro"],
)  # fmt: skip
def test_what_is_not_plainly_one_persons_name_is_no_button(profile: str) -> None:
    person = asked_for_the_name(profile)
    assert not person.buttons
    assert "registration.name.ask" in person.told


def test_the_press_is_kept_as_if_the_name_were_typed_and_holds_no_name_itself() -> None:
    pressed, typed = asked_for_the_name("Bu Siti 🌸"), asked_for_the_name("")
    button = pressed.button("profile")
    pressed.presses(button)
    typed.says("Bu Siti")
    assert pressed.session.answers == typed.session.answers
    assert (pressed.asked, pressed.told) == (typed.asked, typed.told)
    assert "siti" not in repr(button.press).casefold()


@pytest.mark.parametrize("said", ["1", "siti", "Siti"])
def test_its_number_and_its_words_are_the_button(said: str) -> None:
    assert asked_for_the_name("Siti").says(said).session.answers["name"] == {"name": "Siti", "address": ""}


def test_another_name_is_typed_as_ever() -> None:
    assert asked_for_the_name("Siti").says("Pak Joko").session.answers["name"] == {"name": "Joko", "address": "Bapak"}


def test_the_name_of_somebody_else_is_not_on_ones_own_profile() -> None:
    person = asked_for_the_name("Siti")
    own = person.button("profile")
    person.says("saya mau daftarin suami saya")
    assert person.asked == ASKED
    assert not person.buttons
    person.presses(own)
    assert "name" not in person.session.answers
    assert "registration.name.unclear" in person.told


def test_a_button_of_a_name_that_the_profile_no_longer_shows_asks_for_it_in_words() -> None:
    person = asked_for_the_name("Siti")
    button = person.button("profile")
    person.world = Person(profile="🌸").world
    person.presses(button)
    assert (person.asked, "name" in person.session.answers) == (ASKED, False)


def test_no_name_is_offered_before_the_consent() -> None:
    person = Person("halo", profile="Siti")
    question = registration.question("name")
    assert person.asked == "registration.consent"
    assert question
    assert not question.choices(scene_of(person.session, person.world))


@given(st.text(max_size=80))
def test_any_profile_gives_a_button_that_every_channel_shows_or_none(profile: str) -> None:
    person = asked_for_the_name(profile)
    says = [effect for effect in person.effects if isinstance(effect, Say)]
    shown = [key.label for message in outgoing(says, Catalog.load(), LIMITS) for row in message.keys for key in row]
    assert len(shown) == any(map(offers_profile, says)) == len(person.buttons)
    assert all(
        isinstance(button, Button) and label.strip() for button, label in zip(person.buttons, shown, strict=True)
    )
