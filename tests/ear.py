"""The ear as it ships, built once for all tests of a process, and only where one of them listens."""

from __future__ import annotations

from functools import cache

from bot.labels import item_names
from conversations.hear import Ear, listen
from locales import Catalog, read_tables
from locales.tables import introductions
from storage.reference.areas import read_areas


@cache
def ear() -> Ear:
    """Built from the files of ``locales/id/`` and the register of areas; takes about a second."""
    return listen(read_tables(), read_areas(), item_names(Catalog.load()), introductions())
