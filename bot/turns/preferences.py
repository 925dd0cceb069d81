"""A person's wishes: no news, no messages, no calls, another language. The officers of their open leads are told those
that concern them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select, update

from bot.mail import cards
from bot.turns.turn_context import Handler, TurnContext
from conversations.dialogues.officer import wishes
from conversations.dialogues.registration import shown
from conversations.engine import effects as e
from conversations.engine.core import Field, Say, Scene, Text
from conversations.engine.world import Lead
from storage import tables
from storage.leads import leads, officers
from storage.outbox import messages, parked
from storage.whole_person import opt_outs

STOPPED_FOR = timedelta(seconds=10)  # pause without a message, after which a flood's last message is answered

person = tables.table(tables.Person)


async def allow_news(w: TurnContext, effect: e.AllowNews) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(news=effect.allowed))
    if not effect.allowed:
        await opt_outs.cancel(w.tx, [w.person_id], "no news")


async def stop_messages(w: TurnContext, effect: e.StopMessages) -> None:
    """Stop all messages from now on, or take that back; officers who were told of the stop are told that too."""
    asked = await w.tx.execute(select(person.c.may_call).where(person.c.id == w.person_id))
    were_told = asked.scalar() is not None
    await opt_outs.stop(w.tx, [w.person_id], stopped=effect.stopped)
    if were_told and not effect.stopped:
        await _tell_holders(w, lambda lead: Text("notice.resumed", _named(w, lead)))


async def choose_language(w: TurnContext, effect: e.ChooseLanguage) -> None:
    """Answer in this language from now on, this turn's own reply included; the chat's menu of commands follows."""
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(language=effect.language))
    w.visitor.known.language = effect.language
    w.menu = w.visitor.known.officer_role or "owner"


async def allow_calls(w: TurnContext, effect: e.AllowCalls) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(may_call=effect.allowed))
    await _tell_holders(w, lambda lead: Text("notice.wishes", {**_named(w, lead), "wishes": wishes(lead)}))


async def read_news(w: TurnContext, effect: e.ReadNews) -> None:
    """Reply only where nothing waits: waiting messages are on their way, as the person has just written."""
    if not await parked.on_its_way(w.tx, w.visitor.known.address_id):
        w.reply((Say(Text("knock.nothing")),))


async def drop_words(w: TurnContext, effect: e.DropWords) -> None:
    await messages.unkeep_since(w.tx, w.person_id, effect.since)


async def _tell_holders(w: TurnContext, said: Callable[[Lead], Text]) -> None:
    """Tell the officers who have this person's open leads; an untaken lead's card tells the officers who may take it."""
    mine = (await leads.of_people(w.tx, w.services.vault, [w.person_id])).get(w.person_id, ())
    found = await leads.by_code(w.tx, w.services.vault, [lead.code for lead in mine if lead.is_open])
    theirs = dict(found.values())
    await cards.redraw(w.mail, theirs, moved=False)
    holders = await officers.persons_of(w.tx, [lead.officer_id for lead in theirs.values()])
    for lead_id, lead in theirs.items():
        if holder := holders.get(lead.officer_id or 0):
            await w.mail.tell([holder], Say(said(lead)), "notice", lead_id=lead_id)


def _named(w: TurnContext, lead: Lead) -> dict[str, Field]:
    return {"code": lead.code, "name": shown("name", lead.answers.get("name"), Scene(lead.answers, w.mail.world()))}


async def hold_back(w: TurnContext, effect: e.HoldBack) -> None:
    """Hold back the answer to a flood's last message; answers held back before are dropped."""
    await messages.drop_held_back(w.tx, w.visitor.known.address_id)
    w.held_back = effect.says


HANDLERS: Mapping[type, Handler] = {
    e.HoldBack: hold_back,
    e.AllowNews: allow_news,
    e.AllowCalls: allow_calls,
    e.StopMessages: stop_messages,
    e.ChooseLanguage: choose_language,
    e.ReadNews: read_news,
    e.DropWords: drop_words,
}
