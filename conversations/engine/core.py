"""The core: a conversation is one pure function, ``step(session, heard, world) -> Turn(session, effects)``.

Nothing here waits, reads a clock, opens a file or knows a channel. All facts that a reply may depend on come in with
:class:`~.world.World`; all consequences go out as effects, plain values that the shell (``bot/``) turns into rows of
one database transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from .world import World

_NOTHING: Mapping[str, Any] = MappingProxyType({})  # an immutable default

# ---------------------------------------------------------------------------------------------- what comes in


class Press(NamedTuple):
    """A pressed button; it names its question, so that it can never answer another one."""

    dialogue: str
    question: str
    value: str
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared phone number in E.164; ``own`` only when the platform says that the number is the sender's."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a person, on any channel. One of the fields is filled, besides ``masked``; for a person who arrives
    from an ad, or adds words to a link's, ``start`` is filled too, and ``text`` may come with ``other``.

    ``other`` names an attachment that we cannot read ("photo", "voice", "sticker", "location", "edited", …): it is
    answered kindly and never downloaded; ``text`` beside it is a caption, or the name of the place. ``start`` is the
    payload of a deep link ("/start <payload>"): a campaign or an officer's code. ``masked`` says that sixteen digits in
    a row were taken out before anything was stored.
    """

    text: str = ""
    pressed: Press | None = None
    contact: Contact | None = None
    other: str = ""
    start: str = ""
    masked: bool = False


# ---------------------------------------------------------------------------------------------- what goes out


@dataclass(frozen=True, slots=True)
class Rupiah:
    """An amount of whole rupiah; the catalogue writes it as ``Rp16.800``."""

    amount: int


class Text(NamedTuple):
    """A text to say: a key of the catalogue and its named fields. Never a sentence: sentences live in ``locales/``."""

    key: str
    fields: Mapping[str, Field] = _NOTHING


class Lines(tuple["Field", ...]):
    """Several fields, one below the other."""

    __slots__ = ()


Field = str | int | Rupiah | date | datetime | Text | Lines


