"""*Siaran*: the broadcasts, one of them with its bar and its buttons, its file, and its report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from bot.broadcasts import acts, plans, report
from bot.broadcasts.acts import Steering
from bot.broadcasts.previews import previews
from bot.broadcasts.text import Content
from bot.broadcasts.views import seen
from bot.console.office import render
from bot.console.office.desk import Desk
from bot.mail.mail import Mail
from conversations.dialogues import admin
from conversations.engine.core import Text
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import NotNow, Plan
from storage.console.afterwards import WITHIN, afterwards
from storage.leads import officers
from storage.leads.officers import Roster

LISTED = 50
CODES = 50  # of those who came back
MOVES = ("planning", "running")  # states in which the bar goes on by itself
TO_GO = ("planned", "due", "sending")
ON_PAGE = ("test", "start", "approve", "refuse", "pause", "resume", "cancel", "discard")
WARNED = ("cancel", "discard", "refuse")  # buttons that take something away


async def plan_of(tx: AsyncConnection, number: str, *, lock: bool = False) -> Plan:
    """The broadcast with this id. Raises HTTPException 404 for none."""
    usable = number.isascii() and number.isdecimal() and len(number) < 20
    plan = await broadcasts.find(tx, int(number), lock=lock) if usable else None
    if plan is None:
        raise HTTPException(404)
    return plan


async def steering(desk: Desk, mail: Mail, size: int | None = None) -> Steering:
    """This admin, as acts on broadcasts need them. Raises HTTPException 403 for one who has just left."""
    person = await officers.person_of(mail.tx, desk.officer.id)
    if person is None:
        raise HTTPException(403)
    return Steering(desk.officer.id, person, desk.officer.name, size=size)


async def page(desk: Desk) -> Response:
    """The list, newest first."""
    async with desk.product.database.read() as tx:
        found = await broadcasts.listed(tx, LISTED)
        names = await officers.called(tx, desk.services.vault)
    return desk.page(
        "siaran.html",
        broadcasts=[(plan, _state(plan), names.get(plan.author_id or 0, "")) for plan in found],
        did=_did(desk),
    )


def _state(plan: Plan) -> Any:
    return render.said(Text(f"siaran.state.{plan.state}"))


def _did(desk: Desk) -> Any:
    """What a button has just done, in the words of the chat; "" for anything else in the address."""
    done = desk.asked("jadi")
    return render.said(Text(f"siaran.did.{done}")) if done in DID else ""


DID = ("start", "waiting", "waits_for_nobody", "scheduled", "approve", "refuse", "pause", "resume", "cancel", "discard")


# ------------------------------------------------------------------------------------------------ one broadcast


async def one(desk: Desk) -> Response:
    return await _one(desk)


async def _one(desk: Desk, status: int = 200, wrong: Any = "") -> HTMLResponse:
    """A broadcast with all about it; ``wrong``: why a button could not be obeyed."""
    async with desk.product.database.read() as tx:
        plan = await plan_of(tx, desk.request.path_params["number"])
        mail = Mail(tx, desk.services, desk.now, Roster(tx))
        view = await seen(mail, plan, desk.officer.id)
        stored = await broadcasts.content(tx, desk.services.vault, plan.id)
        content = Content.of(stored) if stored else None
        looks = await previews(tx, desk.services, content, plan.audience.role) if content else []
    world = replace(mail.world(), officer=desk.officer)
    counts = view.progress
    to_go = sum(counts.get(state, 0) for state in TO_GO)
    total = max(sum(counts.values()), plan.size)
    return desk.page(
        "siaran_one.html",
        status,
        plan=plan,
        view=view,
        state=_state(plan),
        facts=render.said(admin.about(replace(view, answers={**view.answers, "words": ""}, file=""), world)),
        buttons=[
            (name, render.said(button.label), name in WARNED)
            for button in admin.card(view, world).buttons
            if (name := button.press.value.partition(":")[0]) not in ("show", "report")
        ],
        previews=looks,
        file=f"/kantor/siaran/{plan.id}/berkas",
        moves=plan.state in MOVES,
        total=total,
        gone=max(0, total - to_go) if plan.state != "planning" or counts else 0,
        has_begun=bool(counts) or plan.state in MOVES,
        did=_did(desk),
        wrong=wrong,
    )


async def treat(desk: Desk) -> Response:
    """Do what a button says, as in the chat (a form)."""
    name, number, size = await desk.said("act"), desk.request.path_params["number"], None
    if name not in ON_PAGE:
        raise HTTPException(400)
    if name == "start":  # counting a million takes seconds, in which nobody else could write
        async with desk.product.database.read() as tx:
            plan = await plan_of(tx, number)
            size = (await plans.estimate(tx, desk.services, plan.audience, desk.now)).count
    said, no = None, None
    async with desk.writing() as mail:
        by = await steering(desk, mail, size)
        plan = await plan_of(mail.tx, number, lock=True)
        try:
            said = await acts.act(mail, by, name, plan)
        except NotNow as why:
            no = why
    if no:
        return await _one(desk, 409, render.said(Text(f"siaran.not.{no.why}")))
    if name == "test":
        return desk.go(f"/siaran/{plan.id}", "broadcast_tried")
    done = said.key.rpartition(".")[2] if said else ""
    return desk.go("/siaran" if name == "discard" else f"/siaran/{plan.id}", jadi=done)


async def file(desk: Desk) -> Response:
    """The picture or document of a broadcast."""
    async with desk.product.database.read() as tx:
        plan = await plan_of(tx, desk.request.path_params["number"])
        stored = await broadcasts.content(tx, desk.services.vault, plan.id)
    media = Content.of(stored).media if stored else None
    if media is None:
        raise HTTPException(404)
    shown = "inline" if media.kind == "photo" else "attachment"
    headers = {"Content-Disposition": f"{shown}; filename*=utf-8''{quote(media.name, safe='')}"}
    return Response(media.content, media_type=media.mime, headers=headers)


async def told(desk: Desk) -> Response:
    """The report of a broadcast: what became of its copies, what they cost, and who came back afterwards."""
    async with desk.product.database.read() as tx:
        plan = await plan_of(tx, desk.request.path_params["number"])
        ends = report.counted(await recipients.reasons(tx, plan.id))
        cost = await report.cost(tx, plan)
        ended = plan.ended_at or desk.now
        back = await afterwards(tx, plan.id, ended + WITHIN, CODES) if plan.started_at else None
    desk.looked += back.codes if back else ()
    return desk.page(
        "siaran_report.html",
        plan=plan,
        state=_state(plan),
        ends=[(render.said(report.STATES[name]), render.said(why), count) for name, why, count in ends],
        total=sum(count for _, _, count in ends),
        cost=cost,
        back=back,
        days=WITHIN.days,
        most=CODES,
    )
