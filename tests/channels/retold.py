"""What the lines of a ``.chat`` file mean, learned in the terminal, so that its people can do the same on WhatsApp."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.office.transcript import BOT, OWNER, Later, Part, Remark, TranscriptLine, Usual
from conversations.engine.core import Press
from tests.playing import nothing, registered, staged, staged_owner, unknown_questions, usual_answers, usual_set
from tests.soundness import session_of
from tests.town import Codes, Town

PHONE = "phone"  # the question that WhatsApp mostly answers by itself


class Phones(Town, ABC):
    """A town whose people have phones on which labels may read otherwise than in the terminal."""

    @abstractmethod
    async def chooses(self, who: str, wanted: Press, label: str) -> None:
        """Press what means ``wanted``, which reads ``[label]`` in the terminal; write it out where it is no button."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A line of a .chat file: the question that it is about, and what the button of that label pressed.

    ``code``: the reference code that a lead made by it got. ``aside``: it answers what the file does not show, and time
    does not pass for it.
    """

    line: TranscriptLine
    asked: str
    pressed: Press | None
    code: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """An owner who has registered and agreed to news, with the code of their lead."""

    who: str
    code: str


def not_ours(part: Part) -> bool:
    return not (isinstance(part, TranscriptLine) and part.who == BOT)


async def understood(
    script: list[Part], there: Town, between: Callable[[], Awaitable[None]] = nothing
) -> AsyncIterator[Part | Meant | Registered]:
    """Do a script in the terminal, with the stretches that it leaves out, and ``between`` after each line; its parts,
    with what each line meant there."""
    answers: Mapping[str, str] | None = None
    for part in filter(not_ours, script):
        if isinstance(part, Remark):
            answers = usual_set(part) or answers
        if isinstance(part, TranscriptLine):
            yield await read(part, there)
            await between()
        elif not isinstance(part, Usual):
            async for each in _happened(part, there):
                yield each
        elif answers:
            async for said in usual_answers(there, part, answers):
                yield await read(TranscriptLine(OWNER, said, OWNER), there)
        if isinstance(part, TranscriptLine) and answers:
            async for _, said in unknown_questions(there, part.who, answers):
                yield await read(TranscriptLine(part.who, said, part.who), there, aside=True)


async def _happened(part: Part, there: Town) -> AsyncIterator[Part | Registered]:
    names = registered(part) if isinstance(part, Remark) else []
    for name in names:
        yield Registered(name, await staged_owner(there, name))
    if not names:
        await happen(part, there)
        yield part


async def read(line: TranscriptLine, there: Town, *, aside: bool = False) -> Meant:
    """Say a line in the terminal; what it meant there."""
    asked, keys = await asked_of(there, line.who), there.terminal.heard
    pressed = keys(line.who, line.text).pressed if line.text.startswith("[") else None
    there.clock.advance(seconds=0 if aside else 20)
    code = (
        replace(codes)() if isinstance(codes := there.product.services.fresh, Codes) else ""
    )  # each turn takes the next
    await (there.aside if aside else there.say)(line.who, line.text)
    after = await session_of(there.product.database, there.product.vault, there.where(line.who))
    if asked == PHONE and after and after.asked != PHONE and PHONE not in after.answers:
        asked = after.asked  # it opened another question
    return Meant(line, asked, pressed, code, aside)


async def play(part: Part | Meant | Registered, here: Phones) -> None:
    """Do the same on WhatsApp. What answers the question of the phone number is left out where that is not asked."""
    if isinstance(part, Registered):
        here.product.services.fresh = partial(str, part.code)
        await staged_owner(here, part.who)
        return
    if not isinstance(part, Meant):
        await happen(part, here)
        return
    here.product.services.fresh = partial(str, part.code)
    who = part.line.who
    here.clock.advance(seconds=0 if part.aside else 20)
    if part.asked == PHONE and await asked_of(here, who) != PHONE:
        return
    if part.pressed:
        await here.chooses(who, part.pressed, part.line.text)
    else:
        await here.say(who, part.line.text)


async def happen(part: Part, where: Town) -> None:
    """Time passes, an officer is hired or leaves."""
    if isinstance(part, Later):
        await where.later(part.by)
    elif isinstance(part, Remark):
        await staged(where, part)


async def asked_of(where: Town, who: str) -> str:
    """The key of the question that this person saw last."""
    session = await session_of(where.product.database, where.product.vault, where.where(who))
    return session.asked if session else ""
