"""The work of ``rangkul offices``."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.loading import knowledge
from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.settings import BadSetting, Settings
from conversations.rules.opening import OddHours, read, written
from storage.leads import officers, offices
from storage.leads.offices import NotPossible, OfficeLine


class Given(NamedTuple):
    """What ``offices change`` is given; None stays as it is."""

    name: str | None = None
    regencies: tuple[str, ...] | None = None
    hours: str | None = None
    address: str | None = None
    phone: str | None = None


async def show(settings: Settings) -> None:
    async with office(settings) as (database, vault), database.read() as tx:
        names = await officers.called(tx, vault)
        for line in await offices.listed(tx):
            above = ", ".join(names[each] for each in line.coordinators) or "tanpa koordinator"
            where = ",".join(line.regencies) or "tanpa wilayah"
            said = (line.name, where, written(line.hours), above, f"{line.officers} petugas", line.address, line.phone)
            sys.stdout.write("\t".join(said).rstrip("\t") + "\n")


async def add(settings: Settings, name: str, regencies: tuple[str, ...]) -> None:
    """Raises BadSetting for a bad name or regency, or one that another office has."""
    name = arguments.name("NAME", name)
    regencies = arguments.regencies(regencies, knowledge("").ear.places)
    async with _changing(settings) as tx:
        await offices.add(tx, name, regencies, now(), actor="cli")
    sys.stdout.write(f"{name}: {','.join(regencies)}\n")


async def change(settings: Settings, which: str, given: Given) -> None:
    """Raises BadSetting for what cannot be read, or contradicts what stands."""
    if given == Given():
        raise BadSetting("offices change: say what, e.g. --hours 'mon-fri 08:00-16:00' or --regency 33.72")
    name = arguments.name("--name", given.name) if given.name is not None else None
    address = arguments.name("--address", given.address) if given.address else given.address
    phone = arguments.name("--phone", given.phone) if given.phone else given.phone
    regencies = arguments.regencies(given.regencies, knowledge("").ear.places) if given.regencies else None
    try:
        hours = read(given.hours) if given.hours is not None else None
    except OddHours as odd:
        raise BadSetting(f"--hours: {odd}") from None
    async with _changing(settings) as tx:
        one = await found(tx, "OFFICE", which)
        await offices.change(tx, one.id, now(), actor="cli", name=name, hours=hours, address=address, phone=phone)
        if regencies is not None:
            await offices.give(tx, one.id, regencies, now(), actor="cli")
    sys.stdout.write(f"{name or one.name}: diubah.\n")


async def assign(settings: Settings, which: str, officer_id: int, *, coordinator: bool) -> None:
    """Raises BadSetting where there is no such office or officer."""
    async with _changing(settings) as tx:
        one = await found(tx, "OFFICE", which)
        if not await offices.assign(tx, officer_id, one.id, now(), actor="cli", coordinator=coordinator):
            raise BadSetting(f"no officer {officer_id}: see `rangkul officers list`")
    sys.stdout.write(f"Petugas {officer_id}: {'koordinator ' if coordinator else ''}{one.name}\n")


@asynccontextmanager
async def _changing(settings: Settings) -> AsyncIterator[AsyncConnection]:
    """A transaction whose refusal is one line."""
    try:
        async with office(settings) as (database, _), database.write() as tx:
            yield tx
    except NotPossible as refused:
        raise BadSetting(f"offices: {refused}") from None


async def found(tx: AsyncConnection, option: str, which: str) -> OfficeLine:
    """The one office that these words name. Raises BadSetting where none or several are."""
    said = which.strip().casefold()
    named = [one for one in await offices.listed(tx) if said and (said in one.name.casefold() or said in one.regencies)]
    exact = [one for one in named if f" {one.name.casefold()}".endswith(f" {said}")]
    some = exact if len(exact) == 1 else named
    if not some:
        raise BadSetting(f"{option} {which}: no such office; see `rangkul offices list`")
    if len(some) > 1:
        raise BadSetting(
            f"{option} {which}: several have that in their name: {'; '.join(one.name for one in some[:5])}"
        )
    return some[0]
