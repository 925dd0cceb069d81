"""Effects of an admin's turn on broadcasts. Each act runs under the broadcast's lock, then the broadcast is shown as it
is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

from bot.broadcasts import notices as broadcast_notices
from bot.broadcasts import plans
from bot.broadcasts.answers import answers_of, audience_of, content_of, start_of
from bot.broadcasts.report import counted, why
from bot.broadcasts.text import Content
from bot.render import text
from bot.turns.turn_context import Handler, TurnContext
from bot.whatsapp.prices import Prices
from conversations.dialogues import admin
from conversations.dialogues.compose import FILE
from conversations.dialogues.month_report import month_report
from conversations.engine import effects as e
from conversations.engine.core import Document, Say, Text
from conversations.rules.funnel import Funnel, funnels
from conversations.rules.pricing import month_name
from conversations.rules.quiet_hours import zone
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import NotNow, Plan
from storage.leads import courses, officers

LISTED = 8
BEGUN = ("planning", "running", "paused", "halted", "done", "cancelled")


async def list_broadcasts(w: TurnContext, effect: e.ListBroadcasts) -> None:
    found = [await _seen(w, plan, full=False) for plan in await broadcasts.listed(w.tx, LISTED)]
    w.reply((admin.listed(tuple(found), w.mail.world()),))


async def show_report(w: TurnContext, effect: e.ShowReport) -> None:
    """Tell a month's figures, of all offices or those of a coordinator's own; no lead is opened, and none is named."""
    if (me := w.visitor.world.officer) is None:
        return
    since = datetime.combine(effect.first, time(), w.now.tzinfo)
    until = (since + timedelta(days=32)).replace(day=1)
    found, knows = await courses.between(w.tx, since, until, me.area), w.services.knowledge
    names = await officers.called(w.tx, w.services.vault)

    by_office = funnels(found, knows.working_days, lambda course: knows.office_name(course.regency))
    by_officer = funnels(found, knows.working_days, lambda course: names.get(course.officer_id or 0, "-"))
    whole = funnels(found, knows.working_days).get("", Funnel())
    w.audit("counted", f"{effect.first:%Y-%m}")
    w.reply((month_report(month_name(effect.first), whole, by_office, by_officer),))


async def draft_broadcast(w: TurnContext, effect: e.DraftBroadcast) -> None:
    """Store a draft, and show it twice: as it would arrive, and as a card with its audience, time and cost."""
    answers, media, said = effect.answers, None, Text("siaran.preview")
    if effect.replaces is not None:
        before = await broadcasts.content(w.tx, w.services.vault, effect.replaces)
        media = Content.of(before).media if before else None
        if not await _replaced(w, effect.replaces):
            said = Text("siaran.preview_beside")
    name = Text("compose.name", {"purpose": Text(f"compose.purpose.{answers['purpose']}"), "when": w.now})
    drafted = await broadcasts.draft(
        w.tx, w.services.vault,
        name=text(name, w.catalog),
        author_id=w.visitor.known.officer_id, purpose=answers["purpose"], audience=audience_of(answers),
        content=content_of(answers, media).json(), now=w.now, start_at=start_of(answers),
    )  # fmt: skip
    w.audit("broadcast:drafted", str(drafted))
    if plan := await broadcasts.find(w.tx, drafted):
        await _try_out(w, plan)
        await _show(w, plan.id, said)


async def _replaced(w: TurnContext, broadcast_id: int) -> bool:
    """Discard an earlier draft; False where it has been started meanwhile, and so stays."""
    try:
        await broadcasts.discard(w.tx, broadcast_id)
    except NotNow:
        return False
    w.audit("broadcast:discarded", str(broadcast_id))
    return True


async def treat_broadcast(w: TurnContext, effect: e.TreatBroadcast) -> None:
    plan = await broadcasts.find(w.tx, effect.id, lock=True)
    if plan is None:
        w.reply((Say(Text("siaran.not.unknown")),))
        return
    try:
        said = await _ACTS[effect.act](w, plan)
    except NotNow as no:
        await _show(w, plan.id, Text(f"siaran.not.{no.why}"))
        return
    if effect.act not in ("show", "test", "report"):
        w.audit(f"broadcast:{effect.act}", str(plan.id))
    if effect.act == "report" and said:
        w.reply((Say(said),))
    else:
        await _show(w, plan.id, said)


async def _nothing(w: TurnContext, plan: Plan) -> None:
    return None


async def _test(w: TurnContext, plan: Plan) -> Text:
    await _try_out(w, plan)
    return Text("siaran.tested")


async def _start(w: TurnContext, plan: Plan) -> Text:
    state = await plans.start(w.mail, plan.id, at=plan.start_at)
    if state == "waiting" and not await broadcast_notices.others(w.mail, plan):
        return Text("siaran.did.waits_for_nobody")
    return Text(f"siaran.did.{state}" if state in ("waiting", "scheduled") else "siaran.did.start")


async def _approve(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.approve(w.tx, plan.id, by=w.actor, now=w.now)
    await _tell_author(w, plan, Text("siaran.approved", {"name": plan.name, "who": w.visitor.known.officer_name}))
    return Text("siaran.did.approve")


async def _refuse(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.refuse(w.tx, plan.id, by=w.actor)
    await _tell_author(w, plan, Text("siaran.refused", {"name": plan.name, "who": w.visitor.known.officer_name}))
    return Text("siaran.did.refuse")


async def _pause(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.pause(w.tx, plan.id, w.now)
    return Text("siaran.did.pause")


async def _resume(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.resume(w.tx, plan.id, w.now)
    return Text("siaran.did.resume")


async def _cancel(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.cancel(w.tx, plan.id, w.now)
    return Text("siaran.did.cancel")


async def _discard(w: TurnContext, plan: Plan) -> Text:
    await broadcasts.discard(w.tx, plan.id)
    return Text("siaran.did.discard")


async def _report(w: TurnContext, plan: Plan) -> Text:
    return admin.report(plan.name, counted(await recipients.reasons(w.tx, plan.id)))


_ACTS: Mapping[str, Callable[[TurnContext, Plan], Awaitable[Text | None]]] = {
    "show": _nothing,
    "test": _test,
    "start": _start,
    "approve": _approve,
    "refuse": _refuse,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "discard": _discard,
    "report": _report,
}


async def _try_out(w: TurnContext, plan: Plan) -> None:
    await plans.try_out(w.mail, await plans.words(w.mail, plan), w.person_id, plan.audience.role)


async def _content(w: TurnContext, plan: Plan) -> Content | None:
    stored = await broadcasts.content(w.tx, w.services.vault, plan.id)
    return Content.of(stored) if stored else None


async def _show(w: TurnContext, broadcast_id: int, said: Text | None) -> None:
    """Reply with the result of an act, and below it the broadcast's present card; without card for a discarded draft."""
    plan = await broadcasts.find(w.tx, broadcast_id)
    says: list[Say | Document] = [Say(said)] if said else []
    if plan:
        says.append(admin.card(await _seen(w, plan), w.mail.world()))
    w.reply(says)


