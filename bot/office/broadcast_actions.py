"""Broadcasts from the command line, beside a running server: rows are written here, the server's clock does the rest."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import platforms
from bot.broadcasts import notices
from bot.broadcasts import plans as broadcasts
from bot.broadcasts.text import BadText, Content, media_of
from bot.channels.base import BOLD_OFF, BOLD_ON
from bot.loading import as_it_stands, knowledge
from bot.mail.mail import Mail, Services
from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.settings import BadSetting, Settings
from bot.whatsapp.prices import Prices
from conversations.dialogues.compose import PROGRAMS, STATUSES
from conversations.hear.trades import CATEGORIES
from locales import Catalogs
from storage.broadcasts import broadcasts as stored
from storage.broadcasts.audience import Audience, BadAudience
from storage.broadcasts.broadcasts import NotNow, Plan
from storage.engine.database import Database
from storage.leads import officers
from storage.leads.leads import ENDED
from storage.leads.officers import Roster
from storage.outbox import messages
from storage.people import audit
from storage.sealing.vault import Vault


@asynccontextmanager
async def at_desk(settings: Settings) -> AsyncIterator[tuple[Database, Vault]]:
    """Open the database and vault for one command about broadcasts, as ``office`` does; raises BadSetting for a
    broadcast error (NotNow, BadText, BadAudience)."""
    try:
        async with office(settings) as opened:
            yield opened
    except NotNow as refused:
        raise BadSetting(_REFUSED[refused.why].format(state=refused.state)) from None
    except (BadText, BadAudience) as refused:
        raise BadSetting(str(refused)) from None


async def _services(settings: Settings, database: Database, vault: Vault) -> Services:
    """The services that render a broadcast. Takes a second: the places of Indonesia are read."""
    knows = await as_it_stands(knowledge(settings.shown_controller), database)
    rules = platforms.rules(settings, knows.holidays)
    return Services(vault, knows, Catalogs.load(), platforms.limits_of, rules=rules)


_REFUSED = {
    "unknown": "no such broadcast; see `rangkul broadcast status`",
    "state": "the broadcast is {state}: that cannot be done now",
    "own": "whoever wrote a broadcast does not approve it: an admin does, in chat",
    "nobody": "the broadcast is for nobody: see its audience",
    "late": "the time is over",
    "purged": "its words were purged: they are kept for a month",
}


async def named(tx: AsyncConnection, which: str) -> Plan:
    """The broadcast with this id, or with this name if only one has that name. Raises NotNow, or BadSetting for several."""
    plan = await stored.find(tx, int(which)) if which.isdecimal() else None
    found = [plan] if plan else await stored.named(tx, which)
    if not found:
        raise NotNow("unknown")
    if len(found) > 1:
        raise BadSetting(f"{len(found)} broadcasts are named {which}: give the id, see `rangkul broadcast status`")
    return found[0]


# ------------------------------------------------------------------------------------------------ before it starts


async def plan(
    settings: Settings,
    name: str,
    text: str,
    audience: Audience,
    purpose: str,
    buttons: Sequence[str],
    file: Path | None,
) -> None:
    """Store a draft; print its id, the number of its recipients, the time that sending takes, and the cost."""
    name = arguments.name("--name", name)
    arguments.one_of("--purpose", purpose, stored.PURPOSES)
    for option, given, known in (
        ("--sector", audience.category, CATEGORIES),
        ("--program", audience.program, PROGRAMS),
        ("--status", audience.status, tuple(dict.fromkeys((*STATUSES, *ENDED)))),
    ):
        if given:
            arguments.one_of(option, given, known)
    async with at_desk(settings) as (database, vault):
        services = await _services(settings, database, vault)
        regencies = arguments.regencies(audience.regencies, services.knowledge.ear.places)
        audience = replace(audience, regencies=regencies)
        media = (
            media_of(arguments.no_nik("--file", file.name), await asyncio.to_thread(file.read_bytes)) if file else None
        )
        content = Content(arguments.no_nik("--text-file", text), tuple(buttons), media).checked()
        async with database.write() as tx:
            broadcast_id = await stored.draft(
                tx, services.vault, name=name, author_id=None, purpose=purpose, audience=audience,
                content=content.json(), now=now(),
            )  # fmt: skip
            await audited(tx, "planned", broadcast_id)
        async with database.read() as tx:
            found = await broadcasts.estimate(tx, services, audience, now())
    sys.stdout.write(f"{broadcast_id}\n{found.count} orang\n")
    for channel, number in sorted(found.by_channel.items()):
        outside = f", {found.closed[channel]} di luar jendela 24 jam" if channel in found.closed else ""
        sys.stdout.write(f"  {channel}: {number}{outside}\n")
    days = f" dan {found.days} hari menunggu jatah harian" if found.days else ""
    sys.stdout.write(
        f"lama kirim: sekitar {timedelta(seconds=round(found.seconds))}{days}, jam tenang tidak dihitung\n"
    )
    if there := found.by_channel.get("whatsapp"):
        if found.waits:
            sys.stdout.write(
                f"  {found.waits} orang baru menerimanya saat mereka menulis: templat siaran belum disetujui\n"
            )
        closed = found.closed.get("whatsapp", 0)  # as if in the dearest category that a template may be given
        cost = Prices.load().cost({"marketing": closed, "service": there - closed}, now().date())
        sys.stdout.write(f"biaya WhatsApp: {'belum diketahui' if cost is None else f'perkiraan US${cost:.2f}'}\n")


async def preview(settings: Settings, which: str) -> None:
    """Print a broadcast's message as each channel shows it."""
    async with at_desk(settings) as (database, vault):
        async with database.read() as tx:
            await named(tx, which)
        services = await _services(settings, database, vault)
        async with database.read() as tx:
            found = await named(tx, which)
            content = await stored.content(tx, services.vault, found.id)
        if content is None:
            raise NotNow("unknown")
        for channel, message in broadcasts.previews(services, Content.of(content), found.audience.role).items():
            words = message.text.replace(BOLD_ON, "*").replace(BOLD_OFF, "*")
            file = f"[{message.media.kind}: {message.media.name}]\n" if message.media else ""
            keys = "".join(f"\n[{key.label}]" for row in message.keys for key in row)
            sys.stdout.write(f"--- {channel}\n{file}{words}{keys}\n")


