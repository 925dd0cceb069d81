"""People, and a channel's worth of deliveries, for tests of broadcasts: real rows, sent when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from bot.broadcasts.plans import start
from bot.broadcasts.pump import Pump
from bot.broadcasts.text import Content
from bot.channels.base import Limits
from bot.mail.mail import Mail, Services
from bot.rules import Rules
from conversations.rules.next_step import CALL, NextStep
from locales import Catalogs
from storage import tables
from storage.broadcasts import broadcasts, recipients
from storage.broadcasts.audience import Audience
from storage.leads import leads, officers
from storage.leads.officers import Roster
from storage.outbox import claims, delivery_status, messages
from storage.outbox.delivery_status import AttemptStatus
from storage.people.people import Where, find
from storage.whole_person import opt_outs, retention
from tests.town import known

if TYPE_CHECKING:
    from storage.engine.database import Database
    from storage.outbox.messages import Out
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

person, address, outbox, recipient = (
    tables.table(tables.Person),
    tables.table(tables.Address),
    tables.table(tables.Outbox),
    tables.table(tables.Recipient),
)
LEASE = timedelta(seconds=60)
DAY = timedelta(hours=24)


def limits(channel: str) -> Limits:
    window = DAY if channel == "whatsapp" else None
    return Limits(4096, 20, 40, window=window)


@dataclass
class Hall:
    """``arrived``: whom each copy reached, with its words, in order."""

    database: Database
    vault: Vault
    clock: Clock
    rules: Rules = field(default_factory=Rules)
    arrived: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.services = Services(self.vault, known(), Catalogs.load(), limits, rules=self.rules)
        self.pump = Pump(self.database, self.services, self.clock)

    def ruled(self, **rules: Any) -> Hall:
        """The same hall with other rules."""
        return Hall(self.database, self.vault, self.clock, replace(self.rules, **rules))

    # ------------------------------------------------------------------------------------------ people

    async def people(self, number: int, *, regency: str = "", lead: bool = False, **person_values: Any) -> list[int]:
        """So many owners who agreed to news and use Telegram; with ``lead`` or a ``regency`` they sent one."""
        channel = person_values.pop("channel", "telegram")
        heard_at = person_values.pop("heard_at", self.clock())
        ids = [self.database.ids() for _ in range(number)]
        values = {"created_at": self.clock(), "stopped": False, "news": True, "campaign": "", "wrong_codes": 0}
        async with self.database.write() as tx:
            await tx.execute(person.insert(), [{"id": i, **values, **person_values} for i in ids])
            await tx.execute(address.insert(), [self._address(i, channel, heard_at) for i in ids])
            for i in ids if lead or regency else ():
                await self._lead(tx, i, regency or "33.10")
        return ids

    def _address(self, person_id: int, channel: str, heard_at: Any) -> dict[str, Any]:
        where = Where(channel, "1", str(next(self._numbers)))
        row = self.database.ids()
        sealed = self.vault.seal(where.address, table="address", column="sealed", row=row)
        return {"id": row, "person_id": person_id, "channel": channel, "account": "1", "sealed": sealed,
                "find": find(self.vault, where), "reachable": True, "heard_at": heard_at}  # fmt: skip

    async def _lead(self, tx: Any, person_id: int, regency: str) -> None:
        answers = {"name": {"name": f"Siti {person_id % 1000}", "address": "Ibu"}, "regency": regency,
                   "business_name": "Warung {nama}", "sector": {"category": "food", "said": ""}}  # fmt: skip
        _, rows = leads.rows(
            tx, self.vault, person_id=person_id, code=f"RK-{person_id}", answers=answers,
            step=NextStep(self.clock(), CALL), kind="", estimate={}, channel="telegram", campaign="", now=self.clock(),
        )  # fmt: skip
        for table, some in rows.items():
            if some:
                await tx.execute(table.insert(), some)

    async def admin(self, name: str) -> tuple[int, int]:
        """An admin with a chat: (officer id, person id)."""
        [person_id] = await self.people(1, news=None)
        async with self.database.write() as tx:
            code = await officers.invite(tx, self.vault, name=name, role="admin", regencies=(), now=self.clock())
            officer_id = await officers.invited(tx, self.vault, code, self.clock())
            assert officer_id
            await officers.bind(tx, self.vault, officer_id, person_id, self.clock())
        return officer_id, person_id

    async def stop(self, person_id: int) -> None:
        async with self.database.write() as tx:
            await opt_outs.stop(tx, [person_id], stopped=True)

    async def refuse(self, person_id: int) -> None:
        async with self.database.write() as tx:
            await tx.execute(update(person).where(person.c.id == person_id).values(news=False))

    async def erase(self, person_id: int) -> None:
        async with self.database.write() as tx:
            await leads.forget(tx, person_id, self.vault)
            await retention.forget(tx, [person_id])

    # ------------------------------------------------------------------------------------------ broadcasts

    async def draft(
        self,
        text: str = "Halo {nama}",
        audience: Audience | None = None,
        author: int | None = None,
        **content: Any,
    ) -> int:
        async with self.database.write() as tx:
            return await broadcasts.draft(
                tx, self.vault, name="Kabar", author_id=author, purpose="news", audience=audience or Audience(),
                content=Content(text, **content).json(), now=self.clock(),
            )  # fmt: skip

    async def start(self, broadcast_id: int, at: Any = None) -> str:
        async with self.database.write() as tx:
            mail = Mail(tx, self.services, self.clock(), Roster(tx))
            state = await start(mail, broadcast_id, at)
            await messages.put(tx, self.vault, mail.out, self.clock(), owner="", lease=timedelta())
        return state

    async def begun(self, text: str = "Halo {nama}", audience: Audience | None = None, **content: Any) -> int:
        """A broadcast that runs, with its first copies put out."""
        broadcast_id = await self.draft(text, audience, **content)
        await self.start(broadcast_id)
        await self.pump.tick()
        return broadcast_id

    async def does(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """One act of ``storage.broadcasts.broadcasts`` in a transaction of its own, now."""
        async with self.database.write() as tx:
            return await act(tx, *args, **more)

    async def state(self, broadcast_id: int) -> str:
        async with self.database.read() as tx:
            plan = await broadcasts.find(tx, broadcast_id)
        assert plan
        return plan.state

    async def progress(self, broadcast_id: int) -> dict[str, int]:
        """Told, and the same counted row by row: they must agree."""
        async with self.database.read() as tx:
            told = await recipients.progress(tx, broadcast_id)
            by_row: dict[str, int] = {}
            for state, _, number in await recipients.reasons(tx, broadcast_id):
                by_row[state] = by_row.get(state, 0) + number
        assert told == by_row
        return told

    # ------------------------------------------------------------------------------------------ delivery

    async def claim(self, most: int = 1_000, channel: str = "telegram") -> list[Out]:
        async with self.database.write() as tx:
            return await claims.claim_bulk(
                tx, self.vault, channel, "1", self.clock(), owner="test", lease=LEASE, limit=most
            )

    async def deliver(self, rows: Sequence[Out], state: str = "sent", reason: str = "") -> None:
        """These copies leave, with this end."""
        if state == "sent":
            self.arrived += [(row.person_id or 0, row.body["t"]) for row in rows]
        async with self.database.write() as tx:
            await delivery_status.settle(
                tx, [AttemptStatus(row.id, state, self.clock(), str(row.id), reason) for row in rows]
            )

    async def send_all(self, channel: str = "telegram") -> int:
        """Everything that can leave now, in as many turns as the pump needs; how many copies that were."""
        before = len(self.arrived)
        while True:
            await self.pump.tick()
            rows = await self.claim(channel=channel)
            if not rows:
                return len(self.arrived) - before
            await self.deliver(rows)

    async def crash(self) -> None:
        """The process dies: what it was sending is uncertain, what it knew is gone."""
        async with self.database.write() as tx:
            await claims.release(tx, "another")
        self.pump = Pump(self.database, self.services, self.clock)

    async def notices(self) -> list[tuple[int, str]]:
        """(person, words) of what admins were told."""
        async with self.database.read() as tx:
            rows = list(await tx.execute(select(outbox).where(outbox.c.kind == "notice").order_by(outbox.c.id)))
        opened = partial(self.vault.open_json, table="outbox", column="sealed")
        return [(row.person_id, opened(row.sealed, row=row.id)["t"]) for row in rows]
