"""Notices to admins about a broadcast: it waits for approval, it is done, it halted, its audience has grown."""

from __future__ import annotations

from bot.broadcasts.answers import answers_of
from bot.broadcasts.report import why
from bot.mail.mail import Mail
from conversations.dialogues.admin import starts
from conversations.dialogues.compose import audience_lines
from conversations.engine.ask import command
from conversations.engine.core import Button, Field, Say, Text
from storage.broadcasts import recipients
from storage.broadcasts.broadcasts import Plan
from storage.leads import officers


async def ask_approval(mail: Mail, plan: Plan) -> None:
    """Ask every admin but the author for approval of a broadcast."""
    world = mail.world()
    fields: dict[str, Field] = {
        "name": plan.name,
        "count": plan.size,
        "audience": audience_lines(answers_of(plan, None), world),
        "when": starts(plan.start_at, world),
    }
    asked = Say(Text("broadcast.notice.waiting", fields), approval_buttons(plan.id))
    await mail.tell(await others(mail, plan), asked, "notice")


async def others(mail: Mail, plan: Plan) -> list[int]:
    """The person ids of all admins but the author of a broadcast."""
    return [p for o, p in await officers.with_role(mail.tx, "admin") if o != plan.author_id]


def approval_buttons(broadcast_id: int) -> tuple[Button, ...]:
    return (
        command("siaran", f"approve:{broadcast_id}", "broadcast.approve"),
        command("siaran", f"refuse:{broadcast_id}", "broadcast.refuse"),
    )


async def tell_done(mail: Mail, plan: Plan) -> None:
    """Tell the author that a broadcast is done: how many copies arrived, how many failed, how many wait for their
    person to write."""
    counts = await recipients.progress(mail.tx, plan.id)
    arrived = sum(counts.get(state, 0) for state in ("sent", "delivered", "read"))
    failed = sum(counts.get(state, 0) for state in ("failed", "uncertain"))
    waits = counts.get("parked", 0)
    rest = sum(counts.values()) - arrived - failed - waits
    fields: dict[str, Field] = {"name": plan.name, "sent": arrived, "failed": failed, "rest": rest}
    fields["waits"] = Text("broadcast.notice.waits", {"count": waits}) if waits else ""
    await _tell(mail, plan, Say(Text("broadcast.notice.done", fields)))


async def tell_grown(mail: Mail, plan: Plan) -> None:
    """Tell the author that a scheduled broadcast does not begin, because its grown audience needs another admin's
    approval."""
    await _tell(mail, plan, Say(Text("broadcast.notice.grown", {"name": plan.name, "count": plan.size})))


async def tell_halted(mail: Mail, plan: Plan) -> None:
    """Tell the author that a broadcast halted, with the reason."""
    await _tell(mail, plan, Say(Text("broadcast.notice.halted", {"name": plan.name, "reason": why(plan.reason)})))


async def _tell(mail: Mail, plan: Plan, say: Say) -> None:
    """Tell the author of a broadcast; where they have left, or the broadcast came from the command line, tell every admin."""
    admins = await officers.with_role(mail.tx, "admin")
    author = [p for o, p in admins if o == plan.author_id]
    await mail.tell(author or [p for _, p in admins], say, "notice")
