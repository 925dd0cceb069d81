"""What became of a broadcast, recipient by recipient: for the office, without names; every failure with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render import text
from bot.sending import DAILY_LIMIT, WINDOW_CLOSED
from conversations.core import Text
from conversations.quiet import WIB
from locales import Catalog
from storage import recipients
from storage.claims import CUT_OFF
from storage.vault import Vault

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
_WHY = {  # why somebody got no copy, or a broadcast went no further, as rows say it
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
    "whatsapp 131026": Text("broadcast.why.blocked"),  # no WhatsApp, or has blocked us: Meta does not say which
    "refused": Text("broadcast.why.refused"),
    "its words were purged": Text("broadcast.why.purged"),
}
_FAILING = re.compile(r"(\d+) of the last (\d+) failed")
AT_ONCE = 1_000


def why(reason: str) -> Text | str:
    """A reason as people read it; what a platform answered stands in it as it was. "" for none."""
    if reason in _WHY:
        return _WHY[reason]
    if failing := _FAILING.fullmatch(reason):
        return Text("broadcast.why.failing", {"failed": int(failing[1]), "latest": int(failing[2])})
    if reason.startswith("403 ") or "not found" in reason:
        return Text("broadcast.why.blocked")
    return Text("broadcast.why.platform", {"answer": reason}) if reason else ""


def counted(reasons: Sequence[tuple[str, str, int]]) -> list[tuple[str, Text | str, int]]:
    """(state, reason, how many), most first: what reads the same is one line."""
    found: dict[tuple[str, str], tuple[Text | str, int]] = {}
    for state, reason, number in reasons:
        said = why(reason)
        _, so_far = found.get((state, repr(said)), (said, 0))
        found[state, repr(said)] = said, so_far + number
    lines = [(state, said, number) for (state, _), (said, number) in found.items()]
    return sorted(lines, key=lambda line: -line[2])


async def table(tx: AsyncConnection, vault: Vault, catalog: Catalog, broadcast_id: int) -> list[dict[str, str]]:
    """Each recipient as a row of texts. They are told apart by pseudonym, and by the code of their latest lead."""
    found: list[dict[str, str]] = []
    while some := await recipients.ends(tx, broadcast_id, after=len(found), limit=AT_ONCE):
        for one in some:
            at = one.sent_at.astimezone(WIB).isoformat(timespec="seconds") if one.sent_at else ""
            found.append(
                {
                    "nomor": str(one.number),
                    "penerima": vault.pseudonym(one.person_id) if one.person_id else "",
                    "kode": one.code or "",
                    "saluran": one.channel or "",
                    "keadaan": text(STATES[one.state], catalog),
                    "sebab": text(why(one.reason), catalog),
                    "waktu": at,
                }
            )
    return found
