"""A stretch that a ``.chat`` file leaves out, answered on the running product, question by question."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime

from bot.app import Product
from bot.office.transcript import Usual
from bot.office.usual import GREETING, HELLO, answer_to, open_question, opened_by_name, question_named
from conversations.engine.core import Question, Scene, Session
from conversations.engine.turn_state import scene_of
from conversations.engine.world import World
from storage.people import people, sessions
from storage.people.people import Where


async def asked_of(product: Product, where: Where, now: datetime) -> tuple[Question, Scene] | None:
    """The open question of the registration at this address, and the scene for its choices; None where none is open."""
    found = await _talk(product, where, now)
    question = open_question(*found) if found else None
    return (question, scene_of(*found)) if found and question else None


async def _talk(product: Product, where: Where, now: datetime) -> tuple[Session, World] | None:
    """The session at this address, and its world; None without one."""
    async with product.database.read() as tx:
        session = await sessions.at_address(tx, product.vault, people.find(product.vault, where))
    if session is None or product.services is None:
        return None
    return session, World(now, product.services.knowledge)


async def answers_until(
    product: Product, where: Where, part: Usual, answers: Mapping[str, str], clock: Callable[[], datetime]
) -> AsyncIterator[str]:
    """The words of the owner in a stretch, one by one; each must have been said before the next is taken. A question that
    is not put, and is answered in the stretch, is opened by its name.

    Raises LookupError where the stretch does not lead to the question that should end it.
    """
    own = {question_named(name): said for name, said in part.answers}
    until, before, unopened = question_named(part.until), set[str](), set(own)
    while True:
        talk = await _talk(product, where, clock())
        if talk and (opened := opened_by_name(unopened, *talk)):
            unopened.remove(opened[0])
            yield opened[1]
            continue
        question = open_question(*talk) if talk else None
        key = question.key if question else HELLO
        if key == until:
            return
        if key in before:
            raise LookupError(f"what is answered to {key!r} does not lead to {part.until!r}")
        before.add(key)
        yield answer_to(question, scene_of(*talk), {**answers, **own}) if talk and question else GREETING
