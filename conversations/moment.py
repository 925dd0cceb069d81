"""One turn in the making: the session, what was heard, the world and the book, and the moves that every rung uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .ask import asked
from .core import Book, Dialogue, Effect, Heard, Question, Say, Scene, Session, Text, Turn, World
from .effects import ForgetMe


@dataclass(frozen=True, slots=True)
class Moment:
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

    def at(self, session: Session) -> Moment:
        return replace(self, session=session)

    def begun(self, dialogue: str, /, *, about: str = "", under: Session | None = None, **answers: Any) -> Moment:
        """This moment at the start of another dialogue."""
        began = int(self.world.now.timestamp())
        return self.at(Session(dialogue, answers, began=began, about=about, at=self.session.at, under=under))

    def over(self, dialogue: str, /, *, about: str = "", **answers: Any) -> Moment:
        """Another dialogue on top of this one, which waits below; one that already waits goes on waiting."""
        waiting = self.session.under or self.session
        return self.begun(dialogue, about=about, under=None if waiting.dialogue == "home" else waiting, **answers)

    def below(self) -> Moment:
        """The dialogue that waits below, or home."""
        return self.at(self.session.under) if self.session.under else self.begun("home")

    def ask_open(self, *before: Effect) -> Turn:
        """``before``, then the open question; where none is open, what finishing brings, and whatever comes next."""
        question = self.open
        if question is None:
            return self._finished(before)
        earlier = self.dialogue.question(self.session.asked)
        put = asked(self.dialogue, question, self.scene, earlier.part if earlier else 0)
        return Turn(replace(self.session, asked=question.key), (*before, put))

    def _finished(self, before: tuple[Effect, ...]) -> Turn:
        scene = self.scene
        effects = self.dialogue.finish(scene._replace(answers=self.dialogue.applying(scene)))
        if any(isinstance(effect, ForgetMe) for effect in effects):
            return Turn(Session("home"), (*before, *effects))  # nobody is left who could be asked
        onward = self.below() if self.session.under else self.begun(self.dialogue.then)
        return onward.ask_open(*before, *effects)

    def leave(self, key: str, towards: str) -> Turn:
        """Out of this dialogue by an answer that leads elsewhere."""
        effects = self.dialogue.leave(key, self.scene)
        onward = self.below() if towards == "home" and self.session.under else self.begun(towards)
        return Turn(onward.session, effects) if effects and towards == "home" else onward.ask_open(*effects)

    def say(self, key: str, fields: Mapping[str, Any] | None = None) -> Turn:
        """Say this, then put the open question again: nobody loses their place."""
        return self.ask_open(Say(Text(key, fields or {})))


def scene_of(session: Session, world: World) -> Scene:
    return Scene(session.answers, world, session.about, session.said, session.began)
