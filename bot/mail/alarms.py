"""Alarms to coordinators and admins: somebody may see more leads than before, or tried to."""

from __future__ import annotations

from bot.mail.mail import Mail
from conversations.engine.core import Say, Text
from storage.leads import officers


async def tell(mail: Mail, said: Text, *, but: int | None = None) -> None:
    """Tell the coordinators and admins, at work or not; not the person ``but``, whom the alarm is about."""
    found = [each for role in ("coordinator", "admin") for each in await officers.with_role(mail.tx, role)]
    await mail.tell([person_id for _, person_id in found if person_id != but], Say(said), "notice")
