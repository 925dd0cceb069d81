"""*Catatan*: who looked at or changed what; and *Yang sedang masuk*: every browser that is signed in, to be ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from bot.console.office import render
from bot.console.office.desk import Desk, cookie_name
from bot.console.office.offices import is_id
from conversations.rules.quiet_hours import zone
from storage.console import audit_log, sign_in
from storage.console.audit_log import BACK, AuditFilter
from storage.leads import officers
from storage.people import audit

BESIDE_OFFICERS = ("person", "bot", "clock", "cli", "restore")  # actors of the audit
FIRST = date(2020, 1, 1)  # nothing is older
LONGEST = 60  # characters of a subject


async def page(desk: Desk) -> Response:
    by, given, wrong = _asked(desk)
    below = desk.asked("sebelum")
    async with desk.product.database.read() as tx:
        lines, after = await audit_log.page(tx, by, int(below) if is_id(below) else None)
        names = await officers.called(tx, desk.services.vault)
    await desk.audit("looked", "audit", "console")
    return desk.page(
        "audit.html",
        lines=[(line, _actor(line.actor, names), _act(line.act), _subject(line.subject, names)) for line in lines],
        given=given,
        wrong=wrong,
        actors=[(f"officer:{each}", name) for each, name in sorted(names.items(), key=lambda one: one[1].casefold())]
        + [(each, render.words(f"audit.actors.{each}")) for each in BESIDE_OFFICERS],
        acts=render.keys("audit.act"),
        next_page=urlencode({**given, "sebelum": after}) if after else "",
    )


def _asked(desk: Desk) -> tuple[AuditFilter, Mapping[str, str], bool]:
    """(what is looked for, the filters as given, whether a day could not be read)."""
    given = {name: desk.asked(name)[:LONGEST] for name in ("siapa", "apa", "hari", "tentang")}
    until, since, wrong = desk.now + timedelta(minutes=1), desk.now - BACK, False
    if given["hari"]:
        day = _day(given["hari"])
        wrong = day is None or not FIRST <= day <= until.date()
        if day and not wrong:
            since = datetime.combine(day, time(), zone(""))
            until = since + timedelta(days=1)
    subject = given["tentang"].upper() if given["tentang"][:3].upper() == "RK-" else given["tentang"]
    by = AuditFilter(since, until, given["siapa"], given["apa"], subject)
    return by, given, wrong


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _act(act: str) -> str:
    """An act in words, with what stands behind its colon; as it is, where there are none."""
    family, _, rest = act.partition(":")
    said = render.keys("audit.act").get(family, family)
    return f"{said}: {rest}" if rest else said


def _actor(actor: str, names: Mapping[int, str]) -> str:
    return _subject(actor, names) if ":" in actor else render.keys("audit.actors").get(actor, actor)


def _subject(subject: str, names: Mapping[int, str]) -> str:
    """A subject, an officer by name."""
    kind, _, number = subject.partition(":")
    return names.get(int(number), subject) if kind == "officer" and is_id(number) else subject


# ------------------------------------------------------------------------------------------------ who is signed in


async def sessions_page(desk: Desk) -> Response:
    return await _sessions(desk)


async def _sessions(desk: Desk, status: int = 200, *, gone: bool = False) -> HTMLResponse:
    cookie = desk.request.cookies.get(cookie_name(desk.request), "")
    async with desk.product.database.read() as tx:
        found = await sign_in.sessions(tx, desk.services.vault, desk.now)
    mine = sign_in.key_of(desk.services.vault, cookie)
    return desk.page("sessions.html", status, sessions=found, mine=mine, gone=gone)


async def end_session(desk: Desk) -> Response:
    """End a session, or all of an officer (a form)."""
    key, everywhere = await desk.said("session"), await desk.said("officer")
    async with desk.product.database.write() as tx:
        ended = None
        if is_id(everywhere):
            ended = int(everywhere) if await sign_in.leave_everywhere(tx, int(everywhere)) else None
        elif key:
            ended = await sign_in.end(tx, key)
        if ended is not None:
            by, subject = desk.actor, f"officer:{ended}"
            await audit.record(tx, at=desk.now, actor=by, act="signed out", subject=subject, detail="by an admin")
    return desk.go("/pengaturan/masuk", "session_ended") if ended is not None else await _sessions(desk, 409, gone=True)
