"""Those who work at the offices: officers of whom some are slow, away or leave, coordinators, admins.

They know of a lead what the bot tells them, and nothing else: a lead that it forgets is forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from conversations.rules.workdays import is_workday
from tests.population.owners import CODE, press
from tests.population.world import Person, Say, Told, Wait, Ways, World

SKIP = "Tanpa catatan"
PATHS = {  # what becomes of a lead, in the words that officers note; in a hundred
    ("sudah dihubungi", "berminat", "berkas lengkap", "sudah didaftarkan", "lunas"): 22,
    ("berminat", "janji temu besok jam 10", "berkas lengkap", "sudah didaftarkan", "lunas"): 18,
    ("tidak diangkat", "berminat", "sudah didaftarkan", "lunas"): 12,
    ("tidak diangkat", "tidak diangkat", "tidak diangkat", "nomor salah"): 10,
    ("sudah dihubungi", "tidak berminat"): 18,
    ("sudah peserta",): 6,
    ("dibayari pemda",): 4,
    ("berminat", "janji temu lusa jam 9", "tidak memenuhi syarat"): 5,
    ("berminat", "sudah didaftarkan"): 5,  # and never pays
}
NOTED = re.compile(r"Dicatat\. \W*(RK-\w{6})\W*: (.+)")


@dataclass
class Fates:
    """What becomes of each lead, and how far it has come."""

    random: Random
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)

    def following(self, code: str) -> str | None:
        """What an officer who works on this lead notes next; None where there is nothing more."""
        path = self.paths.setdefault(code, self.random.choices(list(PATHS), list(PATHS.values()))[0])
        at = self.steps.get(code, 0)
        return path[at] if at < len(path) else None

    def noted(self, code: str) -> None:
        self.steps[code] = self.steps.get(code, 0) + 1

    def undone(self, code: str) -> None:
        self.steps[code] = max(0, self.steps.get(code, 0) - 1)


@dataclass
class Kind:
    """What an officer is like. ``takes``, ``notes``: on a day, at most; ``rests``: working days between two of work;
    ``away``: words of leave, with the day of the four weeks on which they are said, and the days that they last."""

    takes: int = 12
    notes: int = 40
    rests: int = 0
    away: tuple[tuple[int, str, int], ...] = ()


@dataclass
class Calendar:
    """The days of the four weeks."""

    begins: datetime
    holidays: Container[date]

    def works(self, at: datetime) -> bool:
        return is_workday(at.date(), self.holidays)

    def day(self, at: datetime) -> int:
        return (at.date() - self.begins.date()).days

    def next_morning(self, at: datetime, minutes: int) -> datetime:
        """When an office that was closed or has done its day opens again."""
        day = at + timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return datetime.combine(day.date(), time(8), at.tzinfo) + timedelta(minutes=minutes)


def pressed(data: str, verb: str) -> str:
    """The code of the lead of a button with this verb; "" for another button."""
    return data.removeprefix(f"lead.{verb}=").partition("~")[0] if data.startswith(f"lead.{verb}=") else ""


def keys_of(told: Iterable[Told], verb: str) -> list[str]:
    """The codes of the leads of all buttons with this verb, in order, once each."""
    found = (pressed(data, verb) for each in told for _, data in each.keys)
    return list(dict.fromkeys(code for code in found if code))


def binds(code: str) -> Ways:
    """An invited person becomes an officer."""
    yield Say(code)
    yield Say("ya")


@dataclass
class Officer:
    """One officer's ways."""

    me: Person
    world: World
    calendar: Calendar
    fates: Fates
    kind: Kind
    invitation: str
    waiting: dict[str, None] = field(default_factory=dict)  # codes of leads that they were shown, and may take
    handed: dict[str, None] = field(default_factory=dict)  # that a colleague hands to them
    takes: int = 0
    notes: int = 0

    def ways(self) -> Ways:
        yield from binds(self.invitation)
        days_off = {}
        for day, words, length in self.kind.away:
            days_off[day] = (words, length)
        rest = 0
        while True:
            self._hears((yield Wait(self.calendar.next_morning(self.world.now, self.me.random.randint(0, 60)))))
            today = self.calendar.day(self.world.now)
            if rest:
                rest -= 1
                continue
            rest = self.kind.rests
            if leave := next((days_off.pop(day) for day in sorted(days_off) if day <= today), None):
                self._hears((yield Say(leave[0])))
                yield Wait(self.world.now + timedelta(days=leave[1]))
                if leave[0] == "/libur":
                    self._hears((yield Say("/masuk")))
                continue
            self.takes = self.notes = 0
            yield from self._work()
            hours = timedelta(hours=self.me.random.choice((3, 4, 5)))
            self._hears((yield Wait(self.world.now + hours)))
            if self.world.now.hour < 16:
                yield from self._work()

    def _hears(self, told: list[Told]) -> list[Told]:
        self.waiting |= dict.fromkeys(keys_of(told, "take"))
        self.handed |= dict.fromkeys(keys_of(told, "accept"))
        return told

    def _says(self, say: Say) -> Ways:
        """Say something; what was told since is in ``said``."""
        self.said = self._hears((yield say))

    def _work(self) -> Ways:
        yield from self._answers()
        yield from self._takes()
        for part in ("overdue", "today", "new"):
            yield from self._list(part)
        yield from self._takes()

    def _answers(self) -> Ways:
        for code in list(self.handed):
            verb = "accept" if self.me.random.random() < 0.7 else "return"
            yield from self._says(Say(press=f"lead.{verb}={code}~"))
        self.handed.clear()

    def _takes(self) -> Ways:
        if not self.waiting and self.takes < self.kind.takes:
            yield from self._says(Say("/tugas"))
            if any(data.startswith("command.untaken") for each in self.said for _, data in each.keys):
                yield from self._says(Say(press="command.untaken=~"))
            for code in keys_of(self.said, "show")[: self.kind.takes - self.takes]:
                yield from self._says(Say(press=f"lead.show={code}~"))
        for code in list(self.waiting):
            if self.takes >= self.kind.takes:
                return
            del self.waiting[code]
            yield from self._says(Say(press=f"lead.take={code}~"))
            if any("sekarang tugas Anda" in each.text for each in self.said):
                self.takes += 1
                if self.me.random.random() < 0.75:
                    yield from self._notes(code)

    def _list(self, part: str) -> Ways:
        """Work on one part of the list, page by page."""
        while self.notes < self.kind.notes:
            yield from self._says(Say(press=f"command.tasks={part}~"))
            codes = keys_of(self.said, "show")
            before = self.notes
            for code in codes:
                if self.notes < self.kind.notes:
                    yield from self._says(Say(press=f"lead.show={code}~"))
                    yield from self._notes(code)
            if self.notes == before or part != "overdue":
                return

    def _notes(self, code: str) -> Ways:
        """Note what came of a lead; now and then it is taken back, released, handed on, or put off."""
        chance = self.me.random.random()
        self.notes += 1
        if chance < 0.02:
            yield from self._says(Say(press=f"lead.release={code}~"))
            return
        if chance < 0.04:
            yield from self._hands_on(code)
            return
        outcome = self.fates.following(code)
        if outcome is None or chance < 0.08:
            yield from self._says(Say(press=f"lead.remind={code}~"))
            yield from self._says(Say("besok jam 9"))
            return
        yield from self._says(Say(press=f"lead.note={code}~"))
        if not any("Bagaimana hasilnya" in each.text for each in self.said):
            return
        yield from self._says(Say(outcome))
        if not any(NOTED.search(plain(each.text)) for each in self.said):
            yield from self._says(Say("batal"))
            return
        self.fates.noted(code)
        if chance > 0.96:
            yield from self._says(press("Batalkan", self.said))
            self.fates.undone(code)
        else:
            yield from self._says(press(SKIP, self.said))

    def _hands_on(self, code: str) -> Ways:
        yield from self._says(Say(press=f"lead.hand={code}~"))
        names = [data for each in self.said for _, data in each.keys if data.startswith("hand")]
        yield from self._says(Say(press=self.me.random.choice(names)) if names else Say("batal"))


def plain(text: str) -> str:
    return re.sub("[\ue000\ue001]", "", text)


@dataclass
class Above:
    """A coordinator or an admin: sees to what climbs to them, looks at the team."""

    me: Person
    world: World
    calendar: Calendar
    invitation: str
    hands: bool = True

    def ways(self) -> Ways:
        yield from binds(self.invitation)
        seen: set[int] = set()
        while True:
            told = yield Wait(self.calendar.next_morning(self.world.now, self.me.random.randint(30, 150)))
            if self.calendar.day(self.world.now) % 7 == 0:
                yield Say("/tim")
            notices = [each for each in told if each.ref not in seen and "lewat waktunya" in each.text]
            seen |= {each.ref for each in told}
            if not self.hands:
                continue
            for code in keys_of(notices, "show") or keys_of(told, "show")[:2]:
                said = yield Say(press=f"lead.show={code}~")
                if not keys_of(said, "hand"):
                    continue
                said = yield Say(press=f"lead.hand={code}~")
                names = [data for each in said for _, data in each.keys if data.startswith("hand")]
                yield Say(press=self.me.random.choice(names)) if names else Say("batal")


def codes_in(text: str) -> list[str]:
    return CODE.findall(text)
