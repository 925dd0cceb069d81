"""The offices and rates as they stand in the database, in the knowledge of this process: changed there, they are seen here within
``LOOK_EVERY``, whichever process changed them."""

from __future__ import annotations

from contextlib import nullcontext

from bot.loading import as_it_stands
from bot.mail.mail import Services
from bot.periodic import Ticker
from storage.engine.database import Database

LOOK_EVERY = 20.0  # seconds


class OfficesSeen:
    """Keeps ``services.knowledge`` to the tables of offices and rates."""

    def __init__(self, database: Database, services: Services) -> None:
        self._database, self._services = database, services
        ticker = Ticker("offices", self.look, nullcontext, idle=LOOK_EVERY)
        self.start, self.stop = ticker.start, ticker.stop

    async def look(self) -> None:
        """Read the tables, and know them from now on."""
        self._services.knowledge = await as_it_stands(self._services.knowledge, self._database)
