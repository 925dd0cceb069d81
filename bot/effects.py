"""What the product does: one handler for each effect that a turn may have, in one table at the end.

A handler writes rows within the turn's transaction; nothing is sent from here. Facts were read under the locks that
protect these writes; one that finds otherwise raises ``Stale``, and the turn is run again on fresh facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import cards
from bot.facts import Visitor
from bot.followup import next_step_at
from bot.mail import Mail, Shell
from bot.packing import pack
from conversations import effects as e
from conversations import officer as officer_words
from conversations.core import Document, Lead, Say, Scene, Text, Toast
from conversations.registration import shown
from storage import audit, leads, messages, officers, sessions, tables, timers
from storage.ids import new_id
from storage.messages import REPLY, Out
from storage.people import Where

person, address = tables.table(tables.Person), tables.table(tables.Address)


Rows = defaultdict[Table, list[dict[str, Any]]]


class Stale(Exception):  # noqa: N818 - named for what is so
    """Raised when what a turn was decided on is no longer so."""


@dataclass(slots=True)
class Writing:
    """One turn being written: the messages it leaves, and whether its person was erased.

    ``rows`` are plain inserts by table; those of a whole batch are written together at its end.
    """

    mail: Mail
    visitor: Visitor
    rows: Rows
    toast: str = ""
    forgotten: bool = False

    @property
    def tx(self) -> AsyncConnection:
        return self.mail.tx

    @property
    def shell(self) -> Shell:
        return self.mail.shell

    @property
    def now(self) -> datetime:
        return self.mail.now

    @property
    def person_id(self) -> int:
        return self.visitor.known.person_id

    @property
    def subject(self) -> str:
        return self.shell.vault.pseudonym(self.person_id)

    @property
    def actor(self) -> str:
        known = self.visitor.known
        return f"officer:{known.officer_id}" if known.officer_id else "person"

    def reply(self, says: Sequence[Say | Document], menu: str = "") -> None:
        """What the turn says to whoever wrote, as one message (more only where the channel's limit cuts it)."""
        where = where_of(self.visitor)
        person_id = None if self.forgotten else self.person_id
        for rendered in self.mail.rendered(says, where.channel):
            message = replace(rendered, menu=menu) if menu else rendered
            row = Out(new_id(), person_id, self.visitor.known.address_id, where, pack(message), "reply", REPLY)
            row.unkept = self.forgotten or self.visitor.known.officer_id is not None  # officers are told of others
            row.lead_id = self.visitor.lead_id
            self.mail.out.append(row)

    def audit(self, act: str, subject: str, detail: str = "") -> None:
        self.rows[audit.audit].append(
            audit.audit_row(at=self.now, actor=self.actor, act=act, subject=subject, detail=detail)
        )


# ------------------------------------------------------------------------------------------------ owners


async def give_consent(w: Writing, effect: e.GiveConsent) -> None:
    row = audit.consent_row(
        pseudonym=w.subject,
        purpose=effect.purpose,
        version=effect.version,
        given=effect.given,
        at=w.now,
        channel=w.visitor.inbound.channel,
    )
    w.rows[audit.consent].append(row)


async def submit_lead(w: Writing, effect: e.SubmitLead) -> None:
    """Store the lead, and show its card to who looks after the regency; with nobody bound yet it waits for the first."""
    lead_id, rows = leads.rows(
        w.shell.vault,
        person_id=w.person_id,
        code=effect.code,
        answers=effect.answers,
        status=effect.status,
        kind=effect.kind,
        estimate=effect.estimate,
        channel=w.visitor.inbound.channel,
        campaign=w.visitor.known.campaign,
        now=w.now,
    )
    for table, some in rows.items():
        w.rows[table] += some
    if effect.status == "new":
        lead = Lead(effect.code, effect.status, w.now, effect.answers, estimate=effect.estimate)
        await cards.offer(w.mail, lead_id, lead, not_to=w.person_id)
        w.rows[timers.timer].append(_follow_up(w, lead_id))


async def change_lead(w: Writing, effect: e.ChangeLead) -> None:
    lead_id, before = await _lead(w, effect.code)
    if before.owner_id != w.person_id:
        raise Stale(effect.code)
    free = before.officer_id is None and before.status in ("new", "waiting")
    await leads.change(w.tx, w.shell.vault, lead_id, effect.answers, effect.kind, effect.estimate, w.now)
    if free and effect.status != before.status:
        await leads.move(w.tx, lead_id, effect.status, w.now)
    _, after = await _lead(w, effect.code)
    if free and (after.status, after.answers["regency"]) != (before.status, before.answers["regency"]):
        await _move(w, lead_id, after)
        return
    await cards.redraw(w.mail, lead_id, after)
    if after.officer_id and (holder := await officers.person_of(w.tx, after.officer_id)):
        said = Say(Text("card.note_changed", {"code": effect.code, "changes": effect.changes}))
        await w.mail.tell([holder], said, "notice", lead_id=lead_id)


async def _move(w: Writing, lead_id: int, lead: Lead) -> None:
    """A lead that nobody has yet lies elsewhere now: the officers there are asked instead of those here."""
    elsewhere = Say(Text("card.elsewhere", {"code": lead.code}))
    await w.mail.redraw(lead_id, lambda _: elsewhere)
    if lead.status == "new":
        await cards.offer(w.mail, lead_id, lead, not_to=w.person_id)
        await timers.put(w.tx, timers.FOLLOW_UP, [lead_id], next_step_at(w.now, w.shell.knowledge))


async def allow_news(w: Writing, effect: e.AllowNews) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(news=effect.allowed))


