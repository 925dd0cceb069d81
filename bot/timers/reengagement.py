"""Re-engagement, "Ada kabar": where messages wait for a person's service window to open, one template asks them to open
it.

Pressing its button is a message of the person, so the waiting messages follow. One a day at most, and none for messages
that an earlier template has announced already. Where nothing but copies of broadcasts wait, the template says so, for
WhatsApp prices it otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.quiet_hours import asleep, awake
from bot.timers.row_by_row import row_by_row
from conversations.engine.ask import command
from conversations.engine.core import Say, Text
from storage.leads.officers import Roster
from storage.outbox import parked
from storage.outbox.messages import Out
from storage.outbox.parked import DAILY_LIMIT
from storage.people.people import Reached

KIND = "knock"  # Outbox.kind
AGAIN_AFTER = timedelta(days=1)


async def due(tx: AsyncConnection, services: Services, now: datetime) -> list[Out]:
    """One template for every person with waiting messages that were not announced; none in the quiet hours of where
    they live."""
    if not awake(services.rules.quiet, now):
        return []
    mail = Mail(tx, services, now, Roster(tx))
    ours = Say(Text("knock"), (command("read"),))
    broadcast = Say(Text("knock.broadcast"), (command("read"), command("stop", "", "knock.stop")))
    since = now - AGAIN_AFTER
    found = await parked.unannounced(tx, services.vault, KIND, since, but=DAILY_LIMIT)
    must_wait = await asleep(tx, services.rules.quiet, [person_id for person_id, _, _ in found], now)

    async def tell(mail: Mail, some: Sequence[tuple[int, Reached, bool]]) -> None:
        for person_id, chat, only_copies in some:
            say = broadcast if only_copies else ours
            if await mail.template(say, chat):
                await mail.put(person_id, chat, say, KIND)

    await row_by_row(mail, "person", [one for one in found if one[0] not in must_wait], lambda one: one[0], tell)
    return mail.out
