"""Effects of a coordinator's turn: the team, an officer's list, an invitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.turns.stale import Stale
from bot.turns.turn_context import Handler, TurnContext, lead_of
from conversations.dialogues import lead_lists, picking
from conversations.dialogues import officer as officer_words
from conversations.dialogues import team as words
from conversations.engine import effects as e
from conversations.engine.core import Field, Say, Text
from conversations.engine.world import Officer
from conversations.rules.office_rights import OFFICE, OTHER, may, office_of
from conversations.rules.size import shortened
from storage.leads import lead_list, leads, officers, offices, team

MOST_WORDS = 300  # characters of a complaint


async def list_team(w: TurnContext, effect: e.ListTeam) -> None:
    me = w.visitor.world.officer
    if me is None:
        raise Stale("team")
    members = await team.members(w.tx, w.services.vault, me)
    shown = members[effect.page * words.PER_PAGE : (effect.page + 1) * words.PER_PAGE]
    days = w.services.knowledge.working_days
    has = await team.figures(w.tx, [each.id for each in shown], w.now, week_of(w.now), days)
    w.audit("looked", "team")
    w.reply((words.team_list(members, has, effect.page, w.mail.world()),))


def week_of(now: datetime) -> datetime:
    """The beginning of the week of this moment, in its own zone."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())


async def list_tasks_of(w: TurnContext, effect: e.ListTasksOf) -> None:
    me = w.visitor.world.officer
    members = await team.members(w.tx, w.services.vault, me) if me else []
    member = next((each for each in members if each.id == effect.officer_id), None)
    if member is None:
        w.reply((Say(Text("team.not_yours")),))
        return
    page = lead_lists.Page(effect.page, words.MOST_LEADS)
    count, ids = await lead_list.tasks(w.tx, member.id, lead_list.Part(), page.skip, page.size)
    found = await leads.in_order(w.tx, w.services.vault, ids)
    w.audit("looked", f"officer:{member.id}")
    listed = lead_lists.task_list(count, list(found.values()), page, w.mail.world())
    w.reply((words.tasks_of(member, listed, effect.page, more=page.skip + page.size < count),), names=found)


async def pick_leads(w: TurnContext, effect: e.PickLeads) -> None:
    """Show a list with tick marks: of an officer's open leads, or of what is overdue where one looks after."""
    me, name = w.visitor.world.officer, ""
    if me is None:
        raise Stale("team")
    now = picking.Picked(effect.of, effect.page, effect.marked)
    skip, size = now.page * picking.PER_PAGE, picking.PER_PAGE
    if effect.of:
        members = await team.members(w.tx, w.services.vault, me)
        if (member := next((each for each in members if each.id == effect.of), None)) is None:
            w.reply((Say(Text("team.not_yours")),))
            return
        name = member.name
        count, ids = await lead_list.tasks(w.tx, member.id, lead_list.Part(), skip, size)
    else:
        count = await team.overdue(w.tx, me.area, w.now)
        ids = await team.overdue_page(w.tx, me.area, w.now, skip, size)
    found = await leads.in_order(w.tx, w.services.vault, ids)
    w.visitor.lead_id = next(iter(found), None)  # names owners, so it ends with the right to see them
    w.audit("looked", f"officer:{effect.of}" if effect.of else "overdue")
    w.reply((picking.picking(now, name, count, list(found.values()), w.mail.world()),))


async def invite_officer(w: TurnContext, effect: e.InviteOfficer) -> None:
    """Invite an officer for an office that the inviter looks after; the code is shown this once."""
    me = w.visitor.world.officer
    theirs = await offices.one(w.tx, effect.office) if effect.office is not None else None
    if me is None or (effect.office is not None and theirs is None) or not _may_invite(me, effect):
        w.says.append(Say(Text("team.not_yours")))
        return
    code = await officers.invite(
        w.tx, w.services.vault,
        name=effect.name, role="officer", regencies=effect.regencies, office=effect.office, now=w.now,
    )  # fmt: skip
    where = effect.regencies or (theirs.regencies if theirs else me.regencies)
    w.audit("invited", "officer", ",".join(where))
    places = w.services.knowledge.ear.places
    fields: dict[str, Field] = {
        "name": effect.name,
        "code": code,
        "places": ", ".join(places.name(each) for each in where),
        "days": officers.INVITED_FOR.days,
    }
    w.says.append(Say(Text("team.invited", fields)))


def _may_invite(me: Officer, effect: e.InviteOfficer) -> bool:
    """Whether one may invite for that office, or for each of these regencies."""
    if effect.office is not None:
        return may(me.role, "invite", OFFICE if me.area is None or effect.office == me.office else OTHER)
    each_of = [office_of(me.area, [code]) for code in effect.regencies]
    return bool(each_of) and all(may(me.role, "invite", whose) for whose in each_of)


async def complain(w: TurnContext, effect: e.Complain) -> None:
    """Tell those above the officer whom an owner complains of, and never that officer; the owner is told whether somebody
    was reached."""
    lead_id, lead = await lead_of(w, effect.code)
    if lead.owner_id != w.person_id:
        raise Stale(effect.code)
    above = await w.mail.roster.above(lead.answers.get("regency") or "")
    told = [person_id for officer_id, person_id in above if officer_id != lead.officer_id and person_id != w.person_id]
    fields: dict[str, Field] = {"code": lead.code, "name": lead.officer, "words": shortened(effect.words, MOST_WORDS)}
    keys = (officer_words.show_button(lead.code), officer_words.lead_button("hand", lead.code))
    before = len(w.mail.out)
    await w.mail.tell(told, Say(Text("notice.complaint", fields), keys), "notice", lead_id=lead_id)
    for row in w.mail.out[before:]:
        row.unkept = True  # an owner's words are not kept with an officer
    w.audit("complained", lead.code)
    reached = await w.mail.within_reach(told)
    w.says.append(Say(Text("complaint.told" if reached else "complaint.nobody", {"code": lead.code})))


HANDLERS: Mapping[type, Handler] = {
    e.ListTeam: list_team,
    e.ListTasksOf: list_tasks_of,
    e.PickLeads: pick_leads,
    e.InviteOfficer: invite_officer,
    e.Complain: complain,
}
