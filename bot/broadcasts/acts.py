"""What an admin does with a broadcast, by either door: the chat (``bot/turns/admin.py``) or the pages of the office.

Each act runs under the broadcast's lock, which its caller holds, and answers with the words for whoever did it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.broadcasts import notices, plans
from bot.broadcasts.answers import audience_of, content_of, start_of
from bot.broadcasts.report import counted
from bot.channels.base import Media
from bot.mail.mail import Mail
from bot.render import text
from conversations.dialogues import admin
from conversations.engine.core import Say, Text
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.broadcasts import Plan
from storage.leads import officers
from storage.people import audit


@dataclass(frozen=True, slots=True)
class Steering:
    """An admin at work on broadcasts. ``person_id``: whose chat gets a test copy. ``size``: the number of persons in the
    audience, where it was just counted outside of this transaction."""

    officer_id: int | None
    person_id: int
    name: str
    language: str = ""
    size: int | None = None

    @property
    def actor(self) -> str:
        """This admin in the audit, and as whoever approves."""
        return f"officer:{self.officer_id}"


async def act(mail: Mail, by: Steering, name: str, plan: Plan) -> Text | None:
    """Do what a button of a broadcast's card says (``conversations/dialogues/admin.py`` ACTS); the words to answer with.
    Raises NotNow where its state does not allow it."""
    said = await _ACTS[name](mail, by, plan)
    if name not in ("show", "test", "report"):
        await _note(mail, by, name, plan.id)
    return said


async def draft(mail: Mail, by: Steering, answers: Mapping[str, Any], media: Media | None) -> int:
    """Store a draft from the answers of ``compose``; its id."""
    name = Text("compose.name", {"purpose": Text(f"compose.purpose.{answers['purpose']}"), "when": mail.now})
    drafted = await broadcasts.draft(
        mail.tx, mail.services.vault,
        name=text(name, mail.services.catalogs.of(by.language)),
        author_id=by.officer_id, purpose=answers["purpose"], audience=audience_of(answers),
        content=content_of(answers, media).json(), now=mail.now, start_at=start_of(answers),
    )  # fmt: skip
    await _note(mail, by, "drafted", drafted)
    return drafted


async def discarded(mail: Mail, by: Steering, broadcast_id: int) -> bool:
    """Discard an earlier draft, which a new one replaces; False where it has been started meanwhile, and so stays."""
    try:
        await broadcasts.discard(mail.tx, broadcast_id)
    except broadcasts.NotNow:
        return False
    await _note(mail, by, "discarded", broadcast_id)
    return True


async def _note(mail: Mail, by: Steering, act: str, broadcast_id: int) -> None:
    what, about = f"broadcast:{act}", str(broadcast_id)
    await audit.record(mail.tx, at=mail.now, actor=by.actor, act=what, subject=about)


async def try_out(mail: Mail, by: Steering, plan: Plan) -> bool:
    """Send this admin a test copy; False where they have no chat."""
    return await plans.try_out(mail, await plans.words(mail, plan), by.person_id, plan.audience.role)


async def _nothing(mail: Mail, by: Steering, plan: Plan) -> None:
    return None


async def _test(mail: Mail, by: Steering, plan: Plan) -> Text:
    await try_out(mail, by, plan)
    return Text("siaran.tested")


async def _start(mail: Mail, by: Steering, plan: Plan) -> Text:
    state = await plans.start(mail, plan.id, plan.start_at, by.size)
    if state == "waiting" and not await notices.others(mail, plan):
        return Text("siaran.did.waits_for_nobody")
    return Text(f"siaran.did.{state}" if state in ("waiting", "scheduled") else "siaran.did.start")


async def _approve(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.approve(mail.tx, plan.id, by=by.actor, now=mail.now)
    await _tell_author(mail, by, plan, Text("siaran.approved", {"name": plan.name, "who": by.name}))
    return Text("siaran.did.approve")


async def _refuse(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.refuse(mail.tx, plan.id, by=by.actor)
    await _tell_author(mail, by, plan, Text("siaran.refused", {"name": plan.name, "who": by.name}))
    return Text("siaran.did.refuse")


async def _pause(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.pause(mail.tx, plan.id, mail.now)
    return Text("siaran.did.pause")


async def _resume(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.resume(mail.tx, plan.id, mail.now)
    return Text("siaran.did.resume")


async def _cancel(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.cancel(mail.tx, plan.id, mail.now)
    return Text("siaran.did.cancel")


async def _discard(mail: Mail, by: Steering, plan: Plan) -> Text:
    await broadcasts.discard(mail.tx, plan.id)
    return Text("siaran.did.discard")


async def _report(mail: Mail, by: Steering, plan: Plan) -> Text:
    return admin.report(plan.name, counted(await recipients.reasons(mail.tx, plan.id)))


_ACTS: Mapping[str, Callable[[Mail, Steering, Plan], Awaitable[Text | None]]] = {
    "show": _nothing,
    "test": _test,
    "start": _start,
    "approve": _approve,
    "refuse": _refuse,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "discard": _discard,
    "report": _report,
}


async def _tell_author(mail: Mail, by: Steering, plan: Plan, said: Text) -> None:
    author = await officers.person_of(mail.tx, plan.author_id) if plan.author_id else None
    if author:
        await mail.tell([author], Say(said), "notice")
