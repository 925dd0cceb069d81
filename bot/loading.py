"""What is read at the start from the files that ship with the program, and from the key file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import Settings
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Vault

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge


def knowledge(controller: str) -> Knowledge:
    """Words, places, rates and offices, read from the files that ship with the program.

    People are heard in every language that has words of its own for that, else in the source.
    """
    from bot.labels import OnButtons, item_names
    from conversations.engine.knowledge import Knowledge
    from conversations.hear import Ear, listen
    from locales import SOURCE, Catalogs, languages, read_tables
    from locales.tables import hears, introductions
    from storage import reference
    from storage.reference.areas import read_areas

    areas, known, catalogs = read_areas(), introductions(), Catalogs.load()

    def ear(language: str) -> Ear:
        return listen(read_tables(language), areas, item_names(catalogs.of(language)), known)

    return Knowledge(
        ear=ear(SOURCE),
        rates=reference.rates(),
        offices=reference.offices(),
        controller=controller,
        holidays=reference.holidays(),
        ears={code: ear(code) for code in languages() if hears(code)},
        labels=OnButtons(*catalogs),
    )


async def vault_of(database: Database, settings: Settings) -> Vault:
    """Raises VaultError when the key is missing, unreadable, or not this database's."""
    return await key_check.unlocked(database, settings.secret_key, settings.key_file)
