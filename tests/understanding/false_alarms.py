"""What is made of sentences that have nothing to do with the bot, at each question. Nothing should be.

``corpus/foreign.txt``: what people write elsewhere, one sentence a line. A person is led to the question, says it, and is
looked at afterwards. Of the lines every third is kept apart: it counts, and is never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conversations.dialogues.book import BOOK
from conversations.engine.core import Heard
from conversations.engine.ladder import step
from tests.understanding.marks import CORPUS
from tests.understanding.progress import shown
from tests.understanding.way import led
from tests.understanding.what_came import Came, came

SHORT = 8  # words; a sentence of at most so many resembles what is written in a chat


def _has(key: str, *values: str) -> Callable[[Came], bool]:
    """Whether this answer was taken; with ``values``, whether it is one of them."""
    return lambda it: it.stored.get(key) is not None and (not values or it.stored[key] in values)


def _did(what: str) -> Callable[[Came], bool]:
    return lambda it: what in it.done


# What may go wrong at a question, and the share of sentences at which it may at most; None: only told.
WATCHED: Mapping[str, tuple[tuple[str, Callable[[Came], bool], float | None], ...]] = {
    "consent": (("consent given", _has("consent", "yes"), 0.001),),
    "confirm": (("lead sent", _did("sent"), 0.001),),
    "name": (("name", _has("name"), 0.05),),
    "regency": (("regency", _has("regency"), 0.005),),
    "sector": (("sector", _has("sector"), 0.10),),
    "workers": (("workers", _has("workers"), None),),
    "member": (
        ("already a member", _has("member", "yes"), 0.001),
        ("too old", lambda it: _has("under_65", "no")(it) or _has("member", "over_65")(it), 0.001),
    ),
    "income": (("income", _has("income"), None),),
    "phone": (("phone", _has("phone"), 0.0),),
    "contact_time": (("contact_time", _has("contact_time"), None),),
}
# At any question.
ANYWHERE: Mapping[str, float | None] = {"stop": 0.001, "delete_data": 0.001, "cancel": 0.001}


@dataclass(slots=True)
class Alarms:
    """The count of false alarms at one question, over all sentences and over short ones, and the sentences that may be seen."""

    what: str
    most: float | None
    count: int = 0
    short: int = 0
    seen: list[str] = field(default_factory=list)

    def rings(self, sentence: Sentence) -> None:
        self.count += 1
        self.short += sentence.is_short
        if sentence.may_be_seen:
            self.seen.append(sentence.text)


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    may_be_seen: bool

    @property
    def is_short(self) -> bool:
        return len(self.text.split()) <= SHORT


def sentences() -> tuple[Sentence, ...]:
    """Every line of ``foreign.txt``."""
    lines = (CORPUS / "foreign.txt").read_text("utf-8").splitlines()
    return tuple(Sentence(line, number % 3 != 2) for number, line in enumerate(lines) if line.strip())


def alarms(said: Sequence[Sentence], only: Callable[[str], bool] = lambda question: True) -> Iterator[Alarms]:
    """The false alarms of these sentences, kind by kind; ``only`` chooses the questions."""
    ended = {what: Alarms(f"{what}, at any question", most) for what, most in ANYWHERE.items()}
    answered: Counter[str] = Counter()
    ends: Mapping[str, set[str]] = {what: set() for what in ANYWHERE}
    questions = [question for question in WATCHED if only(question)]
    for question in questions:
        watched = [(Alarms(what, most), rings) for what, rings, most in WATCHED[question]]
        start = led(question)
        for sentence in shown(f"foreign sentences at {question}", said):
            it = came(start.session, step(start.session, Heard(text=sentence.text), start.world, BOOK))
            for kind, rings in watched:
                if rings(it):
                    kind.rings(sentence)
            for what in it.done & ANYWHERE.keys():
                if sentence.text not in ends[what]:
                    ends[what].add(sentence.text)
                    ended[what].rings(sentence)
            answered[question] += bool(it.topics)
        yield from (kind for kind, _ in watched)
        yield Alarms(f"  a topic answers at {question}", None, answered[question])
    if questions:
        yield from ended.values()


def report(only: Callable[[str], bool], *, missed: bool) -> None:
    """Print the shares, and with ``missed`` the sentences that may be seen."""
    said = sentences()
    short = sum(sentence.is_short for sentence in said)
    print(f"{f'of {len(said)} foreign sentences':38}{'all':>9}{f'{short} short':>12}{'at most':>9}")  # noqa: T201 - prints are its output
    for kind in alarms(said, only):
        most = "" if kind.most is None else f"{kind.most:9.1%}"
        late = "   TOO MANY" if kind.most is not None and kind.count > kind.most * len(said) else ""
        of_short = f"{kind.short / max(1, short):12.2%}" if not kind.what.startswith(" ") else f"{'':12}"
        print(f"{kind.what:38}{kind.count / max(1, len(said)):9.2%}{of_short}{most}{late}")  # noqa: T201 - as above
        for text in kind.seen if missed else ():
            print(f"    {text}")  # noqa: T201 - as above
    print()  # noqa: T201 - as above
