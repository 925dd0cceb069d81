"""Four weeks over Christmas and New Year: who lives there, and what becomes of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from conversations.rules.funnel import Funnel
from storage import reference
from storage.engine.database import Database
from storage.leads import leaving, officers
from storage.sealing import key_check
from storage.sealing.vault import Vault, open_key_file
from tests.conftest import WIB
from tests.population import owners
from tests.population.office import Above, Calendar, Fates, Kind, Officer
from tests.population.owners import OFFICES
from tests.population.rules import Rules
from tests.population.world import Person, Wait, Ways, World

BEGINS = datetime(2026, 12, 14, 6, 0, tzinfo=WIB)  # 25 December, 1 and 5 January are holidays
LAST_COMERS = timedelta(days=2)  # before the end

SLOW = Kind(takes=3, notes=8, rests=1)
KINDS = (  # of the officers of an office, in turn
    (Kind(), Kind(away=((9, "libur 2 hari", 2),)), SLOW, Kind(takes=8)),
    (Kind(), Kind(away=((4, "/libur", 5),)), Kind(away=((16, "izin sakit hari ini", 1),)), SLOW),
    (Kind(), Kind(takes=6, away=((11, "cuti sampai senin", 3),)), Kind(takes=8), Kind()),
    (SLOW, Kind(), Kind(away=((2, "besok saya libur", 2), (15, "/libur", 3))), Kind()),
    (Kind(), SLOW, Kind(takes=8), Kind(away=((8, "libur 2 hari", 2),))),
)
NAMES = (
    "Rina", "Joko", "Tuti", "Agus", "Wati", "Bayu", "Sinta", "Hadi", "Lina", "Budi", "Maya", "Eko", "Nur", "Dian",
    "Yuli", "Rudi", "Ayu", "Tono", "Fitri", "Gita",
)  # fmt: skip
LEAVE_FOR_GOOD = {"Hadi": 10, "Maya": 18}  # by the day on which the operator removes them


@dataclass
class Outcome:
    """What became of a run."""

    owners: int
    states: Counter[str]
    happened: Counter[str]
    counted: Funnel
    told: int
    turns: int
    ticks: int
    kills: int
    seconds: float
    broken: list[str] = field(default_factory=list)


def quiet(_line: str) -> None: ...


def play(
    folder: Path,
    url: str,
    *,
    owners_count: int,
    days: int = 28,
    begins: datetime = BEGINS,
    seed: int = 1,
    progress: Callable[[str], None] = quiet,
    kill_every: tuple[float, float] | None = (2.0, 7.0),
) -> Outcome:
    """Let so many owners and twenty officers live for these days on this database, which has its tables."""
    chance, began = Random(seed), time.monotonic()
    holidays = reference.holidays()
    calendar, until = Calendar(begins, holidays), begins + timedelta(days=days)
    world = World(folder, url, Random(seed + 1), begins, kill_every)
    staff, invitations = asyncio.run(_hired(world))
    of_phone = {
        f"+62{owners.phone(number).replace(' ', '')[1:]}": OFFICES[number % len(OFFICES)].regency
        for number in range(owners_count)
    }
    rules = Rules(world, calendar, of_phone, staff)
    with world:
        fates = Fates(Random(seed + 2))
        for at, (who, (role, _)) in enumerate(staff.items()):
            me = Person(who, Random(f"{seed} {who}"), thinks=(3, 20))
            if role == "officer":
                kind = KINDS[at // 4][at % 4]
                ways = Officer(me, world, calendar, fates, kind, invitations[who]).ways()
            else:
                ways = Above(me, world, calendar, invitations[who], hands=role == "coordinator").ways()
            world.lives(me, ways)
        for number in range(owners_count):
            _lives(world, number, chance, seed, until)
        leavers = {who: begins + timedelta(days=day, hours=6) for who, day in LEAVE_FOR_GOOD.items() if day < days}
        for who, day in leavers.items():
            world.lives(Person(f"operator of {who}", Random(0)), _removes(world, rules, who, day))

        def midnight() -> None:
            before = len(rules.broken)
            rules.midnight()
            for line in rules.broken[before:]:
                progress(f"broken: {line}")
            states = rules.states()
            progress(
                f"{world.now:%a %d %b}  {time.monotonic() - began:5.0f} s  turns {world.turns}  told {len(world.told)}  "
                f"kills {world.kills}  leads {sum(states.values()) - states['overdue']}  overdue {states['overdue']}  "
                f"broken {len(rules.broken)}"
            )

        world.runs(until, midnight)
        world.step([], tick=True)
        rules.midnight()
    return Outcome(
        owners_count, rules.states(), rules.happened(), rules.counts(begins - timedelta(days=1)), len(world.told),
        world.turns, world.ticks, world.kills, time.monotonic() - began, rules.broken,
    )  # fmt: skip


def _lives(world: World, number: int, chance: Random, seed: int, until: datetime) -> None:
    """One owner; of those who come twice, both of them."""
    who, began, office = f"pemilik-{number}", world.now, OFFICES[number % len(OFFICES)]
    habit = owners.habit_of(Random(f"{seed} habit {number}"))
    last = until - LAST_COMERS - began
    comes = began + timedelta(days=chance.randint(0, last.days - 1), hours=chance.uniform(1, 14))
    me = Person(who, Random(f"{seed} {who}"))
    world.lives(me, owners.owner(me, world, habit, number, office, comes, until))
    if habit == "twice":
        again = Person(f"{who}-lagi", Random(f"{seed} {who} again"))
        later = min(comes + timedelta(days=chance.randint(0, 5), hours=2), until - LAST_COMERS)
        world.lives(again, owners.owner(again, world, "plain", number, office, later, until))


def _removes(world: World, rules: Rules, who: str, at: datetime) -> Ways:
    """An officer leaves for good: an operator removes them while the product runs, as ``rangkul officers remove``."""
    yield Wait(at)
    asyncio.run(_removed(world, who))
    rules.left[who] = world.now + timedelta(minutes=1)
    if person := world.people.get(who):
        person.ways, person.turn = None, person.turn + 1


async def _removed(world: World, who: str) -> None:
    vault = Vault(open_key_file(world.key_file))
    async with (
        await Database.open(world.url, lambda: world.now, exclusive=False) as database,
        database.write() as tx,
    ):
        number = next(each.id for each in await officers.listed(tx, vault) if each.name == who)
        await leaving.leave(tx, number, world.now, actor="cli")


async def _hired(world: World) -> tuple[dict[str, tuple[str, tuple[str, ...]]], dict[str, str]]:
    """Twenty officers in five offices, a coordinator in each, two admins: role and regencies, and the invitation, of each."""
    staff: dict[str, tuple[str, tuple[str, ...]]] = {}
    for at, who in enumerate(NAMES):
        staff[who] = ("officer", (OFFICES[at // 4].regency,))
    for at, office in enumerate(OFFICES):
        staff[f"Koordinator {at + 1}"] = ("coordinator", (office.regency,))
    staff |= {"Dewi": ("admin", ()), "Bambang": ("admin", ())}
    vault = Vault(open_key_file(world.key_file))
    invitations = {}
    async with await Database.open(world.url, lambda: world.now) as database:
        await key_check.check(database, vault)
        async with database.write() as tx:
            for who, (role, regencies) in staff.items():
                invitations[who] = await officers.invite(
                    tx, vault, name=who, role=role, regencies=regencies, now=world.now
                )
    return staff, invitations
