"""Owners of small businesses: they come at shop hours, and each has a habit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from bot.office.usual import whole_registration
from conversations.engine.world import World as Known
from tests.population.world import Person, Say, Told, Wait, Ways, World
from tests.town import known

CODE = re.compile(r"RK-\w{6}")
YOUR_CODE = re.compile(r"Kode Bapak/Ibu: \W*(RK-\w{6})")


class Office(NamedTuple):
    """A place with an office: its regency as the product has it, and what owners of the place answer."""

    regency: str
    said: str
    district: str


OFFICES = (
    Office("33.72", "Kota Surakarta", "Jebres"),
    Office("33.10", "Klaten", "Delanggu"),
    Office("33.74", "Kota Semarang", "Tembalang"),
    Office("34.71", "Kota Yogyakarta", "Kotagede"),
    Office("33.09", "Boyolali", "Ampel"),
)

HABITS: Mapping[str, int] = {  # in a hundred
    "plain": 42,
    "leaves": 6,  # half way, and never comes back
    "continues": 5,  # half way, and goes on when reminded
    "not yet": 8,  # says that nobody called
    "calls": 8,  # asks for the officer, and when they will be called
    "corrects": 7,
    "erases": 4,
    "blocks": 4,
    "chat": 5,  # wants to be written to
    "twice": 4,  # comes once more, by another account
    "stops": 3,
    "gives up": 4,
}


def habit_of(chance: Random) -> str:
    return chance.choices(list(HABITS), list(HABITS.values()))[0]


@cache
def script(office: Office, how: str, at: datetime) -> tuple[tuple[str, str], ...]:
    """What an owner of this place says, by question; ``NAME``, ``SHOP`` and ``PHONE`` stand for their own. ``how``: by
    the hour at which they want to be called, or "chat"."""
    answers = {
        "regency": office.said,
        "district": office.district,
        "name": "Siti Aminah",
        "business_name": "Warung Lima",
    }
    answers |= {"phone": "tidak punya hp"} if how == "chat" else {"phone": "0812 0000 7001", "contact_time": f"[{how}]"}
    return tuple(whole_registration(Known(at, known(), fresh="RK-222222"), answers).items())


def lines(office: Office, number: int, how: str, at: datetime) -> list[str]:
    own = {"name": f"Siti {name(number)}", "business_name": f"Warung {name(number)}"}
    own |= {} if how == "chat" else {"phone": phone(number)}
    return [own.get(key, said) if said[:1] != "[" else said for key, said in script(office, how, at)]


def phone(number: int) -> str:
    return f"0812 0000 {number:04}" if number < 10_000 else f"0812 0001 {number - 10_000:04}"


_BEFORE = (
    "Aminah",
    "Rahayu",
    "Lestari",
    "Wulandari",
    "Kartini",
    "Handayani",
    "Mulyani",
    "Sulastri",
    "Astuti",
    "Ningsih",
)
_BEHIND = ("Sari", "Dewi", "Murni", "Indah", "Asih", "Utami", "Puspita", "Ratna", "Endah", "Widya")


def name(number: int) -> str:
    """A name of two words."""
    return f"{_BEFORE[number % 10]} {_BEHIND[number // 10 % 10]}"


def press(label: str, said: Sequence[Told]) -> Say:
    """The press of the last button with this label; without one the label is typed."""
    for told in reversed(said):
        for each, data in told.keys:
            if each.casefold() == label.casefold():
                return Say(press=data)
    return Say(label)


def spoken(line: str, said: Sequence[Told]) -> Say:
    return press(line[1:-1], said) if line.startswith("[") else Say(line)


def owner(me: Person, world: World, habit: str, number: int, office: Office, comes: datetime, until: datetime) -> Ways:
    """The ways of one owner with this habit."""
    chance = me.random
    yield Wait(comes)
    how = "chat" if habit == "chat" else chance.choice(("Pagi", "Siang", "Sore"))
    said: list[Told] = []
    words = lines(office, number, how, begin(comes))
    half = chance.randint(3, len(words) - 3) if habit in ("leaves", "continues") else len(words)
    for at, line in enumerate(words):
        if at == half and habit == "leaves":
            return
        if at == half:
            said = yield Wait(world.now + timedelta(days=6), listening=True)
            if not any("dilanjutkan" in told.text for told in said):
                return
            said = yield press("Lanjutkan", said)
        said = (yield spoken(line, said)) or said
    yield press(chance.choice(("Ya, boleh", "Tidak usah")), said)
    yield from _afterwards(me, world, habit, until)


def begin(at: datetime) -> datetime:
    """The first moment of a month: scripts are the same all month."""
    return at.replace(day=1, hour=9, minute=0, second=0, microsecond=0)


def _afterwards(me: Person, world: World, habit: str, until: datetime) -> Ways:
    """What an owner does once their lead is sent."""
    chance = me.random
    does = world.now + timedelta(hours=chance.choice((1, 3, 20, 27, 50, 96, 170)), minutes=chance.randint(0, 59))
    acts = {
        "calls": ("kapan saya dihubungi?", "petugas", "status"),
        "corrects": ("ganti nama jadi Siti Baru", "status"),
        "erases": ("hapus data", "ya"),
        "stops": ("berhenti",),
        "gives up": ("ga jadi",),
        "not yet": ("belum ada yang telepon",),
    }.get(habit, ())
    while world.now < until:
        if acts and world.now >= does:
            for line in acts:
                yield Say(line)
            acts = ()
        if habit == "blocks" and world.now >= does:
            world.blocked.add(me.name)
            yield Say(reach="blocked")
            return
        due = does if acts or (habit == "blocks" and world.now < does) else until
        told = yield Wait(due, listening=True)
        asked = [each for each in told if any(label == "Belum dihubungi" for label, _ in each.keys)]
        if asked:
            label = "Belum dihubungi" if habit == "not yet" or chance.random() < 0.05 else "Sudah dihubungi"
            yield press(label, asked)
