"""The report of a broadcast for the office: each recipient, without name, with the state of their copy and the reason."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.now import now
from bot.render import text
from bot.whatsapp.prices import Prices
from conversations.engine.core import Text
from conversations.rules.quiet_hours import WIB
from locales import Catalog
from storage.broadcasts import recipients
from storage.broadcasts.broadcasts import Plan
from storage.outbox import costs
from storage.outbox.claims import CUT_OFF
from storage.outbox.parked import DAILY_LIMIT, WINDOW_CLOSED
from storage.sealing.vault import Vault

OUR_FAULT = "a fault of ours, see the log"  # reason of a broadcast that the pump halted after failed steps

STATES = {
    "planned": Text("broadcast.copy.planned"),
    "due": Text("broadcast.copy.due"),
    "sending": Text("broadcast.copy.sending"),
    "sent": Text("broadcast.copy.sent"),
    "delivered": Text("broadcast.copy.delivered"),
    "read": Text("broadcast.copy.read"),
    "failed": Text("broadcast.copy.failed"),
    "uncertain": Text("broadcast.copy.uncertain"),
    "parked": Text("broadcast.copy.parked"),
    "skipped": Text("broadcast.copy.skipped"),
    "cancelled": Text("broadcast.copy.cancelled"),
}
_WHY = {  # reasons in rows of recipients, of the outbox and of broadcasts
    "stopped": Text("broadcast.why.stopped"),
    "no_news": Text("broadcast.why.no_news"),
    "no news": Text("broadcast.why.no_news"),
    "unreachable": Text("broadcast.why.unreachable"),
    "weekly": Text("broadcast.why.weekly"),
    "erased": Text("broadcast.why.erased"),
    "joined": Text("broadcast.why.joined"),
    "too old": Text("broadcast.why.late"),
    CUT_OFF: Text("broadcast.why.cut_off"),
    WINDOW_CLOSED: Text("broadcast.why.window"),
    DAILY_LIMIT: Text("broadcast.why.daily"),
    "flood": Text("broadcast.why.busy"),
    "whatsapp 131026": Text(
        "broadcast.why.blocked"
    ),  # person without WhatsApp, or who blocked us: Meta does not say which
    "refused": Text("broadcast.why.refused"),
    "its words were purged": Text("broadcast.why.purged"),
    OUR_FAULT: Text("broadcast.why.our_fault"),
}
_FAILING = re.compile(r"(\d+) of the last (\d+) failed")
AT_ONCE = 1_000


def why(reason: str) -> Text | str:
    """A stored reason as a text for people, "" for none; an answer of a platform stands in the text as it was."""
    if reason in _WHY:
        return _WHY[reason]
    if failing := _FAILING.fullmatch(reason):
        return Text("broadcast.why.failing", {"failed": int(failing[1]), "latest": int(failing[2])})
    if reason.startswith("403 ") or "not found" in reason:
        return Text("broadcast.why.blocked")
    return Text("broadcast.why.platform", {"answer": reason}) if reason else ""


def counted(reasons: Sequence[tuple[str, str, int]]) -> list[tuple[str, Text | str, int]]:
    """(state, reason as text, how many), largest first, from stored reasons: reasons with the same text are one line."""
    found: dict[tuple[str, str], tuple[Text | str, int]] = {}
    for state, reason, number in reasons:
        said = why(reason)
        _, so_far = found.get((state, repr(said)), (said, 0))
        found[state, repr(said)] = said, so_far + number
    lines = [(state, said, number) for (state, _), (said, number) in found.items()]
    return sorted(lines, key=lambda line: -line[2])


async def cost(tx: AsyncConnection, plan: Plan) -> str:
    """The line with the cost of a broadcast's copies on WhatsApp, at the prices of its start day; "" where nothing was
    billed."""
    billed = await costs.of_broadcast(tx, plan.id)
    return Prices.load().line(billed, (plan.started_at or now()).astimezone(WIB).date()) if billed else ""


async def pages(
    tx: AsyncConnection, vault: Vault, catalog: Catalog, broadcast_id: int
) -> AsyncIterator[list[dict[str, str | int | float | datetime | None]]]:
    """Every recipient as a row of texts by column heading, a page at a time. Recipients are told apart by pseudonym,
    and by the code of their latest lead."""
    prices, today = Prices.load(), now().astimezone(WIB).date()
    state = cache(lambda name: text(STATES[name], catalog))  # a million rows share few values
    reason = cache(lambda given: text(why(given), catalog))
    billed = cache(lambda category, day: prices.columns({category: 1} if category else {}, day, catalog))
    after = 0
    while some := await recipients.ends(tx, broadcast_id, after=after, limit=AT_ONCE):
        found: list[dict[str, str | int | float | datetime | None]] = []
        for one in some:
            at = one.sent_at and one.sent_at.astimezone(WIB)
            found.append(
                {
                    "nomor": one.number,
                    "penerima": vault.pseudonym(one.person_id) if one.person_id else "",
                    "kode": one.code or "",
                    "saluran": one.channel or "",
                    "keadaan": state(one.state),
                    "sebab": reason(one.reason),
                    "waktu": at,
                    **billed(one.billed, at.date() if at else today),
                }
            )
        after = some[-1].number
        yield found