async def _seen(w: TurnContext, plan: Plan, *, full: bool = True) -> admin.BroadcastView:
    """A broadcast for its card. ``full`` False: only the fields of a list."""
    author = await officers.person_of(w.tx, plan.author_id) if plan.author_id else None
    named = await officers.names_of(w.tx, w.services.vault, [author]) if author else {}
    content = await _content(w, plan) if full else None
    answers = answers_of(plan, content)
    broadcast = admin.BroadcastView(
        plan.id, plan.name, plan.state, answers, author=named.get(author or 0, ""),
        own=plan.author_id == w.visitor.known.officer_id, start_at=plan.start_at, reason=why(plan.reason),
        file=answers.get(FILE, ""), quiet_until=_quiet_until(w, plan),
    )  # fmt: skip
    if not full:
        return broadcast
    if plan.state in BEGUN:
        return replace(broadcast, progress=await recipients.progress(w.tx, plan.id))
    found = await plans.estimate(w.tx, w.services, plan.audience, w.now)
    return replace(
        broadcast, count=found.count, by_channel=found.by_channel, seconds=found.seconds, days=found.days,
        waits=found.waits, cost=_cost(found, w.now.date()),
    )  # fmt: skip


def _quiet_until(w: TurnContext, plan: Plan) -> datetime | None:
    """When a broadcast that goes on, or would start now, really leaves; None in no quiet hour. By the clock of its
    regencies, whichever opens first; without regencies by the office's clock."""
    if plan.state not in ("draft", "waiting", "scheduled", "planning", "running"):
        return None
    begins = max(w.now, plan.start_at) if plan.start_at else w.now
    zones: set[tzinfo | None] = {zone(regency) for regency in plan.audience.regencies} or {w.now.tzinfo}
    opening = min(w.services.rules.quiet.over(begins.astimezone(each)) for each in zones)
    return opening if opening > begins else None


def _cost(found: plans.AudienceEstimate, day: date) -> str | None:
    """US dollars on WhatsApp, with closed windows in the dearest category that a template may be given; None where
    nobody is reached there."""
    there, closed = found.by_channel.get("whatsapp", 0), found.closed.get("whatsapp", 0)
    if not there:
        return None
    cost = _prices().cost({"marketing": closed, "service": there - closed}, day)
    return "" if cost is None else f"US${cost:.2f}"


@cache
def _prices() -> Prices:
    return Prices.load()


async def _tell_author(w: TurnContext, plan: Plan, said: Text) -> None:
    author = await officers.person_of(w.tx, plan.author_id) if plan.author_id else None
    if author:
        await w.mail.tell([author], Say(said), "notice")


HANDLERS: Mapping[type, Handler] = {
    e.ListBroadcasts: list_broadcasts,
    e.ShowReport: show_report,
    e.DraftBroadcast: draft_broadcast,
    e.TreatBroadcast: treat_broadcast,
}
