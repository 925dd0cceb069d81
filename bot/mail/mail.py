"""What one transaction leaves to send: rows of the outbox, rendered for the channel of whoever gets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Limits, Outgoing, Template
from bot.mail.codes import fresh_code
from bot.render import outgoing
from bot.rules import Rules
from bot.serialization import pack
from bot.whatsapp import templates
from conversations.dialogues.officer import is_card
from conversations.engine.core import Document, Say
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import World
from locales import Catalogs
from storage.engine.ids import new_id
from storage.leads.officers import Roster
from storage.outbox import messages
from storage.outbox import templates as template_states
from storage.outbox.messages import NOTICE, Out, Shown
from storage.people import people
from storage.people.people import Reached
from storage.sealing.vault import Vault


@dataclass(slots=True)
class Services:
    """What handlers need besides the transaction; the same for all turns of a process."""

    vault: Vault
    knowledge: Knowledge
    catalogs: Catalogs  # what we say, in the language of whoever is told
    limits: Callable[[str], Limits]
    fresh: Callable[[], str] = fresh_code  # reference codes
    rules: Rules = field(default_factory=Rules)  # what limits broadcasts
    owners_only: frozenset[str] = frozenset()  # channels whose people are never officers


@dataclass(slots=True)
class Mail:
    """The messages of one transaction, each in the language of whoever gets it.

    ``now`` is aware, in the zone that people are told times in.
    """

    tx: AsyncConnection
    services: Services
    now: datetime
    roster: Roster
    out: list[Out] = field(default_factory=list)
    # account -> language -> the category of each template that may be sent, by name
    _usable: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _chats: dict[int, list[Reached]] = field(default_factory=dict)  # by person, of those who were met

    async def meet(self, person_ids: Iterable[int]) -> None:
        """Read where these people are reached, all at once: to tell each of them something reads nothing more."""
        if new := set(person_ids) - self._chats.keys():
            found = await people.chats(self.tx, self.services.vault, new)
            self._chats |= {person_id: found.get(person_id, []) for person_id in sorted(new)}

    async def tell(
        self, person_ids: Sequence[int], say: Say, kind: str, *, lead_id: int | None = None, lane: int = NOTICE
    ) -> None:
        """A notice to these people, each on the channel they used last."""
        await self.meet(person_ids)
        for person_id in dict.fromkeys(person_ids):
            if theirs := self._chats[person_id]:
                await self.put(person_id, theirs[-1], say, kind, lead_id=lead_id, lane=lane)

    async def put(
        self, person_id: int, chat: Reached, say: Say, kind: str, *, lead_id: int | None = None, lane: int = NOTICE
    ) -> None:
        """A notice to this chat, with what goes instead while its service window is closed."""
        *before, last = self.rendered((say,), chat.where.channel, chat.language)
        for message in (*before, replace(last, template=await self.template(say, chat))):
            row = Out(new_id(self.tx), person_id, chat.address_id, chat.where, pack(message), kind, lane, lead_id)
            row.heard_at = chat.heard_at
            self.out.append(row)

    async def redraw(
        self, lead_ids: Sequence[int], draw: Callable[[int, int], Say | None], *, anew: bool = False
    ) -> None:
        """Replace the cards of these leads in every chat that has one; ``draw`` gives the new one of a lead for a person
        (their ids), None to leave it.

        Where nothing can be replaced the old card stands, and a press on it tells what is so; with ``anew`` the new one
        is sent as a message of its own.
        """
        await self.replace(await messages.cards(self.tx, lead_ids) if lead_ids else (), draw, anew=anew)

    async def replace(
        self, shown: Sequence[Shown], draw: Callable[[int, int], Say | None], *, anew: bool = False
    ) -> None:
        """The same of these cards alone.

        One that has not left yet goes nowhere; a new one leaves instead, where it is still a card. Of several in a chat
        only the latest is drawn as a card again, but all of them as anything less.
        """
        await self.meet(card.person_id for card in shown)
        found = [(card, say) for card in shown if (say := draw(card.lead_id, card.person_id)) is not None]
        unsent = await messages.call_back(self.tx, [card.outbox_id for card, _ in found if card.waits])
        for card, say in found:
            theirs, as_card = self._chats[card.person_id], is_card(say)
            if not theirs or (chat := theirs[-1]).address_id != card.address_id:
                continue  # they have moved to another chat; the card there is the one that counts
            if as_card and not card.latest:
                continue
            if card.outbox_id in unsent:
                if as_card:
                    await self.put(card.person_id, chat, say, "card", lead_id=card.lead_id)
            elif self.services.limits(chat.where.channel).edits:
                self._replace(card.outbox_id, card.person_id, chat, say, card.lead_id)
            elif anew and card.latest:
                await self.put(card.person_id, chat, say, "notice", lead_id=card.lead_id)

    def _replace(self, outbox_id: int, person_id: int, chat: Reached, card: Say, lead_id: int) -> None:
        message = self.rendered((card,), chat.where.channel, chat.language)[0]
        row = Out(new_id(self.tx), person_id, chat.address_id, chat.where, pack(message), "card_edit", NOTICE, lead_id)
        row.edits, row.heard_at = outbox_id, chat.heard_at
        self.out.append(row)

    def rendered(self, says: Sequence[Say | Document], channel: str, language: str) -> tuple[Outgoing, ...]:
        """The messages in this language ("": the source), as the channel can show them."""
        return outgoing(says, self.services.catalogs.of(language), self.services.limits(channel))

    async def template(self, say: Say, chat: Reached) -> Template | None:
        """What goes instead while the service window of this chat is closed: in its person's language, where the platform
        has approved one, else in the source; None without any."""
        if self.services.limits(chat.where.channel).window is None:
            return None
        account = chat.where.account
        if account not in self._usable:
            self._usable[account] = await template_states.usable(self.tx, account)
        for catalog in self.services.catalogs.and_source(chat.language):
            usable = self._usable[account].get(catalog.language, {})
            if found := templates.template(say, catalog, usable):
                return found
        return None

    def world(self) -> World:
        """The world as cards need it: nobody's in particular."""
        return World(now=self.now, knows=self.services.knowledge)