class Button(NamedTuple):
    """A button below a message; ``alone``: in a row of its own, however short its label."""

    press: Press
    label: Text | str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Effect: tell this person something. All says of one turn leave as one message, under the last buttons.

    ``wants_contact`` asks the channel for its share-my-number button, where it has one. Where a channel shows fewer
    buttons at a time, it shows this ``page`` of them; the command ``pages`` shows the next page.
    """

    text: Text
    buttons: tuple[Button, ...] = ()
    wants_contact: bool = False
    page: int = 1
    pages: str = "more"


@dataclass(frozen=True, slots=True)
class Toast:
    """Effect: a short note on the pressed button itself, on channels that can; nothing elsewhere."""

    text: Text


@dataclass(frozen=True, slots=True)
class Document:
    """Effect: send a file with this text as its content (a person's own data)."""

    name: str
    text: Text


Effect = Any  # effects are frozen dataclasses; bot/turns/effects.py has a handler for each


class NotUnderstood(Exception):  # noqa: N818 - it is a reader's answer, not an error of the program
    """Raised by a reader that cannot take the words as an answer. ``key``, with ``facts``, names a sentence that helps."""

    def __init__(self, key: str, **facts: Field) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


class Ask(Exception):  # noqa: N818 - likewise
    """Raised by a reader whose two readings would store different values: the candidates become buttons.

    ``key`` names the sentence that asks; ``candidates`` are values of the open question.
    """

    def __init__(self, key: str, candidates: tuple[Any, ...] = (), **facts: Field) -> None:
        super().__init__(key)
        self.key, self.candidates, self.facts = key, candidates, facts


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's value with more about it than the value alone.

    ``plain`` False: it was not plainly said, or it turns a person away, so it is read back in the next message with a
    way to change it; ``readback`` is the key of a sentence that does so better than the usual one. ``also``: answers to
    other questions of the dialogue that were given in the same words.
    """

    value: Any
    plain: bool = True
    also: Mapping[str, Any] = field(default_factory=dict)
    readback: str = ""


class Edit(Exception):  # noqa: N818 - likewise
    """Raised by a reader where the words ask to change an earlier answer, ``key``, instead of giving one."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Instead(Exception):  # noqa: N818 - likewise
    """Raised by a reader where the words do not answer its own question but another one of the dialogue, ``key``: they
    are taken as ``reading`` there, and the open question stays open."""

    def __init__(self, key: str, reading: Reading) -> None:
        super().__init__(key)
        self.key, self.reading = key, reading


# ---------------------------------------------------------------------------------------------- state


class Session(NamedTuple):
    """Where a person stands in a conversation. Small, immutable, plain JSON when stored.

    The open question is never stored: it is the first that applies and has no answer. ``asked`` is only the question
    that the person last saw. ``began`` (epoch seconds) marks one run of a dialogue, so that buttons of an earlier run
    are known as such. ``under`` is the dialogue that waits below this one. ``about`` is a lead's code.
    """

    dialogue: str
    answers: Mapping[str, Any] = _NOTHING
    asked: str = ""
    began: int = 0
    about: str = ""
    misses: int = 0  # at the open question, in halves (patience.py)
    said: str = ""  # words that had two readings, kept while the choice is open
    offered: tuple[str, ...] = ()  # the values of that choice
    topics: tuple[str, ...] = ()  # topics that stand as buttons below the open question (engine/topics.py)
    undo: Mapping[str, Any] = _NOTHING  # old values of answers whose change was begun
    last: str = ""  # the last press that counted, to know a double tap; or an attachment, to know an album
    at: int = 0  # epoch seconds of the last turn
    digits: str = ""  # digits of the last message that may be the beginning of an identity number
    notes: Mapping[str, Any] = _NOTHING  # for the officer, beside the answers (answers/notes.py)
    fragment: str = ""  # the open question's key and words that did not answer it alone (answers/fragments.py)
    held: str = ""  # what was told before the permission to keep it; taken up with a yes, gone with a no
    listed: str = ""  # the list of leads that an officer saw last: its command and the page's value ("tasks overdue.2")
    haste: int = 0  # how hastily they write (brake.py)
    under: Session | None = None

    def with_answers(self, answers: Mapping[str, Any]) -> Session:
        """The session with these answers given; old values kept for undoing a change of them are dropped."""
        undo = {k: v for k, v in self.undo.items() if k not in answers}
        return self._replace(answers={**self.answers, **answers}, undo=undo, said="", offered=(), misses=0)

    def closed(self, key: str) -> Session:
        """The session where a question that was opened is no longer put; its answer is what it was without that."""
        return self._replace(
            undo={k: v for k, v in self.undo.items() if k != key}, asked="", said="", offered=(), misses=0
        )

    def forget(self, *keys: str) -> Session:
        """The session without these answers, nor the old values that were kept of them."""
        kept, undo = ({k: v for k, v in old.items() if k not in keys} for old in (self.answers, self.undo))
        return self._replace(answers=kept, undo=undo, said="", offered=(), misses=0)


class Scene(NamedTuple):
    """The view of a question: the answers so far, the world, the lead it is about, words still in doubt, and the
    questions that were put or opened by name."""

    answers: Mapping[str, Any]
    world: World
    about: str = ""
    said: str = ""
    began: int = 0
    opened: frozenset[str] = frozenset()


class Turn(NamedTuple):
    session: Session
    effects: tuple[Effect, ...]


Reader = Callable[[Heard, Scene], Any]
Show = Callable[[Any, Scene], Field]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a dialogue; made by the functions of ``ask.py``.

    ``again`` is the prompt in short, for when the person has just read the long one. ``then`` maps an answer to the
    dialogue it leads to instead of the next question. ``echo``: the answer is taken up in the next message (key
    ``<path>.taken``), as it is shown or, where it is spoken otherwise, as ``spoken`` says it. ``open_only``: an old
    button of this question never counts. ``exact``: its button counts only for the very answers it stood under.
    ``verbatim``: any words are the answer, as they stand.

    ``besides``: values that are understood though no button offers them: they are only typed, or stand on old buttons.

    ``given``: the answer where it is known without being asked, None where it is not; it can be changed like any other.
    ``default``: the answer where none was given, so that nobody is asked; who wants another one changes it by its name.
    None for a question that is put.

    ``counts``: its prompt begins a stretch, and says how many questions are left.

    ``group``: the heading of the review under which the answer stands; such an answer can be corrected by name and
    stands on the officer's card; "" for an answer shown in neither. ``on_card`` False leaves the answer off the card.
    Answers are shown in the order in which they are asked; ``review_after`` and ``card_before`` name the question
    beside whose line this one stands instead.
    """

    key: str
    hears: Reader
    choices: Callable[[Scene], tuple[str, ...]]
    show: Show
    when: Callable[[Scene], bool]
    prompt: Callable[[Scene], Text]
    again: Callable[[Scene], Text]
    label: Callable[[str, Scene], Text | str]
    group: str = ""
    on_card: bool = True
    review_after: str = ""
    card_before: str = ""
    then: Mapping[Any, str] = field(default_factory=dict)
    optional: bool = False
    echo: bool = False
    spoken: Show | None = None
    open_only: bool = False
    exact: bool = False
    verbatim: bool = False
    wants_contact: bool = False
    commands: Callable[[Scene], tuple[str, ...]] = lambda scene: ()  # commands that stand as buttons below the question
    besides: tuple[str, ...] = ()
    given: Callable[[Scene], Any] = lambda scene: None
    default: Callable[[Scene], Any] | None = None
    counts: bool = False
    resets: tuple[str, ...] = ()  # keys of answers that a new answer to this question makes void

    def is_put(self, scene: Scene) -> bool:
        """Whether this question applies, and is put to the person: by itself, or as it was opened."""
        return self.when(scene) and (self.default is None or self.key in scene.opened)

    def unasked(self, answer: Any, scene: Scene) -> bool:
        """Whether this answer was never asked for: the channel tells it, or it is the default."""
        told = answer is not None and answer == self.given(scene)
        return told or (self.default is not None and answer == self.default(scene))


@dataclass(frozen=True, slots=True, eq=False)
class Dialogue:
    """A named list of questions, and the effects of its answers.

    ``finish`` gives the effects of a completed run; ``then`` the dialogue that follows, unless another one waits below.
    ``leave`` gives the effects of an answer that leads away (``Question.then``), ``answered`` those of any other answer
    as it is taken. ``barred`` says why the dialogue may not go on for this person, whose right to it may have ended
    since it began. ``nudged``: an unfinished run is reminded of. ``answers``: its effects show the answer to a completed run,
    so nothing is asked after it. ``straight``: the answers of most people, by which the questions left are counted.
    """

    name: str
    questions: tuple[Question, ...]
    finish: Callable[[Scene], tuple[Effect, ...]]
    then: str = "home"
    leave: Callable[[str, Scene], tuple[Effect, ...]] = lambda key, scene: ()
    answered: Callable[[str, Any, Scene], tuple[Effect, ...]] = lambda key, value, scene: ()
    barred: Callable[[Scene], Text | None] = lambda scene: None
    nudged: bool = False
    answers: bool = False
    straight: Mapping[str, Any] = field(default_factory=dict)

    def open(self, scene: Scene) -> Question | None:
        """The first question that applies and has no answer, those left out that are not put."""
        return next((q for q in self.questions if q.key not in scene.answers and q.is_put(scene)), None)

    def applying(self, scene: Scene) -> dict[str, Any]:
        """The answers whose questions still apply, once an earlier answer has been changed; with the defaults of
        questions that come before the open one, and what is no answer."""
        now, given = self.open(scene), scene.answers
        passed = self.questions[: self.questions.index(now)] if now else self.questions
        beside = {key: value for key, value in given.items() if self.question(key) is None}
        return beside | {
            q.key: given[q.key] if q.key in given else q.default(scene)  # type: ignore[misc]  # the filter says so
            for q in self.questions
            if (q.key in given or (q.default and q in passed)) and q.when(scene)
        }

    def comes_after(self, question: Question, other: Question) -> bool:
        return self.questions.index(question) > self.questions.index(other)

    def left(self, scene: Scene) -> int:
        """How many questions are still put, the open one among them, if the rest is answered as most people do."""
        answers = {**self.straight, **scene.answers}
        ahead = scene._replace(answers=answers)
        return sum(
            question.key not in scene.answers
            and question.default is None
            and question.given(scene) is None
            and question.when(ahead)
            for question in self.questions
        )

    def question(self, key: str) -> Question | None:
        return next((q for q in self.questions if q.key == key), None)


Book = Mapping[str, Dialogue]


def session_to_json(session: Session) -> dict[str, Any]:
    """Plain JSON of a session, fields that hold nothing left out; :func:`session_from_json` reads it back."""
    plain = {name: value for name in Session._fields if (value := getattr(session, name)) and name != "under"}
    if session.under:
        plain["under"] = session_to_json(session.under)
    return plain


def session_from_json(plain: Mapping[str, Any]) -> Session:
    """The session of stored JSON; fields of a later version that are not known here are passed over."""
    known = {name: plain[name] for name in Session._fields if name in plain and name != "under"}
    under = plain.get("under")
    known |= {name: tuple(known[name]) for name in ("offered", "topics") if name in known}
    return Session(**known, under=session_from_json(under) if under else None)
