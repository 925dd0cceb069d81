"""What admins are told of a broadcast by itself: that it waits for one of them, that it is done, that it halted."""

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
    """Every admin but its author: may it go?"""
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
    """The person of every admin but its author."""
    return [p for o, p in await officers.with_role(mail.tx, "admin") if o != plan.author_id]


def approval_buttons(broadcast_id: int) -> tuple[Button, ...]:
    return (
        command("siaran", f"approve:{broadcast_id}", "broadcast.approve"),
        command("siaran", f"refuse:{broadcast_id}", "broadcast.refuse"),
    )


async def tell_done(mail: Mail, plan: Plan) -> None:
    """Its author, with how many copies arrived, how many did not, and how many still wait for their person to write."""
    counts = await recipients.progress(mail.tx, plan.id)
    arrived = sum(counts.get(state, 0) for state in ("sent", "delivered", "read"))
    failed = sum(counts.get(state, 0) for state in ("failed", "uncertain"))
    waits = counts.get("parked", 0)
    rest = sum(counts.values()) - arrived - failed - waits
    fields: dict[str, Field] = {"name": plan.name, "sent": arrived, "failed": failed, "rest": rest}
    fields["waits"] = Text("broadcast.notice.waits", {"count": waits}) if waits else ""
    await _tell(mail, plan, Say(Text("broadcast.notice.done", fields)))


async def tell_grown(mail: Mail, plan: Plan) -> None:
    """Its author: it does not begin as it was scheduled, because others must approve of it now."""
    await _tell(mail, plan, Say(Text("broadcast.notice.grown", {"name": plan.name, "count": plan.size})))


async def tell_halted(mail: Mail, plan: Plan) -> None:
    """Its author, with the reason."""
    await _tell(mail, plan, Say(Text("broadcast.notice.halted", {"name": plan.name, "reason": why(plan.reason)})))


async def _tell(mail: Mail, plan: Plan, say: Say) -> None:
    """The author; where they have left, or it was written at the command line, every admin."""
    admins = await officers.with_role(mail.tx, "admin")
    author = [p for o, p in admins if o == plan.author_id]
    await mail.tell(author or [p for _, p in admins], say, "notice")
