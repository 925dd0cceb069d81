"""The world around a product: the time, those who live in it, what they are told, and the kills."""

from __future__ import annotations

import heapq
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, BinaryIO, NamedTuple

import orjson

from tests.children import ROOT, environment

MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta(minutes=2)  # what people do within so long reaches the product together
TICK, NIGHT_TICK = timedelta(minutes=20), timedelta(hours=2)
DAY_FROM, DAY_UNTIL = 6, 21  # o'clock: the hours in which the clock ticks often
OUTAGE = (1, 25)  # minutes until a killed product is started again
LATEST_BLOW = 0.06  # seconds into a step


class Told(NamedTuple):
    """A message as it reached somebody. ``ref``: its row of the outbox; ``life``: of which product."""

    ref: int
    to: str
    at: datetime
    text: str
    keys: tuple[tuple[str, str], ...]
    edits: bool
    life: int


class Say(NamedTuple):
    """What a person does next: types something, or presses a button (its data); ``reach``: what the platform tells of
    them ("blocked")."""

    text: str = ""
    press: str = ""
    reach: str = ""


class Wait(NamedTuple):
    """A person does nothing until then, or with ``listening`` until they are told something."""

    until: datetime
    listening: bool = False


Ways = Generator["Say | Wait", "list[Told]", None]
"""The life of a person: what they do next, given what they were told since."""


@dataclass
class Person:
    """Somebody who lives in the world. ``thinks``: seconds between two things that they do, from and to."""

    name: str
    random: Random
    thinks: tuple[int, int] = (15, 90)
    ways: Ways | None = None
    unread: list[Told] = field(default_factory=list)
    turn: int = 0  # an entry of the agenda with another number is void
    listening: bool = False


