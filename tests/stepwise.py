"""One person who talks to ``step`` itself, without a database: what a rule does is seen in a sentence or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.office.usual import answer_to, open_question
from conversations.dialogues.book import BOOK, first_session
from conversations.dialogues.registration import registration
from conversations.engine.core import Button, Heard, Lines, Press, Say, Session, Text, Toast
from conversations.engine.effects import AllowNews, ChangeLead, ChooseLanguage, ForgetMe, SubmitLead
from conversations.engine.ladder import step
from conversations.engine.turn_state import scene_of
from conversations.engine.world import Lead, World
from tests.conftest import WIB
from tests.town import known

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=WIB)  # a Wednesday
T = TypeVar("T")

# What an owner types to each question, where a test is about something else; with two workers, who are paid.
TYPED = {
    "consent": "ya",
    "name": "Bu Siti",
    "regency": "solo",
    "sector": "warung makan",
    "workers": "2",
    "wages": "semua dibayar",
    "under_65": "ya",
    "member": "belum",
    "income": "2 juta",
    "program": "1",
    "district": "laweyan",
    "business_name": "lewati",
    "phone": "0812 0000 7001",
    "contact_time": "pagi",
    "confirm": "kirim",
}
MOST_QUESTIONS = 40  # of one registration


class Person:
    """What they do goes in, twenty seconds apart; ``effects`` are those of the last turn."""

    def __init__(self, *said: str, session: Session | None = None, **world: Any) -> None:
        self.world = World(NINE, known(), **world)
        self.session = session or first_session(self.world)
        self.effects: tuple[Any, ...] = ()
        self.codes = 0
        for text in said:
            self.says(text)

    def does(self, heard: Heard, after: timedelta = timedelta(seconds=20)) -> Person:
        self.codes += 1
        self.world = replace(self.world, now=self.world.now + after, fresh=f"RK-{self.codes:06}")
        turn = step(self.session, heard, self.world, BOOK)
        self.session, self.effects = turn.session, turn.effects
        for effect in turn.effects:
            self._follow(effect)
        return self

    def says(self, text: str, after: timedelta = timedelta(seconds=20)) -> Person:
        return self.does(Heard(text=text), after)

    def answers(self, **answers: str) -> bool:
        """Answers the open question of a registration, as TYPED or with these answers; False where none is open."""
        question = open_question(self.session, self.world)
        if question is None:
            return False
        said = answer_to(question, scene_of(self.session, self.world), {**TYPED, **answers})
        self.says(said.strip("[]"))  # a label that is typed is its choice
        return True

    def goes_on(self, upto: str = "", **answers: str) -> Person:
        """Answers what is asked until the question ``upto`` is open, or to the end, where the lead has been sent.

        A question that is not put is opened by its name, where it is ``upto`` or has one of these answers.
        """
        if not self.session.asked:
            self.says("halo")
        wanted = {*answers, upto}
        for _ in range(MOST_QUESTIONS):
            unasked = next((key for key in wanted if self._was_passed_by(key)), "")
            wanted.discard(unasked)
            if unasked:
                self.opens(unasked)
            elif self.session.asked == upto or not self.answers(**answers):
                break
        assert not upto or self.asked == f"registration.{upto}", f"{upto} is never asked"
        return self

    def opens(self, key: str) -> Person:
        """Opens an answered question of the registration by its name, as from the list of what can be changed."""
        return self.presses(Press("command", "correct", key))

    def _was_passed_by(self, key: str) -> bool:
        question = registration.question(key)
        scene = scene_of(self.session, self.world)
        passed = registration.applying(scene) if self.session.dialogue == "registration" else {}
        return bool(question and question.default and key in passed and question.unasked(passed[key], scene))

    def presses(self, button: Button | Press, after: timedelta = timedelta(seconds=20)) -> Person:
        return self.does(Heard(pressed=button.press if isinstance(button, Button) else button), after)

    def _follow(self, effect: Any) -> None:
        if isinstance(effect, SubmitLead):
            lead = Lead(effect.code, effect.status, self.world.now, effect.answers, estimate=effect.estimate)
            self.world = replace(self.world, leads=(*self.world.leads, lead))
        elif isinstance(effect, ChangeLead):
            changed = {effect.code: effect.answers}
            leads = tuple(replace(lead, answers=changed.get(lead.code, lead.answers)) for lead in self.world.leads)
            self.world = replace(self.world, leads=leads)
        elif isinstance(effect, AllowNews):
            self.world = replace(self.world, news=effect.allowed)
        elif isinstance(effect, ChooseLanguage):
            self.world = replace(self.world, language=effect.language)
        elif isinstance(effect, ForgetMe):
            self.world = replace(self.world, leads=(), news=None, language="")
            self.session = first_session(self.world)

    # ------------------------------------------------------------------------------------------ what came of it

    @property
    def asked(self) -> str:
        """The open question, as "dialogue.key"."""
        return f"{self.session.dialogue}.{self.session.asked}"

    @property
    def told(self) -> set[str]:
        """The keys of all that was said."""
        return {text.key for effect in self.effects if isinstance(effect, Say | Toast) for text in inside(effect.text)}

    @property
    def buttons(self) -> tuple[Button, ...]:
        return next((e.buttons for e in reversed(self.effects) if isinstance(e, Say) and e.buttons), ())

    def button(self, value: str) -> Button:
        """The last button shown with this value."""
        return next(b for b in reversed(self.buttons) if value in (b.press.value, b.press.question))

    def did(self, kind: type[T]) -> list[T]:
        """The effects of this kind."""
        return [effect for effect in self.effects if isinstance(effect, kind)]


def upto(question: str, **answers: str) -> Person:
    """Somebody who has just been asked this question of the registration, after these answers."""
    return Person().goes_on(question, **answers)


def registered(**answers: str) -> Person:
    """Somebody whose lead has been sent, and who has said yes to news."""
    return Person().goes_on(**answers).says("ya")


def inside(said: object) -> Iterator[Text]:
    """A text and all texts among its fields."""
    if isinstance(said, Text):
        yield said
        for field in said.fields.values():
            yield from inside(field)
    elif isinstance(said, Lines):
        for line in said:
            yield from inside(line)
