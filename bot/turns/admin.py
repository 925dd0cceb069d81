"""Effects of an admin's turn on broadcasts. Each act runs under the broadcast's lock, then the broadcast is shown as it
is."""

from __future__ import annotations

from collections.abc import Mapping

from bot.broadcasts import acts
from bot.broadcasts.acts import Steering
from bot.broadcasts.text import Content
from bot.broadcasts.views import seen
from bot.turns.turn_context import Handler, TurnContext
from conversations.dialogues import admin
from conversations.dialogues.month_report import month_report
from conversations.engine import effects as e
from conversations.engine.core import Document, Say, Text
from conversations.rules.funnel import Funnel, funnels, month_of
from conversations.rules.pricing import month_name
from storage.broadcasts import broadcasts
from storage.broadcasts.broadcasts import NotNow
from storage.leads import courses, officers

LISTED = 8


async def list_broadcasts(w: TurnContext, effect: e.ListBroadcasts) -> None:
    me = w.visitor.known.officer_id
    found = [await seen(w.mail, plan, me, full=False) for plan in await broadcasts.listed(w.tx, LISTED)]
    w.reply((admin.listed(tuple(found), w.mail.world()),))


async def show_report(w: TurnContext, effect: e.ShowReport) -> None:
    """Tell a month's figures, of all offices or those of a coordinator's own; no lead is opened, and none is named."""
    if (me := w.visitor.world.officer) is None:
        return
    found, knows = await courses.between(w.tx, *month_of(effect.first), me.area), w.services.knowledge
    names = await officers.called(w.tx, w.services.vault)

    by_office = funnels(found, knows.working_days, lambda course: knows.office_name(course.regency))
    by_officer = funnels(found, knows.working_days, lambda course: names.get(course.officer_id or 0, "-"))
    whole = funnels(found, knows.working_days).get("", Funnel())
    w.audit("counted", f"{effect.first:%Y-%m}")
    w.reply((month_report(month_name(effect.first), whole, by_office, by_officer),))


async def draft_broadcast(w: TurnContext, effect: e.DraftBroadcast) -> None:
    """Store a draft, and show it twice: as it would arrive, and as a card with its audience, time and cost."""
    by, media, said = _by(w), None, Text("siaran.preview")
    if effect.replaces is not None:
        before = await broadcasts.content(w.tx, w.services.vault, effect.replaces)
        media = Content.of(before).media if before else None
        if not await acts.discarded(w.mail, by, effect.replaces):
            said = Text("siaran.preview_beside")
    drafted = await acts.draft(w.mail, by, effect.answers, media)
    if plan := await broadcasts.find(w.tx, drafted):
        await acts.try_out(w.mail, by, plan)
        await _show(w, plan.id, said)


async def treat_broadcast(w: TurnContext, effect: e.TreatBroadcast) -> None:
    plan = await broadcasts.find(w.tx, effect.id, lock=True)
    if plan is None:
        w.reply((Say(Text("siaran.not.unknown")),))
        return
    try:
        said = await acts.act(w.mail, _by(w), effect.act, plan)
    except NotNow as no:
        await _show(w, plan.id, Text(f"siaran.not.{no.why}"))
        return
    if effect.act == "report" and said:
        w.reply((Say(said),))
    else:
        await _show(w, plan.id, said)


def _by(w: TurnContext) -> Steering:
    known = w.visitor.known
    return Steering(known.officer_id, w.person_id, known.officer_name, known.language)


async def _show(w: TurnContext, broadcast_id: int, said: Text | None) -> None:
    """Reply with the result of an act, and below it the broadcast's present card; without card for a discarded draft."""
    plan = await broadcasts.find(w.tx, broadcast_id)
    says: list[Say | Document] = [Say(said)] if said else []
    if plan:
        view = await seen(w.mail, plan, w.visitor.known.officer_id)
        says.append(admin.card(view, w.mail.world()))
    w.reply(says)


HANDLERS: Mapping[type, Handler] = {
    e.ListBroadcasts: list_broadcasts,
    e.ShowReport: show_report,
    e.DraftBroadcast: draft_broadcast,
    e.TreatBroadcast: treat_broadcast,
}
