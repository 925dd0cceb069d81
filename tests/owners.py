"""Owners who register, for tests that begin where a lead has been sent."""

from __future__ import annotations

import re

from bot.office.stretch import asked_of
from bot.office.usual import HELLO, OPENED, answer_to, usual, whole_registration
from conversations.engine.world import World
from conversations.rules.next_step import CALL, NextStep
from storage.leads import leads
from tests.stepwise import NINE
from tests.town import Town, known

CODE = re.compile(r"RK-\w{6}")


def said_by_question(*, phone_known: str = "", **answers: str) -> dict[str, str]:
    """What an owner says from the greeting until their lead is sent, by question; ``phone_known``: it is not asked."""
    return whole_registration(World(NINE, known(), fresh="RK-222222", phone=phone_known), answers)


async def register(there: Town, who: str, *, upto: str = "", **answers: str) -> str:
    """Register ``who``; the code of the lead. With ``upto`` the answer to that question is the last; then it is "".

    ``answers`` by question go before the usual ones, and under "hello" the first words of all.
    """
    for key, answer in said_by_question(**answers).items():
        said = (
            await there.say(who, answer)
            if key.partition(OPENED)[0] in {*usual(), HELLO}
            else await there.aside(who, answer)
        )
        if key == upto:
            return ""
    found = CODE.search(said)
    assert found, said
    return found[0]


async def finish(there: Town, who: str, **answers: str) -> str:
    """Answers what is asked in the registration that ``who`` has open, until it is sent; the code of the lead."""
    said, before = "", set[str]()
    while asked := await asked_of(there.product, there.where(who), there.clock()):
        assert asked[0].key not in before, said
        before.add(asked[0].key)
        said = await there.say(who, answer_to(*asked, {**usual(), **answers}))
    found = CODE.search(said)
    assert found, said
    return found[0]


async def more_leads(there: Town, code: str, count: int) -> list[str]:
    """As many leads again as this one, of the same owner, that nobody has; their codes."""
    made = [there.product.services.fresh() for _ in range(count)]
    vault, now = there.product.services.vault, there.clock()
    async with there.product.database.write() as tx:
        _, like = (await leads.by_code(tx, vault, [code]))[code]
        assert like.owner_id
        for each in made:
            _, rows = leads.rows(
                tx, vault, person_id=like.owner_id, code=each, answers=like.answers, step=NextStep(now, CALL), kind="",
                estimate=like.estimate, channel=like.channel, campaign="", now=now,
            )  # fmt: skip
            for table, some in rows.items():
                if some:
                    await tx.execute(table.insert(), some)
    return made
