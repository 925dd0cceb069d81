"""What one transaction leaves to send: rows of the outbox, rendered for the channel of whoever gets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import templates
from bot.broadcast_rules import Rules
from bot.channels.base import Limits, Outgoing, Template
from bot.facts import fresh_code
from bot.packing import pack
from bot.render import outgoing
from conversations.core import Document, Say, World
from conversations.knowledge import Knowledge
from locales import Catalog
from storage import messages, people
from storage import templates as template_states
from storage.ids import new_id
from storage.messages import NOTICE, Out
from storage.officers import Roster
from storage.people import Where
from storage.vault import Vault


@dataclass(slots=True)
class Shell:
    """What handlers need besides the transaction; the same for all turns of a process."""

    vault: Vault
    knowledge: Knowledge
    catalog: Catalog
    limits: Callable[[str], Limits]
    fresh: Callable[[], str] = fresh_code  # reference codes
    rules: Rules = field(default_factory=Rules)  # what limits broadcasts


@dataclass(slots=True)
class Mail:
    """The messages of one transaction. ``now`` is aware, in the zone that people are told times in."""

    tx: AsyncConnection
    shell: Shell
    now: datetime
    roster: Roster
    out: list[Out] = field(default_factory=list)
    _usable: dict[str, dict[str, str]] = field(default_factory=dict)  # account -> templates that may be sent

    async def tell(
        self, person_ids: Sequence[int], say: Say, kind: str, *, lead_id: int | None = None, lane: int = NOTICE
    ) -> None:
        """A notice to these people, each on the channel they used last."""
        found = await people.addresses_of(self.tx, self.shell.vault, person_ids) if person_ids else {}
        for person_id, (address_id, where) in found.items():
            await self.put(person_id, address_id, where, say, kind, lead_id=lead_id, lane=lane)

    async def put(
        self,
        person_id: int,
        address_id: int,
        where: Where,
        say: Say,
        kind: str,
        *,
        lead_id: int | None = None,
        lane: int = NOTICE,
    ) -> None:
        """A notice to this chat."""
        *before, last = self.rendered((say,), where.channel)
        for message in (*before, replace(last, template=await self.template(say, where))):
            self.out.append(Out(new_id(), person_id, address_id, where, pack(message), kind, lane, lead_id))

    async def redraw(self, lead_id: int, draw: Callable[[int], Say | None], *, anew: bool = False) -> None:
        """Replace a lead's card in every chat that has one; ``draw`` gives a person's new one, None to leave it.

        Where nothing can be replaced the old card stands, and a press on it tells what is so; with ``anew`` the new one
        is sent as a message of its own.
        """
        shown = await messages.cards(self.tx, lead_id)
        where = await people.addresses_of(self.tx, self.shell.vault, [person_id for _, person_id, _ in shown])
        for outbox_id, person_id, address_id in shown:
            if person_id not in where or where[person_id][0] != address_id:
                continue  # they have moved to another chat; the card there is the one that counts
            edits = self.shell.limits(where[person_id][1].channel).edits
            card = draw(person_id) if edits or anew else None
            if card is None:
                continue
            message = self.rendered((card,), where[person_id][1].channel)[0]
            kind = "card_edit" if edits else "notice"
            row = Out(new_id(), person_id, address_id, where[person_id][1], pack(message), kind, NOTICE, lead_id)
            row.edits = outbox_id if edits else None
            self.out.append(row)

    def rendered(self, says: Sequence[Say | Document], channel: str) -> tuple[Outgoing, ...]:
        return outgoing(says, self.shell.catalog, self.shell.limits(channel))

    async def template(self, say: Say, where: Where) -> Template | None:
        """What goes instead while the service window of this chat is closed; None without an approved one."""
        if self.shell.limits(where.channel).window is None:
            return None
        if where.account not in self._usable:
            language = self.shell.catalog.language
            self._usable[where.account] = await template_states.usable(self.tx, where.account, language)
        return templates.template(say, self.shell.catalog, self._usable[where.account])

    def world(self) -> World:
        """The world as cards need it: nobody's in particular."""
        return World(now=self.now, knows=self.shell.knowledge)