async def try_out(settings: Settings, which: str, officer: int) -> None:
    """Send one test copy to an officer's own chat."""
    async with at_desk(settings) as (database, vault):
        async with database.read() as tx:
            await named(tx, which)
        services = await _services(settings, database, vault)
        async with database.write() as tx:
            found = await named(tx, which)
            content = await stored.content(tx, vault, found.id)
            person_id = await officers.person_of(tx, officer)
            if content is None or person_id is None:
                raise BadSetting(f"--officer {officer}: has no chat with the bot; see `rangkul officers list`")
            mail = Mail(tx, services, now(), Roster(tx))
            await broadcasts.try_out(mail, Content.of(content), person_id, found.audience.role)
            await _put(mail)
            await audited(tx, "tried", found.id)
    sys.stdout.write("Contohnya dikirim ke petugas itu.\n")


async def start(settings: Settings, which: str, at: str) -> None:
    """Start a draft now, or at a time."""
    try:
        moment = broadcasts.when(at, now()) if at else None
    except ValueError as wrong:
        raise BadSetting(f"--at {at}: {wrong}") from None
    async with at_desk(settings) as (database, vault):
        async with database.read() as tx:
            await named(tx, which)
        services = await _services(settings, database, vault)
        async with database.read() as tx:  # counting a million takes seconds, in which replies must not wait
            found = await named(tx, which)
            counted = await broadcasts.estimate(tx, services, found.audience, now())
        async with database.write() as tx:
            mail = Mail(tx, services, now(), Roster(tx))
            state = await broadcasts.start(mail, found.id, moment, counted.count)
            asked = await notices.others(mail, found)
            await _put(mail)
            await audited(tx, "started", found.id)
    sys.stdout.write(_STARTED["alone" if state == "waiting" and not asked else state])


_STARTED = {
    "waiting": "Menunggu persetujuan admin lain; mereka sudah diberi tahu lewat chat.\n",
    "alone": "Penerimanya banyak, jadi harus disetujui admin lain. Sekarang belum ada admin lain: undang dulu dengan "
    "`rangkul officers invite --name … --role admin`; siarannya menunggu sampai ada.\n",
    "scheduled": "Dijadwalkan.\n",
    "planning": "Dimulai.\n",
}


async def _put(mail: Mail) -> None:
    await messages.put(mail.tx, mail.services.vault, mail.out, mail.now, owner="", lease=timedelta())


async def audited(tx: AsyncConnection, act: str, broadcast_id: int) -> None:
    await audit.record(tx, at=now(), actor="cli", act=f"broadcast:{act}", subject=f"broadcast:{broadcast_id}")


# ------------------------------------------------------------------------------------------------ once it runs


async def approve(settings: Settings, which: str) -> None:
    await _act(settings, which, "approved", lambda tx, i: stored.approve(tx, i, by="cli", now=now()))


async def pause(settings: Settings, which: str) -> None:
    await _act(settings, which, "paused", lambda tx, i: stored.pause(tx, i, now()))


async def resume(settings: Settings, which: str) -> None:
    await _act(settings, which, "resumed", lambda tx, i: stored.resume(tx, i, now()))


async def cancel(settings: Settings, which: str) -> None:
    """End it for good; a draft that never began is removed."""

    async def end(tx: AsyncConnection, broadcast_id: int) -> None:
        found = await stored.find(tx, broadcast_id)
        if found and found.state == "draft":
            await stored.discard(tx, broadcast_id)
        else:
            await stored.cancel(tx, broadcast_id, now())

    await _act(settings, which, "cancelled", end)


async def _act(
    settings: Settings, which: str, act: str, change: Callable[[AsyncConnection, int], Awaitable[object]]
) -> None:
    async with at_desk(settings) as (database, _), database.write() as tx:
        found = await named(tx, which)
        await change(tx, found.id)
        await audited(tx, act, found.id)
    sys.stdout.write(f"{found.name}: {act}\n")
