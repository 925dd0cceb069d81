"""The state of one turn in the making: session, event, world and book, and the moves that every rung uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from conversations.rules.formatting import CHANNEL

from .answers.notes import NOTES
from .ask import asked
from .core import Book, Dialogue, Effect, Heard, Question, Say, Scene, Session, Text, Turn
from .effects import ForgetMe
from .world import World

STILL_IN_SIGHT = timedelta(hours=1)  # within which a question put again may be put in short


class TurnState(NamedTuple):
    session: Session
    heard: Heard
    world: World
    book: Book

    @property
    def dialogue(self) -> Dialogue:
        return self.book[self.session.dialogue]

    @property
    def scene(self) -> Scene:
        return scene_of(self.session, self.world)

    @property
    def open(self) -> Question | None:
        return self.dialogue.open(self.scene)

    def at(self, session: Session) -> TurnState:
        return TurnState(session, self.heard, self.world, self.book)

    def begun(self, dialogue: str, /, *, about: str = "", under: Session | None = None, **answers: Any) -> TurnState:
        """This state at the start of another dialogue."""
        began, now = int(self.world.now.timestamp()), self.session
        kept: dict[str, Any] = {"last": now.last, "at": now.at, "listed": now.listed}
        return self.at(Session(dialogue, answers, began=began, about=about, under=under, **kept))

    def over(self, dialogue: str, /, *, about: str = "", **answers: Any) -> TurnState:
        """This state in another dialogue, on top of this one, which waits below; a dialogue that already waits goes on
        waiting.

        Home need not wait, and neither does the same dialogue about the same lead.
        """
        waiting = self.session.under or self.session
        under = (
            None if waiting.dialogue == "home" or (waiting.dialogue, waiting.about) == (dialogue, about) else waiting
        )
        return self.begun(dialogue, about=about, under=under, **answers)

    def below(self) -> TurnState:
        """This state in the dialogue that waits below, or at home."""
        if self.session.under is None:
            return self.begun("home")
        return self.at(self.session.under._replace(last=self.session.last))

    def ask_open(self, *before: Effect, again: bool = False) -> Turn:
        """``before``, then the open question; where none is open, the effects of finishing, and the next dialogue's
        question.

        Where the dialogue is barred: the reason, and the dialogue that waits below.
        """
        if reason := self.dialogue.barred(self.scene):
            return self.below().ask_open(*before, Say(reason))
        if given := self._given():
            return self.at(self.session._replace(answers={**self.session.answers, **given})).ask_open(
                *before, again=again
            )
        question = self.open
        if question is None:
            return self._finished(before)
        earlier = self.dialogue.question(self.session.asked)
        in_sight = again and earlier is question and self._away < STILL_IN_SIGHT
        going_on = earlier is not question and not (self.session.undo or self.session.about)
        put = asked(self.dialogue, question, self.scene, again=in_sight, going_on=going_on)
        # The person no longer sees the choice between readings, so a number means none of them any more.
        return Turn(self.session._replace(asked=question.key, offered=(), topics=()), (*before, put))

    def _given(self) -> dict[str, Any]:
        """The answers that need not be asked, as they are known now; without those that are just being changed."""
        answers, undo = self.session.answers, self.session.undo
        applying = (q for q in self.dialogue.questions if q.when(self.scene) and q.key not in undo)
        known = {q.key: q.given(self.scene) for q in applying if q.key not in answers or _was_given(answers[q.key])}
        return {key: value for key, value in known.items() if value is not None and value != answers.get(key)}

    def ask_again(self, *before: Effect) -> Turn:
        """``before``, then the question that is open already, in short where it is still in sight."""
        return self.ask_open(*before, again=True)

    @property
    def _away(self) -> timedelta:
        return timedelta(seconds=self.world.now.timestamp() - self.session.at)

    def _finished(self, before: tuple[Effect, ...]) -> Turn:
        scene = self.scene
        effects = self.dialogue.finish(scene._replace(answers=self.dialogue.applying(scene)))
        if any(isinstance(effect, ForgetMe) for effect in effects):
            return Turn(Session("home"), (*before, *effects))  # the person is erased, so nobody can be asked
        onward = self.below() if self.session.under else self.begun(self.dialogue.then)
        if self.dialogue.answers:
            return Turn(onward.session, (*before, *effects))
        return onward.ask_open(*before, *effects)

    def leave(self, key: str, towards: str) -> Turn:
        """Leave this dialogue by an answer, ``key``, that leads to the dialogue ``towards``."""
        effects = self.dialogue.leave(key, self.scene)
        onward = self.below() if towards == "home" and self.session.under else self.begun(towards)
        return Turn(onward.session, effects) if effects and towards == "home" else onward.ask_open(*effects)

    def say(self, key: str, fields: Mapping[str, Any] | None = None) -> Turn:
        """Say a text, then put the open question again: nobody loses their place."""
        return self.ask_again(Say(Text(key, fields or {})))


def _was_given(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.get("source") == CHANNEL


def scene_of(session: Session, world: World) -> Scene:
    opened = frozenset((*session.undo, session.asked))
    answers = {**session.answers, NOTES: session.notes} if session.notes else session.answers
    return Scene(answers, world, session.about, session.said, session.began, opened)
