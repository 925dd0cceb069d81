"""The funnel of each office as those who live there saw it, to hold the product's own report against."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from conversations.rules.funnel import Funnel
from conversations.rules.outcomes import NOTED as OUTCOMES
from conversations.rules.workdays import next_step_at
from locales import Catalog
from tests.conftest import WIB
from tests.population.office import NOTED, plain
from tests.population.owners import CODE, OFFICES, YOUR_CODE
from tests.population.world import Told

LATE = timedelta(minutes=45)  # a message that a kill held back reaches its reader so much later, at most
TO_YOU = ("sekarang tugas Anda", "ke Anda.")
LABELS = {plain(Catalog.load().text(f"outcome.{name}")): name for name in OUTCOMES}


@dataclass
class Course:
    """What was seen of one lead."""

    regency: str
    came: datetime
    taken: bool = False
    noted: list[tuple[datetime, str]] = field(default_factory=list)

    def has(self, outcome: str) -> bool:
        return any(name == outcome for _, name in self.noted)

    def in_time(self, holidays: Container[date], late: timedelta) -> bool:
        """Whether the owner was reached within a working day and so much more."""
        reached = [at for at, name in self.noted if OUTCOMES[name].reached]
        return bool(reached) and reached[0] <= next_step_at(self.came.astimezone(WIB), holidays) + late


def courses(told: Iterable[Told], staff: Container[str], undone: Iterable[tuple[int, str, str]]) -> dict[str, Course]:
    """What was seen of each lead, by its code, in messages each given once. ``undone``: (message, outcome, code)."""
    found: dict[str, Course] = {}
    back = set(undone)
    for each in told:
        text = plain(each.text)
        if each.to not in staff:
            for code in YOUR_CODE.findall(text):
                number = int(each.to.split("-")[1])
                found.setdefault(code, Course(OFFICES[number % len(OFFICES)].regency, each.at))
            continue
        if any(words in text for words in TO_YOU):
            for code in CODE.findall(text):
                if code in found and not each.edits:
                    found[code].taken = True
        for code, label in NOTED.findall(text):
            found[code].noted.append((each.at, LABELS[label.strip()]))
        for _, label, code in [one for one in back if one[0] == each.ref]:
            noted = found[code].noted
            last = max((at for at, (_, name) in enumerate(noted) if name == LABELS[label.strip()]), default=None)
            if last is not None:
                del noted[last]
    return found


def differences(
    seen: Mapping[str, Course], counted: Mapping[str, Funnel], holidays: Container[date]
) -> Iterable[tuple[str, str, int, object]]:
    """Where the report of the product is another than what was seen: (regency, step, counted, seen)."""
    for office in OFFICES:
        theirs = [each for each in seen.values() if each.regency == office.regency]
        report = counted.get(office.regency, Funnel())
        for step, number in (
            ("came", len(theirs)),
            ("taken", sum(each.taken for each in theirs)),
            ("registered", sum(each.has("registered") for each in theirs)),
            ("active", sum(each.has("active") for each in theirs)),
        ):
            if getattr(report, step) != number:
                yield office.regency, step, getattr(report, step), number
        least, most = (sum(each.in_time(holidays, late) for each in theirs) for late in (-LATE, LATE))
        if not least <= report.in_time <= most:
            yield office.regency, "in_time", report.in_time, (least, most)
