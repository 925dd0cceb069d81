"""How long the straight way is: an owner whom nothing is misunderstood of, from hello to the code."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.whatsapp import LIMITS
from bot.office.usual import open_question
from bot.render import outgoing
from conversations.engine.turn_state import scene_of
from locales import Catalog
from tests.stepwise import MOST_QUESTIONS, Person
from tests.understanding.way import SOLO

NUMBER = "+6281200007001"
ALONE = {"workers": "0"}
EMPLOYS: dict[str, str] = {}  # two workers, who are paid


@dataclass(frozen=True, slots=True)
class Way:
    """``tapped`` of the ``questions`` can be answered by one press of a visible button; ``messages`` are the bot's."""

    questions: tuple[str, ...]
    tapped: tuple[str, ...]
    messages: int

    @property
    def one_tap(self) -> float:
        """The share of answers that one press gives, 0 to 1."""
        return len(self.tapped) / len(self.questions)


def on_whatsapp(answers: dict[str, str]) -> Way:
    """The straight way on WhatsApp, which vouches for the number and shows three buttons at once."""
    person = Person(staffed=frozenset({SOLO}), phone=NUMBER).says("halo")
    questions, tapped, messages = [], [], _messages(person)
    for _ in range(MOST_QUESTIONS):
        question = open_question(person.session, person.world)
        if question is None:
            break
        questions.append(question.key)
        shown = len(question.choices(scene_of(person.session, person.world)))
        if 0 < shown <= LIMITS.buttons:
            tapped.append(question.key)
        assert person.answers(**answers)
        messages += _messages(person)
    return Way(tuple(questions), tuple(tapped), messages)


def with_buttons(answers: dict[str, str]) -> Way:
    """The same where every choice is a button in sight and one button shares the number: Telegram, the simulator."""
    person = Person(staffed=frozenset({SOLO}), shares_contact=True).says("halo")
    questions, tapped = [], []
    for _ in range(MOST_QUESTIONS):
        question = open_question(person.session, person.world)
        if question is None:
            break
        questions.append(question.key)
        if question.wants_contact or question.choices(scene_of(person.session, person.world)):
            tapped.append(question.key)
        assert person.answers(**answers)
    return Way(tuple(questions), tuple(tapped), 0)


def _messages(person: Person) -> int:
    """The messages in which the last turn leaves on WhatsApp."""
    says = [effect for effect in person.effects if type(effect).__name__ in ("Say", "Document")]
    return len(outgoing(says, Catalog.load(), LIMITS))


def report() -> None:
    """Print the length of the way, alone and with workers."""
    for who, answers in (("an owner alone", ALONE), ("with two paid workers", EMPLOYS)):
        way, buttons = on_whatsapp(answers), with_buttons(answers)
        print(f"{who}: {len(way.questions)} questions, {way.messages} messages on WhatsApp, "  # noqa: T201 - prints are its output
              f"{way.one_tap:.0%} by one tap there; with every choice a button {len(buttons.questions)}, "
              f"{buttons.one_tap:.0%}")  # fmt: skip
        print(f"    {', '.join(way.questions)}")  # noqa: T201 - as above
    print()  # noqa: T201 - as above
