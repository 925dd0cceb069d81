"""``rangkul backup`` and ``rangkul restore``, with each consequence told to the operator in plain words."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.now import now
from bot.office import arguments
from bot.office.database import office
from bot.settings import Settings
from storage.backup import backup as storage_backup
from storage.engine.engines import StorageError, address
from storage.people import audit
from storage.sealing.vault import Keyring, Vault, read_key_file
from storage.whole_person import erasure_log
from storage.whole_person.erasure_log import Erasure

_NAME = re.compile(r"rangkul-(\d{8}T\d{6})Z\.(db|dump)")


async def backup(settings: Settings, folder: Path, ledger: Path, keep_days: int | None = None) -> Path:
    """Write a backup into a folder and bring the list of deletions up to date; remove backups older than asked; the
    file's path.

    Raises the errors of ``storage.backup.backup.back_up``.
    """
    arguments.folder_to_make("--to", folder)
    async with office(settings, older=True) as (database, _):  # before an upgrade, by the newer program
        listed = await erasure_log.copy(database, ledger)
        async with database.write() as tx:
            await audit.record(tx, at=now(), actor="cli", act="backup", subject="database")
    made = folder / name(settings.database_url, now())
    await storage_backup.back_up(settings.database_url, made)
    _say(f"backup: {made} ({made.stat().st_size / 2**20:.1f} MiB, readable to you alone)")
    _say(
        f"key: NOT in the backup. Keep a copy of {_key_place(settings)} in another place: without it nobody can open it."
    )
    _say(
        f"deletions: listed in {ledger} ({listed} new). Copy this file away as often as you can, at least with this backup."
    )
    for old in stale(folder, now(), keep_days):
        old.unlink()
        _say(f"removed: {old} (older than {keep_days} days)")
    return made


async def restore(
    settings: Settings, file: Path, *, ledger: Path | None, force: bool = False, key: Path | None = None
) -> None:
    """Replace the database by a backup. ``ledger`` None: there is no list of deletions, and the operator accepts that.

    Raises the errors of ``storage.backup.backup.restore``; StorageError also when the list is missing and nobody
    accepted that.
    """
    storage_backup.check_kind(file, settings.database_url)
    erasures = _listed(ledger)
    vault = Vault(_keyring(settings, key))
    done = await storage_backup.restore(file, settings.database_url, vault, erasures, now(), force=force)
    _say(f"restored: {file}")
    _say(f"erased again: {done.erased_again} persons who asked for it after the backup")
    if ledger is None:
        _say("WARNING: restored without a list of deletions; who was erased after the backup may be back")
    if done.kept:
        _say(f"the old database is kept: {done.kept}. It holds personal data: remove it once all is well.")
    if key is not None:
        _say(f"start the server with the key file {key}, then run `rangkul keys rotate`")


def name(url: str, at: datetime) -> str:
    """The file name of a backup made at this time.

    >>> name("data/rangkul.db", datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    'rangkul-20261122T020000Z.db'
    """
    ending = storage_backup.ENDINGS[address(url).get_backend_name()]
    return f"rangkul-{at.astimezone(UTC):%Y%m%dT%H%M%S}Z.{ending}"


def stale(folder: Path, at: datetime, keep_days: int | None) -> list[Path]:
    """Backups in this folder that are older than ``keep_days``; files with other names are left alone."""
    if keep_days is None:
        return []
    dated = [(path, match[1]) for path in sorted(folder.iterdir()) if (match := _NAME.fullmatch(path.name))]
    eldest = (at.astimezone(UTC) - timedelta(days=keep_days)).strftime("%Y%m%dT%H%M%S")
    return [path for path, made in dated if made < eldest]


def _listed(ledger: Path | None) -> Sequence[Erasure]:
    if ledger is None:
        return ()
    if not ledger.exists():
        raise StorageError(
            f"no list of deletions at {ledger}: bring its copy there, or say --without-deletions to accept that "
            "persons who were erased after the backup come back"
        )
    return erasure_log.read(ledger)


def _keyring(settings: Settings, key: Path | None) -> Keyring:
    """The existing keys, from the file or the setting: a restore must never make a new key."""
    if key is None and settings.secret_key:
        return Keyring.parse(settings.secret_key)
    return read_key_file(key or settings.key_file)


def _key_place(settings: Settings) -> str:
    return "RANGKUL_SECRET_KEY" if settings.secret_key else str(settings.key_file)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
