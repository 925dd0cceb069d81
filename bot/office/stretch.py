"""A stretch that a ``.chat`` file leaves out, answered on the running product, question by question."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime

from bot.app import Product
from bot.office.transcript import Usual
from bot.office.usual import GREETING, HELLO, answer_to, open_question, question_named
from conversations.engine.core import Question, Scene
from conversations.engine.turn_state import scene_of
from conversations.engine.world import World
from storage.people import people, sessions
from storage.people.people import Where


async def asked_of(product: Product, where: Where, now: datetime) -> tuple[Question, Scene] | None:
    """The open question of the registration at this address, and the scene for its choices; None where none is open."""
    async with product.database.read() as tx:
        session = await sessions.at_address(tx, product.vault, people.find(product.vault, where))
    if session is None or product.services is None:
        return None
    world = World(now, product.services.knowledge)
    question = open_question(session, world)
    return (question, scene_of(session, world)) if question else None


async def answers_until(
    product: Product, where: Where, part: Usual, answers: Mapping[str, str], clock: Callable[[], datetime]
) -> AsyncIterator[str]:
    """The words of the owner in a stretch, one by one; each must have been said before the next is taken.

    Raises LookupError where the stretch does not lead to the question that should end it.
    """
    own = {question_named(name): said for name, said in part.answers}
    until, before = question_named(part.until), set[str]()
    while (asked := await asked_of(product, where, clock())) is None or asked[0].key != until:
        key = asked[0].key if asked else HELLO
        if key in before:
            raise LookupError(f"what is answered to {key!r} does not lead to {part.until!r}")
        before.add(key)
        yield answer_to(*asked, {**answers, **own}) if asked else GREETING
