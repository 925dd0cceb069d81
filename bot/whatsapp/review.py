"""Meta's review of our message templates: decisions that come in are stored."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.channels.base import Notice, Unavailable
from storage.engine.database import Database, is_unavailable
from storage.outbox import templates as states
from storage.outbox.templates import APPROVED, State

log = structlog.get_logger()

# Words of https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/message_template_status_update
_USABLE_AGAIN = ("REINSTATED", "UNARCHIVED")
_AS_BEFORE = ("FLAGGED", "LOCKED", "LIMIT_EXCEEDED", "IN_APPEAL")  # whether the template may be sent does not change


async def noted(database: Database, account: str, notice: Notice, at: datetime) -> None:
    """Store what the platform decided about a template; a notice about the account is logged for the operator.

    Raises Unavailable when the database is away.
    """
    if notice.kind != "template":
        log.error("account notice", channel=notice.channel, status=notice.status)
        return
    status = APPROVED if notice.status in _USABLE_AGAIN else "" if notice.status in _AS_BEFORE else notice.status
    told = State(notice.name, notice.language, status, notice.category)
    try:
        async with database.write() as tx:
            await states.note(tx, account, [told], at)
    except Exception as error:
        if is_unavailable(error):
            raise Unavailable(type(error).__name__) from None
        raise
    if notice.status and status != APPROVED:
        log.warning("news of a template", template=notice.name, status=notice.status)
