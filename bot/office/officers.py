"""Commands about officers and keys. Every act on personal data is audited."""

from __future__ import annotations

import sys

from bot.loading import knowledge
from bot.now import now
from bot.office import arguments, offices
from bot.office.database import office, tables_of
from bot.settings import BadSetting, Settings
from storage.leads import leaving, officers
from storage.people import audit
from storage.sealing import key_check, unreadable
from storage.sealing.vault import Vault


async def invite(settings: Settings, name: str, regencies: tuple[str, ...], role: str, of: str = "") -> None:
    """Print the code and the link that bind the officer's chat. ``of``: part of the name of their office. Raises
    BadSetting for a bad name, role, regency or office."""
    name = arguments.name("--name", name)
    arguments.one_of("--role", role, officers.ROLES)
    regencies = arguments.regencies(regencies, knowledge("").ear.places)
    if role == "officer" and not regencies and not of:
        raise BadSetting("--regency: an officer needs an office (--office Surakarta) or at least one regency (33.72)")
    async with office(settings) as (database, vault), database.write() as tx:
        theirs = (await offices.found(tx, "--office", of)).id if of else None
        code = await officers.invite(tx, vault, name=name, role=role, regencies=regencies, office=theirs, now=now())
        await audit.record(tx, at=now(), actor="cli", act="invited", subject=role)
    link = await _link(settings, code)
    days = officers.INVITED_FOR.days
    told = f"Kirim kode ini ke bot dari HP {name}. Berlaku {days} hari, satu kali."
    sys.stdout.write("".join(f"{line}\n" for line in (code, link, told) if line))


async def _link(settings: Settings, code: str) -> str:
    """The link that sends the code by one tap: to the Telegram bot, else the simulator's page (there the code is typed).

    Empty where neither is on.
    """
    if not settings.telegram_token:
        return f"http://{_named(settings.host)}:{settings.port}/" if settings.simulates else ""
    from bot.channels.telegram import Call
    from bot.channels.telegram_aiogram import Aiogram
    from bot.channels.telegram_refusals import TelegramRefused

    driver = Aiogram(settings.telegram_token, settings.telegram_api)
    driver.open()
    try:
        me = await driver.call(Call("getMe"))
    except TelegramRefused:
        return "(Telegram tidak menjawab, jadi tautannya belum ada; kodenya tetap berlaku)"
    finally:
        await driver.close()
    return f"https://t.me/{me['username']}?start={code}"


def _named(host: str) -> str:
    """A host as a URL names it.

    >>> _named("0.0.0.0"), _named("::1")
    ('127.0.0.1', '[::1]')
    """
    if host in ("0.0.0.0", "::"):  # noqa: S104 - every address: this machine is one of them
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


async def show(settings: Settings) -> None:
    async with office(settings) as (database, vault), database.read() as tx:
        for line in await officers.listed(tx, vault):
            state = "libur" if line.absent else "aktif" if line.bound else "belum memakai kodenya"
            state = state if line.reached else "pesan tidak sampai"
            where = ",".join(line.regencies) or "semua"
            sys.stdout.write(f"{line.id}\t{line.name}\t{line.role}\t{where}\t{state}\t{line.open_leads} terbuka\n")


async def remove(settings: Settings, officer_id: int) -> None:
    """Cut the officer off; their open leads are free again, and the running server offers them to other officers."""
    async with office(settings) as (database, _), database.write() as tx:
        freed = await leaving.leave(tx, officer_id, now(), actor="cli")
        if freed is None:
            raise BadSetting(f"no officer {officer_id}: see `rangkul officers list`")
    sys.stdout.write(f"Petugas {officer_id} dikeluarkan; {freed} calon peserta bebas lagi.\n")


async def rotate(settings: Settings) -> None:
    """Seal all values with a new key, showing progress; interrupted, the rotation goes on where it stopped."""
    from storage.sealing.rotation import add_key, drop_old_keys, reseal

    if settings.secret_key:
        raise BadSetting("RANGKUL_SECRET_KEY: keys in the environment cannot be rotated here; use the key file")
    async with tables_of(settings, alone=True) as database:
        # The key file must be this database's before a key is added to it.
        await key_check.unlocked(database, "", settings.key_file, make=False)
        await reseal(database, Vault(add_key(settings.key_file)), _progress)
        await drop_old_keys(database, settings.key_file)
        async with database.read() as tx:
            aside = sum((await unreadable.counted(tx)).values())
    sys.stderr.write("\n")
    if aside:
        sys.stdout.write(
            f"{aside} values do not open and stay as they are; `rangkul check` names them. The former keys stand in "
            f"{settings.key_file}.until-key-…\n"
        )


def _progress(place: str, done: int) -> None:
    sys.stderr.write(f"\r{place}: {done} ")
