"""What those who look after the others are told at once: who may see more than before, and who tried to."""

from __future__ import annotations

from bot.mail.mail import Mail
from conversations.engine.core import Say, Text
from storage.leads import officers


async def tell(mail: Mail, said: Text, *, but: int | None = None) -> None:
    """The coordinators and the admins, at work or not; not the person ``but``, whom it is about."""
    found = [each for role in ("coordinator", "admin") for each in await officers.with_role(mail.tx, role)]
    await mail.tell([person_id for _, person_id in found if person_id != but], Say(said), "notice")
