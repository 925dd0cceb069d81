"""The mail of one transaction: rows for the outbox, rendered for the channel and in the language of each receiver."""

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
from conversations.engine.ask import command
from conversations.engine.core import Document, Say, Text
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, World
from locales import Catalogs
from storage.engine.ids import new_id
from storage.leads.officers import Roster
from storage.outbox import messages
from storage.outbox import templates as template_states
from storage.outbox.messages import NOTICE, Out, Shown
from storage.people import people
from storage.people.people import Reached
from storage.sealing.vault import Vault

KNOCK = Say(Text("knock"), (command("read"),))  # "ada kabar": announces that messages wait


@dataclass(slots=True)
class Services:
    """The catalogues, channel limits, rules and vault that handlers use; one instance for all turns of a process."""

    vault: Vault
    knowledge: Knowledge
    catalogs: Catalogs  # the sentences of every language
    limits: Callable[[str], Limits]
    fresh: Callable[[], str] = fresh_code  # makes a reference code
    rules: Rules = field(default_factory=Rules)  # limits of broadcasts
    owners_only: frozenset[str] = frozenset()  # channels whose people are never officers
    console: str = ""  # address of the console, without a stroke at its end; "" where it is off


@dataclass(slots=True)
class Mail:
    """The messages that one transaction leaves to send (``out``), each in the language of its receiver.

    ``now`` is aware, in the zone in which people are told times.
    """

    tx: AsyncConnection
    services: Services
    now: datetime
    roster: Roster
    out: list[Out] = field(default_factory=list)
    # account -> language -> the category of each template that may be sent, by name
    _usable: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _chats: dict[int, list[Reached]] = field(default_factory=dict)  # person id -> chats, of persons passed to ``meet``

    async def meet(self, person_ids: Iterable[int]) -> None:
        """Read the chats of these persons, all at once: telling each of them something then reads nothing more."""
        if new := set(person_ids) - self._chats.keys():
            found = await people.chats(self.tx, self.services.vault, new)
            self._chats |= {person_id: found.get(person_id, []) for person_id in sorted(new)}

    async def whom(self, regency: str, *, but: int | None = None) -> list[tuple[int, int]]:
        """The officers to tell of a lead in this regency, as (officer id, person id): those at work; where no message
        reaches any of them before they write again (closed service window, no template), the coordinators or admins
        as well."""
        found = await self.roster.for_regency(regency, but=but)
        if await self.within_reach([person_id for _, person_id in found]):
            return found
        return list(dict.fromkeys((*found, *await self.roster.above(regency, but=but))))

    async def who_has(self, lead: Lead) -> list[tuple[int, int]]:
        """Whom a word from a lead's owner goes to, as (officer id, person id): the officer who has the lead, where they
        are at work and a message reaches them now; else those to tell of a lead there, and that officer too."""
        return await self.who_sees_to(lead.officer_id, lead.answers.get("regency") or "")

    async def who_sees_to(self, officer_id: int | None, regency: str) -> list[tuple[int, int]]:
        """As :meth:`who_has`, of a lead in this regency that this officer has."""
        holder = await self.roster.holder(officer_id)
        if holder and await self.within_reach([holder[1]]):
            return [holder]
        others = await self.whom(regency, but=officer_id)
        return [holder, *others] if holder else others

    async def has_chat(self, person_id: int) -> bool:
        """Whether this person has a chat in which messages arrive, now or once they write."""
        await self.meet([person_id])
        return bool(self._chats[person_id])

    async def within_reach(self, person_ids: Sequence[int]) -> bool:
        """Whether one of these persons hears of a message without having to write first."""
        await self.meet(person_ids)
        for person_id in person_ids:
            chat = self._chats[person_id][-1] if self._chats[person_id] else None
            if chat is None:
                continue
            window = self.services.limits(chat.where.channel).window
            if window is None or (chat.heard_at is not None and self.now - chat.heard_at < window):
                return True
            if await self.template(KNOCK, chat):
                return True
        return False

    async def tell(
        self, person_ids: Sequence[int], say: Say, kind: str, *, lead_id: int | None = None, lane: int = NOTICE
    ) -> None:
        """Put a notice to each of these persons, on the channel that each used last; persons without a chat are left out."""
        await self.meet(person_ids)
        for person_id in dict.fromkeys(person_ids):
            if theirs := self._chats[person_id]:
                await self.put(person_id, theirs[-1], say, kind, lead_id=lead_id, lane=lane)

    async def put(
        self, person_id: int, chat: Reached, say: Say, kind: str, *, lead_id: int | None = None, lane: int = NOTICE
    ) -> None:
        """Put a notice to this chat, with the template that goes in its place while the chat's service window is closed."""
        *before, last = self.rendered((say,), chat.where.channel, chat.language)
        for message in (*before, replace(last, template=await self.template(say, chat))):
            row = Out(new_id(self.tx), person_id, chat.address_id, chat.where, pack(message), kind, lane, lead_id)
            row.heard_at = chat.heard_at
            self.out.append(row)

    async def redraw(
        self, lead_ids: Sequence[int], draw: Callable[[int, int], Say | None], *, anew: bool = False
    ) -> None:
        """Replace the cards of these leads, and all else that was told of them, in every officer's chat. ``draw`` (lead
        id, person id) gives the new card, None to leave the old one.

        On a channel without edits the old card stands, and a press on it tells the lead's state; with ``anew`` the new
        card is sent there as a message of its own.
        """
        await self.replace(await messages.about(self.tx, lead_ids) if lead_ids else (), draw, anew=anew)

    async def replace(
        self, shown: Sequence[Shown], draw: Callable[[int, int], Say | None], *, anew: bool = False
    ) -> None:
        """Replace these shown cards; ``draw`` and ``anew`` as in :meth:`redraw`.

        A card that has not left yet is cancelled; the new one leaves instead, where it is still a card. Of several
        cards of a lead in one chat only the latest is redrawn as a card, but all of them as anything less.
        """
        await self.meet(card.person_id for card in shown)
        found = [(card, say) for card in shown if (say := draw(card.lead_id, card.person_id)) is not None]
        unsent = await messages.call_back(self.tx, [card.outbox_id for card, _ in found if card.waits])
        for card, say in found:
            theirs, as_card = self._chats[card.person_id], is_card(say)
            if not theirs or (chat := theirs[-1]).address_id != card.address_id:
                continue  # the person has moved to another chat; the card there is the one that counts
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
        """Messages rendered in this language ("": the source), for what the channel can show."""
        return outgoing(says, self.services.catalogs.of(language), self.services.limits(channel))

    async def template(self, say: Say, chat: Reached) -> Template | None:
        """The template that goes in a message's place while this chat's service window is closed: in the person's
        language, where the platform has approved one, else in the source's; None without any."""
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

    @property
    def midnight(self) -> datetime:
        """When the day began in which people are told times."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def world(self) -> World:
        """The world that cards need, of no person in particular."""
        return World(now=self.now, knows=self.services.knowledge)
