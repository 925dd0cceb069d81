"""One turn in the making: the session, what was heard, the world and the book, and the moves that every rung uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from .ask import asked
from .core import Book, Dialogue, Effect, Heard, Question, Say, Scene, Session, Text, Turn
from .effects import ForgetMe
from .world import World

STILL_IN_SIGHT = timedelta(hours=1)  # for so long a question just read need not be put at full length again


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
        """This moment at the start of another dialogue."""
        began, now = int(self.world.now.timestamp()), self.session
        return self.at(Session(dialogue, answers, began=began, about=about, last=now.last, at=now.at, under=under))

    def over(self, dialogue: str, /, *, about: str = "", **answers: Any) -> TurnState:
        """Another dialogue on top of this one, which waits below; one that already waits goes on waiting.

        Home need not wait, and neither does the same dialogue about the same.
        """
        waiting = self.session.under or self.session
        under = (
            None if waiting.dialogue == "home" or (waiting.dialogue, waiting.about) == (dialogue, about) else waiting
        )
        return self.begun(dialogue, about=about, under=under, **answers)

    def below(self) -> TurnState:
        """The dialogue that waits below, or home."""
        if self.session.under is None:
            return self.begun("home")
        return self.at(self.session.under._replace(last=self.session.last))

    def ask_open(self, *before: Effect, again: bool = False) -> Turn:
        """``before``, then the open question; where none is open, what finishing brings, and whatever comes next.

        Of a dialogue that may not go on for who is here now, why, and what waits below it.
        """
        if reason := self.dialogue.barred(self.scene):
            return self.below().ask_open(*before, Say(reason))
        question = self.open
        if question is None:
            return self._finished(before)
        earlier = self.dialogue.question(self.session.asked)
        in_sight = again and earlier is question and self._away < STILL_IN_SIGHT
        going_on = not (self.session.undo or self.session.about)  # who changes an answer is in no new part
        known_part = (earlier.part if earlier else 0) if going_on else self.dialogue.parts
        put = asked(self.dialogue, question, self.scene, known_part, again=in_sight)
        # The choice between readings is no longer what the person sees, so a number means none of them any more.
        return Turn(self.session._replace(asked=question.key, offered=()), (*before, put))

    def ask_again(self, *before: Effect) -> Turn:
        """``before``, then the question that was open already, in short where it is still in sight."""
        return self.ask_open(*before, again=True)

    @property
    def _away(self) -> timedelta:
        return timedelta(seconds=self.world.now.timestamp() - self.session.at)

    def _finished(self, before: tuple[Effect, ...]) -> Turn:
        scene = self.scene
        effects = self.dialogue.finish(scene._replace(answers=self.dialogue.applying(scene)))
        if any(isinstance(effect, ForgetMe) for effect in effects):
            return Turn(Session("home"), (*before, *effects))  # nobody is left who could be asked
        onward = self.below() if self.session.under else self.begun(self.dialogue.then)
        if self.dialogue.answers:
            return Turn(onward.session, (*before, *effects))
        return onward.ask_open(*before, *effects)

    def leave(self, key: str, towards: str) -> Turn:
        """Out of this dialogue by an answer that leads elsewhere."""
        effects = self.dialogue.leave(key, self.scene)
        onward = self.below() if towards == "home" and self.session.under else self.begun(towards)
        return Turn(onward.session, effects) if effects and towards == "home" else onward.ask_open(*effects)

    def say(self, key: str, fields: Mapping[str, Any] | None = None) -> Turn:
        """Say this, then put the open question again: nobody loses their place."""
        return self.ask_again(Say(Text(key, fields or {})))


def scene_of(session: Session, world: World) -> Scene:
    return Scene(session.answers, world, session.about, session.said, session.began)