async def stop_messages(w: Writing, effect: e.StopMessages) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(stopped=effect.stopped))


async def keep_campaign(w: Writing, effect: e.KeepCampaign) -> None:
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(campaign=effect.campaign[:64]))


async def call_human(w: Writing, effect: e.CallHuman) -> None:
    lead_id, lead = await _lead(w, effect.code)
    holder = await officers.person_of(w.tx, lead.officer_id) if lead.officer_id else None
    told = [holder] if holder else [p for _, p in await w.mail.roster.for_regency(lead.answers.get("regency", ""))]
    fields = {"code": lead.code, "name": shown("name", lead.answers.get("name"), _scene(w, lead))}
    await w.mail.tell(told, Say(Text("notice.wants_human", fields)), "notice", lead_id=lead_id)


async def forget_me(w: Writing, effect: e.ForgetMe) -> None:
    """Erase within the turn; a pseudonymous line of audit stays. An officer's own binding is not their owner's data."""
    await erase(w, w.person_id, keep_person=w.visitor.known.officer_id is not None)
    w.forgotten = w.visitor.known.officer_id is None
    w.audit(f"erased:{effect.why}", w.subject)


async def erase(w: Writing, person_id: int, *, keep_person: bool) -> None:
    """Everything of a person: leads (counts stay), messages, session, unsent rows; cards say so; then the person."""
    mine = await leads.forget(w.tx, person_id, w.shell.vault)
    for lead_id, code in mine:
        gone = officer_words.gone_card(code)
        await w.mail.redraw(lead_id, lambda _, gone=gone: gone)  # type: ignore[misc]  # mypy cannot infer bound defaults
    await messages.withdraw(w.tx, [lead_id for lead_id, _ in mine])
    await sessions.forget(w.tx, [person_id])
    await messages.forget(w.tx, person_id)
    if not keep_person:
        await w.tx.execute(delete(address).where(address.c.person_id == person_id))
        await w.tx.execute(delete(person).where(person.c.id == person_id))


# ------------------------------------------------------------------------------------------------ officers


async def take_lead(w: Writing, effect: e.TakeLead) -> None:
    lead_id, _ = await _lead(w, effect.code)
    officer_id = w.visitor.known.officer_id
    if officer_id is None or not await leads.take(w.tx, lead_id, officer_id, w.now):
        raise Stale(effect.code)
    await leads.note(w.tx, w.shell.vault, lead_id, "taken", w.now, officer_id=officer_id)
    await timers.put(w.tx, timers.FOLLOW_UP, [lead_id], next_step_at(w.now, w.shell.knowledge))
    w.audit("took", effect.code)
    _, lead = await _lead(w, effect.code)
    await cards.redraw(w.mail, lead_id, lead)


