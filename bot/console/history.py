"""What stood on the simulator's screens before a restart, read from what the database keeps of the conversation."""

from __future__ import annotations

from bot.channels.simulator_screen import KEPT, PastEvent, PastMessage
from bot.serialization import unpack
from bot.turns.events import heard_in
from storage.engine.database import Database
from storage.outbox import chat_history
from storage.people.people import Where
from storage.sealing.vault import Vault


async def before(database: Database, vault: Vault, where: Where) -> list[PastEvent | PastMessage] | None:
    """What was said at this address, oldest first, as far as it is kept; None where nobody has been."""
    async with database.read() as tx:
        lines = await chat_history.of_chat(tx, vault, where, newest=KEPT)
    if lines is None:
        return None
    return [
        PastEvent(line.external_id, line.at, heard_in(line.body))
        if line.own
        else PastMessage(line.external_id, line.at, unpack(line.body))
        for line in lines
    ]
