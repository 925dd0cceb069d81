"""What is read at the start from the files that ship with the program, and from the key file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.settings import Settings
from storage.sealing import key_check
from storage.sealing.vault import Vault

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge


def knowledge(controller: str) -> Knowledge:
    """Words, places, rates and offices, read from the files that ship with the program."""
    from conversations.engine.knowledge import Knowledge
    from conversations.hear import listen
    from locales import read_tables
    from storage import reference
    from storage.reference.areas import read_areas

    year = datetime.now(UTC).year
    return Knowledge(
        ear=listen(read_tables("id"), read_areas()),
        rates=reference.rates(),
        offices=reference.offices(),
        controller=controller,
        holidays=reference.holidays((year, year + 1)),
    )


def vault_of(settings: Settings) -> Vault:
    """Raises VaultError when the key is missing or unreadable."""
    return Vault(key_check.keyring(settings.secret_key, settings.key_file))