async def note_outcome(w: Writing, effect: e.NoteOutcome) -> None:
    lead_id, lead = await _lead(w, effect.code)
    if lead.officer_id != w.visitor.known.officer_id or lead.owner_id is None:
        raise Stale(effect.code)
    status = officer_words.STATUS_AFTER[effect.outcome] or lead.status
    contacted = effect.outcome not in ("unreached", "other")
    await leads.move(w.tx, lead_id, status, w.now, contacted=contacted)
    await leads.note(
        w.tx, w.shell.vault, lead_id, "outcome", w.now,
        officer_id=lead.officer_id, outcome=effect.outcome, words=effect.note,
    )  # fmt: skip
    if effect.note:  # it stands in the lead's history, and goes with it
        await messages.unkeep(w.tx, w.visitor.inbox_id)
    w.audit(f"outcome:{effect.outcome}", effect.code)
    _, after = await _lead(w, effect.code)
    await cards.redraw(w.mail, lead_id, after, moved=False)


async def bind_officer(w: Writing, effect: e.BindOfficer) -> None:
    """Greet the officer and show the leads of their regencies that have waited for somebody."""
    if w.visitor.invited is None:
        raise Stale("invitation")
    bound = await officers.bind(w.tx, w.shell.vault, w.visitor.invited, w.person_id, w.now)
    if bound is None:
        raise Stale("invitation")
    w.mail.roster.forget()
    w.audit("bound", f"officer:{bound.id}")
    greeting = Say(Text("officer.welcome", {"name": bound.name, "role": Text(f"role.{bound.role}")}))
    w.reply((greeting,), menu=bound.role)
    regencies = await officers.regencies_of(w.tx, bound.id)
    waiting = await leads.untaken(w.tx, w.shell.vault, None if bound.role != "officer" else regencies)
    for lead_id, lead in waiting:
        if lead.owner_id != w.person_id:
            await w.mail.tell([w.person_id], officer_words.card(lead, w.mail.world()), "card", lead_id=lead_id)


async def wrong_code(w: Writing, effect: e.WrongCode) -> None:
    counted = person.c.wrong_codes + 1
    await w.tx.execute(update(person).where(person.c.id == w.person_id).values(wrong_codes=counted))


async def set_absent(w: Writing, effect: e.SetAbsent) -> None:
    """Away: new leads pass by, and the open ones are offered to the others; those that nobody else could take stay."""
    officer_id = w.visitor.known.officer_id
    if officer_id is None:
        return
    await officers.set_absent(w.tx, officer_id, effect.absent)
    w.mail.roster.forget()
    if effect.absent:
        await cards.hand_over(w.mail, await leads.open_ids(w.tx, officer_id), officer_id)


async def looked_at(w: Writing, effect: e.LookedAt) -> None:
    w.audit("looked", effect.code)


# ------------------------------------------------------------------------------------------------ helpers of the table


async def _lead(w: Writing, code: str) -> tuple[int, Lead]:
    """As it is now and stays until the commit."""
    found = await leads.by_code(w.tx, w.shell.vault, [code], lock=True)
    if code not in found:
        raise Stale(code)
    return found[code]


def _scene(w: Writing, lead: Lead) -> Scene:
    return Scene(lead.answers, w.mail.world())


def _follow_up(w: Writing, lead_id: int) -> dict[str, object]:
    return timers.row(timers.FOLLOW_UP, lead_id, next_step_at(w.now, w.shell.knowledge))


def where_of(visitor: Visitor) -> Where:
    return Where(visitor.inbound.channel, visitor.inbound.account, visitor.inbound.address)


Handler = Callable[[Writing, Any], Awaitable[None]]

HANDLERS: Mapping[type, Handler] = {
    e.GiveConsent: give_consent,
    e.SubmitLead: submit_lead,
    e.ChangeLead: change_lead,
    e.AllowNews: allow_news,
    e.StopMessages: stop_messages,
    e.KeepCampaign: keep_campaign,
    e.CallHuman: call_human,
    e.ForgetMe: forget_me,
    e.TakeLead: take_lead,
    e.NoteOutcome: note_outcome,
    e.BindOfficer: bind_officer,
    e.WrongCode: wrong_code,
    e.SetAbsent: set_absent,
    e.LookedAt: looked_at,
}


async def apply(w: Writing, effects: Sequence[Any]) -> None:
    """Every effect of a turn in order; what it says leaves last, as one message."""
    says: list[Say | Document] = []
    for effect in effects:
        if isinstance(effect, Say | Document):
            says.append(effect)
        elif isinstance(effect, Toast):
            w.toast = w.shell.catalog.text(effect.text.key)
        else:
            await HANDLERS[type(effect)](w, effect)
    if says:
        w.reply(says)
