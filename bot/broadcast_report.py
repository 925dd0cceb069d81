"""What became of a broadcast, recipient by recipient: for the office, without names; every failure with its reason."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render import text
from conversations.core import Text
from conversations.quiet import WIB
from locales import Catalog
from storage import recipients
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
REASONS = {
    "stopped": Text("broadcast.why.stopped"),
    "no_news": Text("broadcast.why.no_news"),
    "unreachable": Text("broadcast.why.unreachable"),
    "weekly": Text("broadcast.why.weekly"),
    "erased": Text("broadcast.why.erased"),
}
AT_ONCE = 1_000


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
                    "sebab": text(REASONS.get(one.reason, one.reason), catalog),
                    "waktu": at,
                }
            )
    return found
