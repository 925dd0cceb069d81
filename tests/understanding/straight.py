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
PROFILE = "Siti 🌸"  # at the channel, which both platforms tell
ALONE = {"regency": "laweyan, solo", "workers": "0"}
EMPLOYS = {"regency": "laweyan, solo", "workers": "2 orang, semua dibayar"}


WRITTEN = "regency"  # no button holds a district and its town together


@dataclass(frozen=True, slots=True)
class Way:
    """Of the ``questions`` so many are answered by one press of a button in sight (``pressed``) and by one row of a list
    that opens (``listed``), the others in words; ``messages`` are the bot's."""

    questions: tuple[str, ...]
    pressed: int
    listed: int
    messages: int

    @property
    def tapped(self) -> float:
        """The share of the answers by one tap: a button, or a row."""
        return (self.pressed + self.listed) / len(self.questions)


def on_whatsapp(answers: dict[str, str], profile: str = PROFILE) -> Way:
    """The straight way on WhatsApp, which vouches for the number and tells the profile's name, shows three buttons at once,
    and more choices as a list."""
    return _way(Person(staffed=frozenset({SOLO}), phone=NUMBER, profile=profile), answers, LIMITS.buttons)


def with_buttons(answers: dict[str, str], profile: str = PROFILE) -> Way:
    """The same where every choice is a button in sight and one button shares the number: Telegram, the simulator."""
    return _way(Person(staffed=frozenset({SOLO}), shares_contact=True, profile=profile), answers, MANY)


def _way(person: Person, answers: dict[str, str], in_sight: int) -> Way:
    person.says("halo")
    questions, pressed, listed, messages = [], 0, 0, _messages(person)
    for _ in range(MOST_QUESTIONS):
        question = open_question(person.session, person.world)
        if question is None:
            break
        choices = 0 if question.key == WRITTEN else len(question.choices(scene_of(person.session, person.world)))
        questions.append(question.key)
        pressed += 0 < choices <= in_sight or question.wants_contact
        listed += choices > in_sight
        assert person.answers(**answers)
        messages += _messages(person)
    return Way(tuple(questions), pressed, listed, messages)


def _messages(person: Person) -> int:
    """The messages in which the last turn leaves on WhatsApp."""
    says = [effect for effect in person.effects if isinstance(effect, Say | Document)]
    return len(outgoing(says, Catalog.load(), LIMITS))


def report() -> None:
    """Print the length of the way, alone and with workers, and how much of it is tapped where the profile tells a name and
    where it tells none."""
    for who, answers in (("an owner alone", ALONE), ("with two paid workers", EMPLOYS)):
        for where, way_of in (("WhatsApp", on_whatsapp), ("Telegram", with_buttons)):
            way, nameless = way_of(answers), way_of(answers, "")
            messages = f" and {way.messages} messages" if way_of is on_whatsapp else ""
            print(f"{who} on {where}: {len(way.questions)} questions{messages}, {way.tapped:.0%} of the answers one tap: "  # noqa: T201 - prints are its output
                  f"{way.pressed} by a button, {way.listed} by a row of a list; without a name on the profile "
                  f"{nameless.tapped:.0%}")  # fmt: skip
            print(f"    {', '.join(way.questions)}")  # noqa: T201 - as above
    print()  # noqa: T201 - as above
