"""How long the straight way is: an owner whom nothing is misunderstood of, from hello to the code."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.whatsapp import LIMITS
from bot.office.usual import open_question
from bot.render import outgoing
from conversations.engine.core import Document, Say
from conversations.engine.turn_state import scene_of
from locales import Catalog
from tests.stepwise import MOST_QUESTIONS, Person
from tests.understanding.way import SOLO

MANY = 20  # buttons
NUMBER = "+6281200007001"
ALONE = {"regency": "laweyan, solo", "workers": "0"}
EMPLOYS = {"regency": "laweyan, solo", "workers": "2 orang, semua dibayar"}


@dataclass(frozen=True, slots=True)
class Way:
    """``pressed`` of the ``questions`` are answered by one press of a button in sight, ``chosen`` by it or from a list that
    opens; ``messages`` are the bot's."""

    questions: tuple[str, ...]
    pressed: int
    chosen: int
    messages: int


def on_whatsapp(answers: dict[str, str]) -> Way:
    """The straight way on WhatsApp, which vouches for the number, shows three buttons at once, and more choices as a list."""
    return _way(Person(staffed=frozenset({SOLO}), phone=NUMBER), answers, LIMITS.buttons)


def with_buttons(answers: dict[str, str]) -> Way:
    """The same where every choice is a button in sight and one button shares the number: Telegram, the simulator."""
    return _way(Person(staffed=frozenset({SOLO}), shares_contact=True), answers, MANY)


def _way(person: Person, answers: dict[str, str], in_sight: int) -> Way:
    person.says("halo")
    questions, pressed, chosen, messages = [], 0, 0, _messages(person)
    for _ in range(MOST_QUESTIONS):
        question = open_question(person.session, person.world)
        if question is None:
            break
        choices = len(question.choices(scene_of(person.session, person.world)))
        questions.append(question.key)
        pressed += 0 < choices <= in_sight or question.wants_contact
        chosen += choices > 0
        assert person.answers(**answers)
        messages += _messages(person)
    return Way(tuple(questions), pressed, chosen, messages)


def _messages(person: Person) -> int:
    """The messages in which the last turn leaves on WhatsApp."""
    says = [effect for effect in person.effects if isinstance(effect, Say | Document)]
    return len(outgoing(says, Catalog.load(), LIMITS))


def report() -> None:
    """Print the length of the way, alone and with workers."""
    for who, answers in (("an owner alone", ALONE), ("with two paid workers", EMPLOYS)):
        way, buttons = on_whatsapp(answers), with_buttons(answers)
        asked, others = len(way.questions), len(buttons.questions)
        print(f"{who}: {asked} questions and {way.messages} messages on WhatsApp, {way.pressed / asked:.0%} of the answers "  # noqa: T201 - prints are its output
              f"one press, {way.chosen / asked:.0%} with lists; where all choices are buttons {others} questions, "
              f"{buttons.pressed / others:.0%} one press")  # fmt: skip
        print(f"    {', '.join(way.questions)}")  # noqa: T201 - as above
    print()  # noqa: T201 - as above
