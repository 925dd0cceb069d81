"""What a database holds, opened, and what must be so of every lead in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversations.dialogues.registration import registration
from conversations.engine.core import Scene, Session
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import World
from storage import tables
from storage.engine.database import Database
from storage.people import people, sessions
from storage.people.people import Where
from storage.sealing.vault import Vault

NEVER_KEPT = frozenset({"consent", "confirm", "work_days"})  # asked, but no part of a lead

address, conversation, lead, lead_event, inbox, outbox, consent, officer = (
    tables.table(each)
    for each in (tables.Address, tables.Conversation, tables.LeadRow, tables.LeadEvent, tables.Inbox, tables.Outbox,
                 tables.Consent, tables.OfficerRow)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptLead:
    """``answers`` are empty once its owner was forgotten; ``events``: (moment, kind, outcome), oldest first."""

    id: int
    code: str
    person: int | None
    pseudonym: str
    created: datetime
    answers: Mapping[str, Any]
    estimate: Mapping[str, Any]
    events: tuple[tuple[datetime, str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """All of a database, opened. ``people`` by address; ``bodies`` of a person's events in order, None once erased."""

    people: Mapping[str, int]
    sessions: Mapping[str, Session]
    leads: tuple[KeptLead, ...]
    bodies: Mapping[int, tuple[tuple[datetime, Any], ...]]
    consents: tuple[Any, ...]
    texts: tuple[str, ...]

    def complete(self, name: str) -> bool:
        """All that this person ever did is still there to be played again."""
        return all(body is not None for _, body in self.bodies.get(self.people[name], ()))


async def kept(database: Database, vault: Vault) -> Kept:
    """Read everything, and open it."""
    async with database.read() as tx:
        rows = {table.name: (await tx.execute(select(table).order_by(*table.primary_key))).mappings().all()
                for table in (address, conversation, lead, lead_event, inbox, outbox, consent, officer)}  # fmt: skip
    texts = [
        vault.open(row[column], table=table.name, column=column, row=row[key])
        for table, column, key in tables.SEALED
        for row in rows.get(table.name, ())
        if row[column]
    ]
    persons = {
        vault.open(row["sealed"], table="address", column="sealed", row=row["id"]): row["person_id"]
        for row in rows["address"]
    }
    stored = {row["person_id"]: row["sealed"] for row in rows["conversation"]}
    bodies: dict[int, list[tuple[datetime, Any]]] = {}
    for row in rows["inbox"]:
        opened = (
            vault.open_json(row["sealed"], table="inbox", column="sealed", row=row["id"]) if row["sealed"] else None
        )
        bodies.setdefault(row["person_id"], []).append((row["at"], opened))
    return Kept(
        persons,
        {name: sessions.opened(vault, person, stored[person]) for name, person in persons.items() if person in stored},
        tuple(_lead(row, rows["leadevent"], vault) for row in rows["lead"]),
        {person: tuple(events) for person, events in bodies.items()},
        tuple(rows["consent"]),
        tuple(texts),
    )


async def session_of(database: Database, vault: Vault, where: Where) -> Session | None:
    """Where this person is now; None when nothing is kept of them."""
    async with database.read() as tx:
        return await sessions.at_address(tx, vault, people.find(vault, where))


def _lead(row: Any, events: Any, vault: Vault) -> KeptLead:
    return KeptLead(
        row["id"],
        row["code"],
        row["person_id"],
        vault.pseudonym(row["person_id"]) if row["person_id"] else "",
        row["created_at"],
        vault.open_json(row["sealed"], table="lead", column="sealed", row=row["id"]),
        row["estimate"] or {},
        tuple((e["at"], e["kind"], e["outcome"]) for e in events if e["lead_id"] == row["id"]),
    )


def leads_are_sound(found: Kept, knows: Knowledge) -> None:
    """Every lead of somebody we know is complete, consistent and consented to."""
    for each in found.leads:
        if each.person is None:
            assert each.answers == {}, "of whom we forgot, nothing is left"
            continue
        _complete_and_consistent(each, knows)
        agreed = [c for c in found.consents if c["pseudonym"] == each.pseudonym and c["purpose"] == "data"]
        assert any(c["given"] and c["at"] <= each.created for c in agreed), f"{each.code} came without consent"


def _complete_and_consistent(each: KeptLead, knows: Knowledge) -> None:
    answers = dict(each.answers)
    if answers.get("income"):
        answers["income"] = {"period": "month"}  # a lead keeps the bracket only
    scene = Scene(answers, World(each.created, knows))
    applying = {question.key for question in registration.questions if question.when(scene)} - NEVER_KEPT
    assert applying <= answers.keys(), f"{each.code} lacks {applying - answers.keys()}"
    assert answers.keys() <= applying, f"{each.code} holds {answers.keys() - applying}, which were not to be asked"
    if "district" in answers:
        assert answers["district"].startswith(answers["regency"] + ".")
    for question in registration.questions:
        if question.key in answers and question.key != "income":
            question.show(answers[question.key], scene)
