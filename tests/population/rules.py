"""What must be so of all leads and of all that was told, at each midnight and at the end."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.timers.look import ADMINS, COORDINATORS
from conversations.rules.funnel import Course, Funnel, funnels
from conversations.rules.outcomes import CLOSED, WAITING
from conversations.rules.workdays import WORK_HOURS, next_step_at
from storage import tables
from storage.engine.database import Database
from storage.leads import courses
from storage.leads.officers import Roster
from tests.conftest import WIB
from tests.population.office import NOTED, Calendar, plain
from tests.population.owners import CODE, YOUR_CODE
from tests.population.seen import courses as courses_seen
from tests.population.seen import differences
from tests.population.world import Told, World

lead, lead_event, inbox, outbox, officer, regency, unreadable, person = (
    tables.table(each)
    for each in (tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.Outbox, tables.OfficerRow,
                 tables.OfficerRegency, tables.Unreadable, tables.Person)
)  # fmt: skip
SENT = [outbox.c[name] for name in ("id", "kind", "lead_id", "lane", "created_at")]
SLACK = timedelta(hours=2)  # a tick at night, and an outage
LADDER = (1, 2)  # the least ``rung`` of a lead that was overdue for one, two working days (bot/timers/escalation.py)
LONGEST = 12  # working days until the ladder goes on once the admins were told, and a day that an officer names
UNDONE = re.compile(r"(?:Dibatalkan|membatalkan): (.+)\.\n\W*(RK-\w{6})")
PHONE = re.compile(r"\+62812\d{8}")
CHANGES_HANDS = ("released", "handed")  # kinds of events: what somebody does, after which a card is news
UNASKED = ("reminder", "notice", "nudge", "digest", "untaken", "lent")  # kinds of messages
OF_DUTIES = ("reminder", "lent")
OF_CLOCK = ("asked",)  # kinds of events that are nobody's deed


@dataclass
class Rules:
    """``broken``: each rule that was broken, with when and where."""

    world: World
    calendar: Calendar
    of_phone: dict[str, str]  # the regency of an owner, by number
    staff: dict[str, tuple[str, tuple[str, ...]]]  # role and regencies of those who work in the offices, by address
    left: dict[str, datetime] = field(default_factory=dict)  # when somebody of them was removed, by address
    broken: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    _read: int = 0  # of ``world.told``
    _codes: set[str] = field(default_factory=set)
    _done: dict[str, list[datetime]] = field(default_factory=dict)  # when a lead changed hands, by code
    _said: dict[tuple[Any, ...], Told] = field(default_factory=dict)
    _climbed: dict[str, datetime] = field(
        default_factory=dict
    )  # leads of which coordinators were told, and since when due
    _of_above: dict[str, list[Told]] = field(default_factory=dict)  # what coordinators and admins were told
    _last: dict[tuple[str, str], str] = field(default_factory=dict)  # what an owner was told last of a lead

    def midnight(self) -> None:
        asyncio.run(self._look())

    def _break(self, rule: str, *where: object) -> None:
        self.broken.append(f"{self.world.now:%d %b %H:%M} {rule}: {' '.join(map(str, where))}")

    async def _look(self) -> None:
        async with AsyncExitStack() as on:
            clock = lambda: self.world.now  # noqa: E731
            database = await on.enter_async_context(await Database.open(self.world.url, clock, exclusive=False))
            async with database.read() as tx:
                rows = (await tx.execute(select(lead))).all()
                failed = (await tx.execute(select(inbox.c.id, inbox.c.error).where(inbox.c.state == "failed"))).all()
                shut = (await tx.execute(select(unreadable))).all()
                gone = set((await tx.execute(select(officer.c.id).where(officer.c.left_at.is_not(None)))).scalars())
                sent = (await tx.execute(select(*SENT))).all()
                roster = Roster(tx)
                seen_to = {row.regency: await roster.for_regency(row.regency) for row in rows}
                calls = {row.id: row.may_call for row in await tx.execute(select(person.c.id, person.c.may_call))}
                moved = (await tx.execute(select(lead_event.c.lead_id, lead_event.c.at, lead_event.c.kind))).all()
        for each in failed:
            self._break("a turn failed", each)
        for each in shut:
            self._break("a row could not be worked on", each.place, each.row_id, each.why)
        last = self._moved(moved, {row.id: row.code for row in rows})
        self._read_above()
        for row in rows:
            since = last.get(row.id, row.created_at)
            self._lead(row, since, gone, seen_to[row.regency])
            if row.ring_at and row.next_at and calls.get(row.person_id) is not False:
                self._climbs(row, since)
                self._above(row, since)
        self._told({row.id: row for row in sent})
        for code in self._codes - {row.code for row in rows}:
            self._break("a code without a lead", code)

    def _moved(self, events: Iterable[Any], codes: dict[int, str]) -> dict[int, datetime]:
        """When anybody did something with each lead last."""
        last: dict[int, datetime] = {}
        self._done = defaultdict(list)
        for lead_id, at, kind in events:
            if kind not in OF_CLOCK:
                last[lead_id] = max(last.get(lead_id, at), at)
            if kind in CHANGES_HANDS:
                self._done[codes[lead_id]].append(at)
        return last

    # -------------------------------------------------------------------------------------- leads

    def _lead(self, row: Any, moved: datetime, gone: set[int], can_take: Any) -> None:
        """A lead is over, or has a next step and somebody who is told of it."""
        over = row.person_id is None or row.status in (*CLOSED, WAITING)
        if (row.next_at is None) != over or (row.ring_at is None) != over:
            self._break("open without a next step, or ended with one", row.code, row.status, row.next_at, row.ring_at)
        elif not over:
            if row.officer_id in gone:
                self._break("held by somebody who has left", row.code)
            if row.officer_id is None and not can_take:
                self._break("in nobody's list", row.code)
            if row.ring_at <= self.world.now - SLACK:
                self._break("not looked at when it was due", row.code, row.rung, row.ring_at)
            if row.ring_at > self._after(max(row.next_at, moved, self.world.now), LONGEST):
                self._break("looked at again too late", row.code, row.rung, row.next_at, row.ring_at)

    def _climbs(self, row: Any, moved: datetime) -> None:
        """What is overdue has climbed the ladder: a rung for each working day since its next step was due, or since it
        came to whoever has it, who has a working day of their own."""
        due = max(row.next_at, moved)
        for days, least in enumerate(LADDER, 1):
            if self._after(due, days) + SLACK < self.world.now and row.rung < least:
                self._break(f"forgotten for {days} working days", row.code, row.status, row.rung, row.next_at, moved)

    def _read_above(self) -> None:
        for told in self.world.told[self._read :]:
            if told.to in self.staff and self.staff[told.to][0] != "officer":
                self._of_above.setdefault(told.to, []).append(told)

    def _above(self, row: Any, moved: datetime) -> None:
        """Whom the ladder has told by the lead's rung, was told: the coordinator of its office, then the admins."""
        due = max(row.next_at, moved)
        if row.rung == ADMINS:
            self._climbed[row.code] = due
            self._heard(row, due, "coordinator")
        elif row.rung == COORDINATORS and self._climbed.get(row.code) == due:
            self._heard(row, due, "admin")

    def _heard(self, row: Any, since: datetime, wanted: str) -> None:
        if not any(
            told.at >= since - SLACK and "sudah lewat waktunya dan belum ditangani" in plain(told.text)
            for who, (role, places) in self.staff.items()
            if role == wanted and (not places or row.regency in places)
            for told in self._of_above.get(who, ())
        ):
            self._break(f"a lead climbed to the {wanted} and none was told", row.code, row.rung, since)

    def _after(self, at: datetime, days: int) -> datetime:
        """The moment so many working days later."""
        at = at.astimezone(WIB)
        for _ in range(days):
            at = next_step_at(at, self.calendar.holidays)
        return at

    # -------------------------------------------------------------------------------------- messages

    def _told(self, sent: dict[int, Any]) -> None:
        reminders: dict[tuple[str, datetime], set[int]] = defaultdict(set)  # by who and by the tick that put it
        for told in self.world.told[self._read :]:
            row, text = sent.get(told.ref), plain(told.text)
            self._codes.update(YOUR_CODE.findall(text))
            self._right(told, text)
            if told.edits or row is None:
                continue
            if row.kind in OF_DUTIES and told.to in self.staff:
                reminders[told.to, row.created_at].add(told.ref)
            if row.kind in UNASKED or (row.kind == "card" and row.lane):
                self._once(told, row, text)
        for (who, at), refs in reminders.items():
            if len(refs) > 1:
                texts = [plain(each.text) for each in self.world.told[self._read :] if each.ref in refs]
                self._break("several reminders in one tick", who, at, texts)
        self._read = len(self.world.told)

    def _once(self, told: Told, row: Any, text: str) -> None:
        """Nobody is told the same twice: officers not on one day, owners never, but that another officer has their lead
        again, of whom they were told something else in between. A message whose receipt a kill took comes again.

        One thing is news though its words are the same: the card of a lead that somebody gave back or handed on since
        (the chat of an officer shows it as anybody's meanwhile, and an edited card rings nobody). The next working day
        an untaken lead is shown again by the ladder."""
        day = "" if told.to not in self.staff and row.kind in ("notice", "reminder") else str(told.at.date())
        before = self._said.setdefault((told.to, row.kind, row.lead_id, text, day), told)
        repeats = before is not told and before.ref != told.ref
        if told.to not in self.staff and row.kind == "notice" and (codes := CODE.findall(text)):
            repeats = repeats and self._last.get((told.to, codes[0])) == text
            self._last[told.to, codes[0]] = text
        if row.kind == "card" and repeats:
            ladder = told.at - before.at >= timedelta(hours=WORK_HOURS)
            news = [at for code in CODE.findall(text)[:1] for at in self._done[code] if before.at <= at <= told.at]
            repeats = not (ladder or news)
        if repeats:
            self._break("told twice", told.to, row.kind, f"{before.at:%d %b %H:%M}", repr(text[:160]))
        if before is not told and before.ref == told.ref and before.life == told.life:
            self._break("sent twice", told.to, row.kind, repr(text[:80]))

    def _right(self, told: Told, text: str) -> None:
        """Whoever is shown an owner's number may see that lead."""
        if told.to not in self.staff or told.edits:
            return
        role, theirs = self.staff[told.to]
        for phone in set(PHONE.findall(text)):
            if role == "officer" and self.of_phone.get(phone) not in theirs:
                self._break("an officer saw a lead of another office", told.to, phone)
            if (left := self.left.get(told.to)) and told.at > left:
                self._break("somebody who had left saw a lead", told.to, phone)

    # -------------------------------------------------------------------------------------- the end

    def counts(self, begins: datetime) -> Funnel:
        """The funnel that the product reports of the whole time; that of each office is held against what was seen."""
        found = asyncio.run(self._courses(begins))
        days = lambda _: self.calendar.holidays  # noqa: E731
        once = list(_once_each(self.world.told))
        back = [(each.ref, *one) for each in once if each.to in self.staff for one in UNDONE.findall(plain(each.text))]
        offices = funnels(found, days, lambda course: course.regency)
        for each in differences(courses_seen(once, self.staff, back), offices, self.calendar.holidays):
            self._break("the report counts other than was seen", *each)
        return funnels(found, days).get("", Funnel())

    async def _courses(self, begins: datetime) -> Sequence[Course]:
        clock = lambda: self.world.now  # noqa: E731
        async with (
            await Database.open(self.world.url, clock, exclusive=False) as database,
            database.read() as tx,
        ):
            return await courses.between(tx, begins, self.world.now + timedelta(days=1))

    def states(self) -> Counter[str]:
        """How many leads are in which state; those that are erased under "erased", those overdue under "overdue"."""
        return asyncio.run(self._states())

    async def _states(self) -> Counter[str]:
        clock = lambda: self.world.now  # noqa: E731
        async with (
            await Database.open(self.world.url, clock, exclusive=False) as database,
            database.read() as tx,
        ):
            rows = (await tx.execute(select(lead.c.status, lead.c.person_id, lead.c.next_at))).all()
        found: Counter[str] = Counter()
        for status, owner, next_at in rows:
            found[status if owner else "erased"] += 1
            found["overdue"] += next_at is not None and next_at <= self.world.now
        return found

    def happened(self) -> Counter[str]:
        """What owners and officers saw happen: codes given ("came"), and for each outcome in how many leads it was noted
        and not taken back."""
        noted: Counter[tuple[str, str]] = Counter()
        for told in _once_each(self.world.told):
            if told.to in self.staff:
                text = plain(told.text)
                noted.update((code, outcome.strip()) for code, outcome in NOTED.findall(text))
                noted.subtract((code, outcome) for outcome, code in UNDONE.findall(text))
        return Counter(
            {"came": len(self._codes), **Counter(outcome for (_, outcome), times in noted.items() if times > 0)}
        )


def _once_each(told: Iterable[Told]) -> Iterable[Told]:
    """Each message once, also one that came again after a kill."""
    seen: set[int] = set()
    for each in told:
        if each.ref not in seen:
            seen.add(each.ref)
            yield each
