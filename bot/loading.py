"""Loading at the start: the knowledge in files that ship with the program, and the keys."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from bot.settings import Settings
from storage.engine.database import Database
from storage.sealing import key_check
from storage.sealing.vault import Vault

if TYPE_CHECKING:
    from conversations.engine.knowledge import Knowledge
    from conversations.rules.rates import Rates


def knowledge(controller: str) -> Knowledge:
    """Words, places, rates and offices, read from the files that ship with the program.

    A person is heard in their language where it has hearing tables of its own, else in the source language.
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
        rates=shipped_rates(),
        offices=reference.offices(),
        controller=controller,
        holidays=reference.holidays(),
        ears={code: ear(code) for code in languages() if hears(code)},
        labels=OnButtons(*catalogs),
    )


async def as_it_stands(knows: Knowledge, database: Database) -> Knowledge:
    """The knowledge with the offices as they stand in the database, and with the rates that were entered there."""
    from conversations.rules.rates_over import laid_over
    from storage.console import entered_rates
    from storage.leads import offices

    async with database.read() as tx:
        rates = laid_over(shipped_rates(), await entered_rates.known(tx))
        return replace(knows, offices=await offices.known(tx), rates=rates)


@cache
def shipped_rates() -> Rates:
    """The rates of the file, without those that were entered."""
    from storage import reference

    return reference.rates()


async def vault_of(database: Database, settings: Settings) -> Vault:
    """The vault of a database. Raises VaultError when the key is missing, unreadable, or not this database's."""
    return await key_check.unlocked(database, settings.secret_key, settings.key_file)
