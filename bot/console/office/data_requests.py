"""*Permintaan data*: what people asked about their data by letter or telephone, with the hours that are left; and their
erasure, asked twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk
from bot.console.office.offices import is_id
from bot.mail import erasing
from conversations.dialogues.finding import sought
from conversations.rules.found_by import Sought
from conversations.rules.quiet_hours import zone
from storage.console import data_requests
from storage.console.data_requests import KINDS, WAYS, AskedFor, FoundPerson
from storage.leads import officers
from storage.people import audit

HERE = "/pengaturan/permintaan"
OLDEST = timedelta(days=366)  # of a letter that is noted
LONGEST = 60  # characters of a code or number
LETTERS = "%Y-%m-%dT%H:%M"


async def page(desk: Desk) -> Response:
    return await _requests(desk)


async def _requests(desk: Desk, status: int = 200, wrong: str = "") -> HTMLResponse:
    async with desk.product.database.read() as tx:
        waiting, done = await data_requests.waiting(tx), await data_requests.done(tx)
        names = await officers.called(tx, desk.services.vault)
    return desk.page(
        "data_requests.html",
        status,
        waiting=[_line(each, names, desk.now) for each in waiting],
        done_before=[_line(each, names, desk.now) for each in done],
        kinds=KINDS,
        ways=WAYS,
        at=desk.now.astimezone(zone("")).strftime(LETTERS),
        wrong=wrong,
    )


def _line(one: AskedFor, names: Mapping[int, str], now: datetime) -> Mapping[str, Any]:
    left = one.left(now).total_seconds() / 3600
    return {"asked": one, "by": names.get(one.officer_id, ""), "late": left < 0, "hours": abs(left)}


def _about(desk: Desk, said: str) -> Sought | None:
    """The code or number that these words are; None where they are neither."""
    found = sought(said[:LONGEST], desk.services.knowledge.ear) if said else None
    return found if found and (found.code or found.phone) else None


async def receive(desk: Desk) -> Response:
    """Note a request (a form)."""
    kind, way, said = await desk.said("kind"), await desk.said("way"), await desk.said("about")
    at, about = _moment(await desk.said("at"), desk.now), _about(desk, said)
    if kind not in KINDS or way not in WAYS:
        return await _requests(desk, 400, "kind")
    if at is None:
        return await _requests(desk, 400, "at")
    if said and about is None:
        return await _requests(desk, 400, "about")
    async with desk.product.database.write() as tx:
        vault = desk.services.vault
        request_id = await data_requests.receive(tx, vault, at, desk.officer.id, kind, way, about or Sought())
        subject = f"request:{request_id}"
        await audit.record(tx, at=desk.now, actor=desk.actor, act="request received", subject=subject, detail=kind)
    return desk.go(HERE, "request")


def _moment(said: str, now: datetime) -> datetime | None:
    """When a request came, as the form says it on the clock of WIB; None where it is odd, to come, or a year ago."""
    try:
        at = datetime.strptime(said, LETTERS)  # noqa: DTZ007 - given its zone below
    except ValueError:
        return None
    here = now.astimezone(zone("")).replace(tzinfo=None)
    return at.replace(tzinfo=zone("")) if here - OLDEST <= at <= here + timedelta(minutes=1) else None


async def finish(desk: Desk) -> Response:
    """Note a request as done (a form)."""
    said = await desk.said("request")
    done = False
    if is_id(said):
        async with desk.product.database.write() as tx:
            done = await data_requests.finish(tx, int(said), desk.now)
            if done:
                by, subject = desk.actor, f"request:{said}"
                await audit.record(tx, at=desk.now, actor=by, act="request done", subject=subject)
    return desk.go(HERE, "request_done") if done else await _requests(desk, 409, "gone")


# ------------------------------------------------------------------------------------------------ erasure


async def look_up(desk: Desk) -> Response:
    """Whom a code or number leads to (a form, so that no address bears a number)."""
    said = await desk.said("about")
    if (about := _about(desk, said)) is None:
        return await _requests(desk, 400, "about")
    async with desk.product.database.read() as tx:
        found = await data_requests.persons(tx, desk.services.vault, about)
    return _found(desk, said, found)


def _found(desk: Desk, said: str, found: Sequence[FoundPerson], sure: FoundPerson | None = None) -> HTMLResponse:
    """The persons, each with as little as it takes to be sure that it is the one; with ``sure`` the second question."""
    some = [sure] if sure else found
    desk.looked += [lead.code for one in some for lead in one.leads]
    cards = [_card(desk, one) for one in some]
    return desk.page("person_found.html", said=said, cards=cards, sure=sure is not None)


def _card(desk: Desk, one: FoundPerson) -> Mapping[str, Any]:
    name_of = desk.services.knowledge.ear.places.name
    return {
        "who": desk.services.vault.pseudonym(one.id),
        "since": one.since,
        "channel": one.channel,
        "works_here": one.works_here,
        "leads": [
            {
                "code": lead.code,
                "name": render.owner(lead.answers),
                "place": name_of(where) if (where := lead.answers.get("regency") or "") else "",
                "number": str((lead.answers.get("phone") or {}).get("e164") or "")[-3:],
                "created": lead.created,
            }
            for lead in one.leads
        ],
    }


async def erase(desk: Desk) -> Response:
    """Erase a person as *hapus data* does, after a second question (a form)."""
    said, who, sure = await desk.said("about"), await desk.said("who"), await desk.said("sure")
    vault = desk.services.vault
    if (about := _about(desk, said)) is None:
        return await _requests(desk, 400, "about")
    async with desk.product.database.read() as tx:
        one = _chosen(desk, await data_requests.persons(tx, vault, about), who)
    if one is None:
        return await _requests(desk, 409, "person_gone")
    if not sure:
        return _found(desk, said, (), one)
    async with desk.writing() as mail:
        await data_requests.lock(mail.tx, [one.id])
        one = _chosen(desk, await data_requests.persons(mail.tx, vault, about), who)
        if one is not None:
            subjects = await erasing.subjects(mail, one.id)
            await erasing.erase(mail, one.id, keep_person=one.works_here)
            for subject in subjects:
                await audit.record(mail.tx, at=desk.now, actor=desk.actor, act="erased:office", subject=subject)
            await data_requests.finish_erased(mail.tx, vault, one, desk.now)
    return desk.go(HERE, "erased") if one else await _requests(desk, 409, "person_gone")


def _chosen(desk: Desk, found: Sequence[FoundPerson], who: str) -> FoundPerson | None:
    return next((one for one in found if desk.services.vault.pseudonym(one.id) == who), None)
