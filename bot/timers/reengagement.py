""" "Ada kabar": where something waits for a person's service window to open, one template asks them to open it.

Its button brings what waits: pressing it is a message of theirs. One a day at most, and none for what an earlier one has
announced already. Where nothing but copies of broadcasts wait, that is said, for WhatsApp prices it otherwise.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.quiet_hours import asleep, awake
from conversations.engine.ask import command
from conversations.engine.core import Say, Text
from storage.leads.officers import Roster
from storage.outbox import parked
from storage.outbox.messages import Out
from storage.outbox.parked import DAILY_LIMIT

KIND = "knock"  # Outbox.kind
AGAIN_AFTER = timedelta(days=1)


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """One for everybody who has something waiting that they were not told of. Not in the quiet hours of where they are."""
    if not awake(services.rules.quiet, now):
        return []
    mail = Mail(tx, services, now, Roster(tx))
    ours = Say(Text("knock"), (command("read"),))
    broadcast = Say(Text("knock.broadcast"), (command("read"), command("stop", "", "knock.stop")))
    since = now - AGAIN_AFTER
    found = await parked.unannounced(tx, services.vault, KIND, since, but=DAILY_LIMIT)
    must_wait = await asleep(tx, services.rules.quiet, [person_id for person_id, _, _ in found], now)
    for person_id, chat, only_copies in found:
        say = broadcast if only_copies else ours
        if person_id not in must_wait and await mail.template(say, chat):
            await mail.put(person_id, chat, say, KIND)
    return mail.out
