"""The context of one turn being written, which every handler of an effect gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.mail.mail import Mail, Services
from bot.serialization import pack
from bot.turns.facts import Visitor
from bot.turns.stale import Stale
from conversations.dialogues.officer import is_card
from conversations.dialogues.registration import offers_profile
from conversations.engine.core import Document, Say
from conversations.engine.world import Lead
from locales import Catalog
from storage.engine.ids import new_id
from storage.leads import leads
from storage.outbox.messages import HELD_BACK, REPLY, Out
from storage.people import audit
from storage.people.people import Where

Rows = defaultdict[Table, list[dict[str, Any]]]


@dataclass(slots=True)
class TurnContext:
    """One turn being written: the messages it leaves, and whether its person was erased (``forgotten``).

    ``menu``: the role whose commands the chat shows from now on, where the turn changes them. ``asks``: the question
    ("dialogue.question") that is open after the turn. ``held_back`` is said later. ``rows`` are plain inserts by table;
    those of a whole batch are written together at its end.
    """

    mail: Mail
    visitor: Visitor
    rows: Rows
    says: list[Say | Document] = field(default_factory=list)  # what the turn says, in order
    toast: str = ""
    menu: str = ""
    asks: str = ""
    forgotten: bool = False
    held_back: tuple[Say | Document, ...] = ()

    @property
    def tx(self) -> AsyncConnection:
        return self.mail.tx

    @property
    def services(self) -> Services:
        return self.mail.services

    @property
    def now(self) -> datetime:
        return self.mail.now

    @property
    def person_id(self) -> int:
        return self.visitor.known.person_id

    @property
    def subject(self) -> str:
        return self.services.vault.pseudonym(self.person_id)

    @property
    def catalog(self) -> Catalog:
        """The catalogue of the person's language, as the turn may have changed it."""
        return self.services.catalogs.of(self.visitor.known.language)

    @property
    def actor(self) -> str:
        known = self.visitor.known
        return f"officer:{known.officer_id}" if known.officer_id else "person"

    def reply(
        self, says: Sequence[Say | Document], *, after: timedelta | None = None, names: Iterable[int] = ()
    ) -> None:
        """Reply to the person with one message (several only where the channel's limit cuts it); with ``after`` later,
        where the reply is held back. What names other people, as officers read it, or a profile, is kept only until it
        has left. ``names``: the leads (ids) whose owners a list names; it ends with the right to see any of them.
        """
        tied, *mentions = tuple(names) or (self.visitor.lead_id,)
        where = where_of(self.visitor)
        person_id = None if self.forgotten else self.person_id
        kind = "card" if any(isinstance(say, Say) and is_card(say) for say in says) else "reply"  # redrawn as a card
        untold = any(isinstance(say, Say) and offers_profile(say) for say in says)
        for rendered in self.mail.rendered(says, where.channel, self.visitor.known.language):
            message = replace(rendered, menu=self.menu, asks=self.asks)
            row = Out(new_id(self.tx), person_id, self.visitor.known.address_id, where, pack(message), kind, REPLY)
            row.unkept = self.forgotten or self.visitor.known.officer_id is not None or untold
            row.lead_id, row.mentions = tied, tuple(mentions)
            if after:
                row.kind, row.due_at = HELD_BACK, self.now + after
            self.mail.out.append(row)

    def audit(self, act: str, subject: str, detail: str = "") -> None:
        self.rows[audit.audit].append(
            audit.audit_row(self.tx, at=self.now, actor=self.actor, act=act, subject=subject, detail=detail)
        )


Handler = Callable[[TurnContext, Any], Awaitable[None]]
"""Writes the rows of one type of effect; each file of a subject ends with a table of its handlers."""


async def lead_of(w: TurnContext, code: str) -> tuple[int, Lead]:
    """(lead id, lead) as it is now, locked until the commit; of a lead that was merged into another, that one. Raises Stale
    where the lead is gone."""
    lead_id, lead = await own_lead_of(w, code)
    return await own_lead_of(w, lead.into) if lead.into else (lead_id, lead)


async def own_lead_of(w: TurnContext, code: str) -> tuple[int, Lead]:
    """As :func:`lead_of`, the very lead with this code, which its owner changes though it was merged into another."""
    found = await leads.by_code(w.tx, w.services.vault, [code], lock=True)
    if code not in found:
        raise Stale(code)
    return found[code]


def where_of(visitor: Visitor) -> Where:
    return Where(visitor.inbound.channel, visitor.inbound.account, visitor.inbound.address)