@dataclass
class World:
    """``told``: all that reached anybody, in order. ``blocked``: who has blocked the bot."""

    folder: Path
    url: str
    random: Random
    now: datetime
    kill_every: tuple[float, float] | None = (2.0, 7.0)  # hours, at least and at most
    people: dict[str, Person] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    kills: int = 0
    reborn_at: set[datetime] = field(default_factory=set)  # a product ticks as it starts, and is told to tick besides
    turns: int = 0
    ticks: int = 0
    _agenda: list[tuple[datetime, int, str, int, Say | None]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)
    _acked: set[str] = field(default_factory=set)
    _pid: int = 0
    _life: int = 0
    _next_tick: datetime | None = None
    _next_kill: datetime | None = None
    _nursery: subprocess.Popen[bytes] | None = None
    _socket: socket.socket | None = None
    _lines: BinaryIO | None = None

    # -------------------------------------------------------------------------------------- the product

    def __enter__(self) -> World:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.population.server"], stdin=-1, stdout=-1, cwd=ROOT, env=environment()
        )
        self._born()
        self._next_tick = self.now
        self._plan_kill()
        return self

    def __exit__(self, *_: object) -> None:
        self._dies()
        assert self._nursery
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._nursery.stdin.close()
        self._nursery.stdout.close()
        self._nursery.wait()

    @property
    def key_file(self) -> Path:
        return self.folder / "population.key"

    def _born(self) -> None:
        assert self._nursery
        assert self._nursery.stdin
        assert self._nursery.stdout
        self._life += 1
        path = self.folder / f"life-{self._life}.sock"
        self._nursery.stdin.write(f"{self.url} {self.key_file} {path}\n".encode())
        self._nursery.stdin.flush()
        self._pid = int(self._nursery.stdout.readline())
        self._socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self._socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.002)
        self._lines = self._socket.makefile("rb")

    def _dies(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        if self._lines:
            with suppress(ConnectionError):
                while line := self._lines.readline():
                    self._listen(line)
            self._lines.close()
        if self._socket:
            self._socket.close()

    def _plan_kill(self) -> None:
        if self.kill_every:
            self._next_kill = self.now + timedelta(hours=self.random.uniform(*self.kill_every))

    def _listen(self, line: bytes) -> bool:
        """Take what the product wrote; whether it has come to rest."""
        if not line.endswith(b"\n"):
            return False
        said = orjson.loads(line)
        if "ack" in said:
            self._acked.add(said["ack"])
        elif "to" in said:
            told = Told(
                said["ref"], said["to"], self.now, said["text"], tuple((a, b) for a, b in said["keys"]), said["edits"],
                self._life,
            )  # fmt: skip
            self.told.append(told)
            if person := self.people.get(told.to):
                person.unread.append(told)
        return "done" in said

    def _stepped(self, events: Sequence[dict[str, str]], *, tick: bool) -> bool:
        """One step of the product; False where it died meanwhile."""
        assert self._socket
        assert self._lines
        step = {"now": self.now.isoformat(), "events": events, "tick": tick, "blocked": sorted(self.blocked)}
        with suppress(ConnectionError):  # it was killed meanwhile
            self._socket.sendall(orjson.dumps(step) + b"\n")
            while line := self._lines.readline():
                if self._listen(line):
                    return True
        return False

    def step(self, events: Sequence[dict[str, str]], *, tick: bool) -> None:
        """What happens now; where a kill falls into it, the product is started again, and platforms bring again what was
        not acknowledged."""
        self.turns += len(events)
        self.ticks += tick
        if not (self._next_kill and self.now >= self._next_kill):
            assert self._stepped(events, tick=tick), "the product ended by itself"
            return
        blow = threading.Timer(self.random.uniform(0.0, LATEST_BLOW), os.kill, (self._pid, signal.SIGKILL))
        blow.start()
        self._stepped(events, tick=tick)
        blow.join()
        self._dies()
        self.kills += 1
        self.now += MINUTE * self.random.randint(*OUTAGE)
        self._born()
        self._plan_kill()
        self.reborn_at.add(self.now)
        assert self._stepped([each for each in events if each["id"] not in self._acked], tick=True)

    # -------------------------------------------------------------------------------------- those who live in it

    def lives(self, person: Person, ways: Ways) -> None:
        """From now on this person goes their ways."""
        person.ways = ways
        self.people[person.name] = person
        self._wants(person, next(ways))

    def _wants(self, person: Person, wish: Say | Wait) -> None:
        person.turn += 1
        person.listening = isinstance(wish, Wait) and wish.listening
        if isinstance(wish, Wait):
            self._put(person, max(wish.until, self.now), None)
        else:
            self._put(person, self.now + timedelta(seconds=person.random.randint(*person.thinks)), wish)

    def _put(self, person: Person, at: datetime, say: Say | None) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), person.name, person.turn, say))

    def _goes_on(self, person: Person) -> None:
        unread, person.unread = person.unread, []
        assert person.ways
        try:
            self._wants(person, person.ways.send(unread))
        except StopIteration:
            person.ways = None
            person.turn += 1

    def _wake(self, before: int) -> None:
        """Whoever listens and was told something since goes on a little later."""
        for name in {each.to for each in self.told[before:]}:
            person = self.people.get(name)
            if person and person.listening:
                person.listening = False
                person.turn += 1
                self._put(person, self.now + timedelta(minutes=person.random.randint(1, 240)), None)

    def runs(self, until: datetime, midnight: Callable[[], None]) -> None:
        """Let time pass; ``midnight`` is called at each."""
        day = self.now.date()
        while True:
            assert self._next_tick
            at = min(self._agenda[0][0] if self._agenda else until, self._next_tick)
            if at >= until:
                return
            self.now = max(self.now, at)
            if self.now.date() != day:
                day = self.now.date()
                self.step([], tick=True)
                midnight()
            self._one_minute()

    def _one_minute(self) -> None:
        events: dict[str, dict[str, str]] = {}
        before = len(self.told)
        while self._agenda and self._agenda[0][0] <= self.now + AT_ONCE:
            at, number, name, turn, say = heapq.heappop(self._agenda)
            self.now, person = max(self.now, at), self.people[name]
            if turn != person.turn:
                continue
            if say is None:
                self._goes_on(person)
            else:
                events[name] = {"id": str(number), "who": name, **say._asdict()}
        assert self._next_tick
        tick = self.now >= self._next_tick
        if not (events or tick):
            return
        self.step(list(events.values()), tick=tick)
        if tick:
            self._next_tick = self.now + (TICK if DAY_FROM <= self.now.hour < DAY_UNTIL else NIGHT_TICK)
        for name in events:
            self._goes_on(self.people[name])
        self._wake(before)

    def told_of(self) -> dict[str, list[Told]]:
        """All that each was told."""
        found: dict[str, list[Told]] = defaultdict(list)
        for each in self.told:
            found[each.to].append(each)
        return found
