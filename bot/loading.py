"""What is read at the start from the files that ship with the program, and from the key file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import Settings
from storage.sealing import key_check
from storage.sealing.vault import Vault

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge


def knowledge(controller: str) -> Knowledge:
    """Words, places, rates and offices, read from the files that ship with the program.

    People are heard in every language that has words of its own for that, else in the source.
    """
    from conversations.engine.knowledge import Knowledge
    from conversations.hear import listen
    from locales import languages, read_tables
    from locales.tables import hears, introductions
    from storage import reference
    from storage.reference.areas import read_areas

    areas, known = read_areas(), introductions()
    return Knowledge(
        ear=listen(read_tables(), areas, known),
        rates=reference.rates(),
        offices=reference.offices(),
        controller=controller,
        holidays=reference.holidays(),
        ears={code: listen(read_tables(code), areas, known) for code in languages() if hears(code)},
    )


def vault_of(settings: Settings) -> Vault:
    """Raises VaultError when the key is missing or unreadable."""
    return Vault(key_check.keyring(settings.secret_key, settings.key_file))
