"""How a ``.chat`` file is played: its people do what stands there, and what the bot says to it is written down.

A file that says ``# jawaban lazim: <a set of locales/id/usual.toml>`` is not about the whole registration. There a
stretch may be left out (``--- jawaban lazim sampai: …``), and a question that the set does not name is answered and not
shown, nor is its answer: so a question that is added changes only the files that are about the whole.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.channels.base import BOLD_OFF, BOLD_ON, Key, Outgoing, decode
from bot.channels.terminal import written
from bot.office.stretch import answers_until, asked_of
from bot.office.transcript import BOT, OWNER, Later, Part, Remark, TranscriptLine, Usual
from bot.office.usual import answer_to, usual
from conversations.dialogues.registration import registration
from conversations.engine.core import Question
from locales import Catalog, Sentence
from storage.leads import leaving, officers
from tests.owners import register
from tests.town import Town

_HIRED = re.compile(r"# petugas: (?P<who>\w+) ?(?P<where>[\d., ]*)(?P<role>coordinator|admin)?")
_LEFT = re.compile(r"# keluar: (?P<who>\w+)")
_REGISTERED = re.compile(r"# sudah daftar, boleh dikirimi kabar: (?P<names>[\w, ]+)")
_SET = re.compile(r"# jawaban lazim: (?P<name>.+)")
_BOLD = re.compile(f"[{BOLD_ON}{BOLD_OFF}]")
_AS_SHOWN = f"[{BOLD_ON}{BOLD_OFF}*]"  # bold as it leaves us, or as a phone on a platform has it
SECONDS = 20  # between two things that people do
CATALOG = Catalog.load()


async def nothing() -> None: ...


@dataclass
class Playing:
    """``between`` is done after each line. ``usual`` is None in a file that is about the whole registration."""

    there: Town
    between: Callable[[], Awaitable[None]] = nothing
    usual: Mapping[str, str] | None = None
    played: list[Part] = field(default_factory=list)
    _heard: dict[str, int] = field(default_factory=dict)

    async def play(self, script: Sequence[Part]) -> list[Part]:
        """The script again, with what the bot said. Raises AssertionError for a button that is not there."""
        for part, following in zip(script, (*script[1:], None), strict=True):
            if isinstance(part, TranscriptLine) and part.who == BOT:
                continue
            self.played.append(part)
            if isinstance(part, Remark):
                await self._staged(part)
            elif isinstance(part, Later):
                await self.there.later(part.by)
            elif isinstance(part, Usual):
                await self._left_out(part)
            else:
                await self._says(part)
                if isinstance(following, Usual):
                    self._not_shown(part.who)
            self._listen()
        return self.played

    def _listen(self) -> None:
        """Write down what people were told since."""
        for who, messages in self.there.told.items():
            new = messages[self._heard.get(who, 0) :]
            self.played.extend(
                TranscriptLine(BOT, without_rows(written(message), self._unknown()), who) for message in new
            )
            self._heard[who] = len(messages)

    def _not_shown(self, who: str, but: int = 0) -> None:
        """What this person was told since is not written down, but for the last so many messages."""
        self._heard[who] = len(self.there.told.get(who, ())) - but

    async def _says(self, line: TranscriptLine) -> None:
        self.there.clock.advance(seconds=SECONDS)
        try:
            await self.there.say(line.who, line.text)
        except LookupError as missing:
            raise AssertionError(f"{line.who}: {line.text}: {missing}") from None
        await self.between()
        if self.usual is not None:
            async for question, answer in unknown_questions(self.there, line.who, self.usual):
                asked = self.there.told[line.who].pop()
                await self.there.aside(line.who, answer)
                self.there.told[line.who][-1] = without_question(asked, question, self.there.told[line.who][-1])

    async def _left_out(self, part: Usual) -> None:
        """Of a stretch only the question is shown that ends it."""
        assert self.usual is not None, "a file with a stretch says which answers are usual: # jawaban lazim: …"
        async for answer in usual_answers(self.there, part, self.usual):
            await self._says(TranscriptLine(OWNER, answer, OWNER))
        self._not_shown(OWNER, but=1)

    async def _staged(self, remark: Remark) -> None:
        """What a remark says of who works here, who has registered, or what is usual, is so from here on."""
        self.usual = usual_set(remark) or self.usual
        if await staged(self.there, remark):  # how it came about is no part of the chat
            self._heard |= {who: len(messages) for who, messages in self.there.told.items()}

    def _unknown(self) -> tuple[str, ...]:
        """The names of the answers that are not shown."""
        usual = self.usual
        keys = () if usual is None else (q.key for q in registration.questions if q.key not in usual)
        return tuple(CATALOG.text(f"registration.{key}.label") for key in keys)


# ------------------------------------------------------------------------------------------------ who is here


async def staged(there: Town, remark: Remark) -> bool:
    """Whether a remark says who works here, or who has registered; then it is so."""
    if officer := hired(remark):
        who, regencies, role = officer
        await there.hire(who, *regencies, role=role)
        return True
    if left := _LEFT.fullmatch(remark.text):
        await leaves(there, left["who"])
    owners = registered(remark)
    for who in owners:
        await staged_owner(there, who)
    return bool(owners)


async def staged_owner(there: Town, who: str) -> str:
    """Register ``who``, who agrees to news; the code of the lead."""
    code = await register(there, who, name=who)
    await there.say(who, "ya")
    return code


def registered(remark: Remark) -> list[str]:
    """Who has registered and agreed to news, where a remark says so."""
    owners = _REGISTERED.fullmatch(remark.text)
    return owners["names"].split(", ") if owners else []


async def leaves(there: Town, who: str) -> None:
    """This officer leaves, as ``rangkul officers remove`` has it."""
    async with there.product.database.write() as tx:
        listed = await officers.listed(tx, there.product.services.vault)
        number = next(each.id for each in listed if each.name == who)
        await leaving.leave(tx, number, there.clock(), actor="cli")


def usual_set(remark: Remark) -> Mapping[str, str] | None:
    """The usual answers that a remark names; None where it names none."""
    named = _SET.fullmatch(remark.text)
    return usual(named["name"]) if named else None


def hired(remark: Remark) -> tuple[str, list[str], str] | None:
    """Who works where as what from here on, where a remark says so."""
    found = _HIRED.fullmatch(remark.text)
    return (found["who"], found["where"].replace(",", " ").split(), found["role"] or "officer") if found else None


# ------------------------------------------------------------------------------------------------ what is usual


def usual_answers(there: Town, part: Usual, answers: Mapping[str, str]) -> AsyncIterator[str]:
    """What the owner says in a stretch, in turn; each must have been said before the next is asked for."""
    return answers_until(there.product, there.where(OWNER), part, answers, there.clock)


async def unknown_questions(there: Town, who: str, answers: Mapping[str, str]) -> AsyncIterator[tuple[Question, str]]:
    """Each open question that these answers do not name, with what is answered; it must have been said before the next."""
    while (asked := await asked_of(there.product, there.where(who), there.clock())) and asked[0].key not in answers:
        yield asked[0], answer_to(*asked, answers)


def without_question(asked: Outgoing, question: Question, following: Outgoing) -> Outgoing:
    """The two messages as one, as if the question that ends the first had not been asked and answered."""
    words = [CATALOG.sentences[key] for key in CATALOG.sentences if key.startswith(f"registration.{question.key}.a")]
    before = next((asked.text[: end.start()] for each in words if (end := _found(each, asked.text, r"\Z"))), None)
    assert before is not None, f"the question {question.key} does not end its message: {asked.text}"
    taken = CATALOG.sentences.get(f"registration.{question.key}.taken")
    echo = _found(taken, following.text, r"\s*", begin=True) if taken else None
    besides = tuple((key,) for row in asked.keys for key in row if _is_command(key))  # "Ubah ini", of the answer before
    return replace(
        following, text=before + following.text[echo.end() if echo else 0 :], keys=(*following.keys, *besides)
    )


def _is_command(key: Key) -> bool:
    press = decode(key.data)
    return press is not None and press.dialogue == "command"


def _found(sentence: Sentence, text: str, end: str, *, begin: bool = False) -> re.Match[str] | None:
    """Where these words stand in a text, whatever was put into their fields."""
    words = "".join(".*" if at % 2 else _BOLD.sub(_AS_SHOWN, re.escape(part)) for at, part in enumerate(sentence.parts))
    return re.match(words + end, text) if begin else re.search(words + end, text)


def without_rows(text: str, names: Sequence[str]) -> str:
    """A message without the rows of these answers, in a review or on a card."""
    rows = tuple(f"{name}: " for name in names)
    return "\n".join(line for line in text.split("\n") if not rows or not line.startswith(rows))
