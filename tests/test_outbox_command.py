"""``rangkul outbox``: what waits and why, without a name; to send it again, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.settings import BadSetting, Settings
from storage import tables
from storage.engine.database import Database
from storage.engine.ids import new_id
from storage.outbox import backlog, messages
from storage.outbox.messages import BULK, NOTICE, REPLY, Out, outbox
from storage.people import audit, people
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock

broadcast, address = tables.table(tables.Broadcast), tables.table(tables.Address)


async def put(database: Database, vault: Vault, clock: Clock, state: str, lane: int, **more: object) -> int:
    """One row in this state, to a person of its own."""
    where = Where("telegram", "1", f"chat {database.ids()}")
    async with database.write() as tx:
        known = (await people.make(tx, vault, [where], clock()))[where]
        row = Out(new_id(tx), known.person_id, known.address_id, where, {"t": "Halo Siti"}, "notice", lane)
        await messages.put(tx, vault, [row], clock(), owner="", lease=timedelta())
        await tx.execute(update(outbox).where(outbox.c.id == row.id).values(state=state, **more))
    return row.id


async def states(database: Database) -> dict[int, str]:
    async with database.read() as tx:
        return {row.id: row.state for row in await tx.execute(select(outbox.c.id, outbox.c.state))}


async def test_what_waits_or_went_wrong_is_listed_by_state_lane_and_age(
    database: Database, vault: Vault, clock: Clock
) -> None:
    old = await put(database, vault, clock, "failed", NOTICE, reason="blocked")
    clock.advance(minutes=10)
    new = await put(database, vault, clock, "due", REPLY)
    await put(database, vault, clock, "sent", REPLY)
    async with database.read() as tx:
        everything = await backlog.listed(tx, clock(), limit=9)
        assert [(item.id, item.state, item.reason) for item in everything] == [
            (old, "failed", "blocked"),
            (new, "due", ""),
        ]
        assert [item.id for item in await backlog.listed(tx, clock(), states=("due",), limit=9)] == [new]
        assert [item.id for item in await backlog.listed(tx, clock(), lane=NOTICE, limit=9)] == [old]
        older = await backlog.listed(tx, clock(), older_than=timedelta(minutes=5), limit=9)
        assert [item.id for item in older] == [old]


async def test_what_failed_is_sent_again_unless_its_text_is_gone_or_its_person_cannot_be_reached(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with database.write() as tx:
        await tx.execute(broadcast.insert().values(id=7, name="x", state="done", planned_through=0, created_at=clock()))
    good = await put(database, vault, clock, "failed", BULK, broadcast_id=7, attempts=3, reason="bad request")
    erased = await put(database, vault, clock, "failed", NOTICE, sealed=None)
    blocked = await put(database, vault, clock, "failed", NOTICE)
    doubtful = await put(database, vault, clock, "uncertain", BULK)
    sent = await put(database, vault, clock, "sent", REPLY)
    async with database.write() as tx:
        of = select(outbox.c.address_id).where(outbox.c.id == blocked).scalar_subquery()
        await tx.execute(update(address).where(address.c.id == of).values(reachable=False))
        assert await backlog.retry(tx, clock(), state="failed") == 1
        assert await backlog.retry(tx, clock(), ids=[doubtful, sent]) == 1
        assert (await tx.execute(select(broadcast.c.state))).scalar() == "running", "its copies are claimed only then"
    found = await states(database)
    assert [found[row] for row in (good, erased, blocked, doubtful, sent)] == ["due", "failed", "failed", "due", "sent"]


async def test_what_has_not_left_is_cancelled_but_no_copy_that_may_just_be_leaving(
    database: Database, vault: Vault, clock: Clock
) -> None:
    waiting = await put(database, vault, clock, "due", NOTICE)
    retried = await put(database, vault, clock, "sending", REPLY)
    leaving = await put(database, vault, clock, "sending", BULK, repeatable=False, broadcast_id=7)
    copy = await put(database, vault, clock, "due", BULK, repeatable=False, broadcast_id=7)
    async with database.write() as tx:
        assert await backlog.cancel(tx, ids=[waiting, retried]) == 2
        assert await backlog.cancel(tx, broadcast_id=7) == 1
    found = await states(database)
    assert [found[row] for row in (waiting, retried, leaving, copy)] == [*["cancelled"] * 2, "sending", "cancelled"]


async def test_the_command_prints_no_names_and_its_acts_are_audited(
    database: Database,
    database_url: str,
    vault: Vault,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bot.office import outbox_actions as command
    from storage.sealing import key_check

    monkeypatch.setattr("bot.office.outbox_actions.now", clock)

    # The command opens the database by its settings, beside a server that may be running.
    keyring = vault.keyring.dump()
    async with database.write() as tx:
        await tx.execute(tables.table(tables.KeyCheck).delete())
    settings = Settings(_env_file=None, database_url=database_url, secret_key=keyring)
    await key_check.check(database, vault)
    row = await put(database, vault, clock, "failed", NOTICE, reason="bad request")
    await command.show(settings, (), "", 0, 100)
    said = capsys.readouterr().out
    assert said.startswith(f"{row}\ttelegram\tnotice\tnotice\tfailed\t")
    assert said.endswith("bad request\n")
    assert "Siti" not in said
    await command.retry(settings, (row,), "")
    await command.cancel(settings, (row,), None)
    async with database.read() as tx:
        acts = [(found.act, found.subject) for found in await tx.execute(audit.audit.select())]
    assert acts == [("outbox:retried", str(row)), ("outbox:cancelled", str(row))]
    for mistake in (
        command.show(settings, ("lost",), "", 0, 1),
        command.show(settings, (), "express", 0, 1),
        command.retry(settings, (), ""),
        command.cancel(settings, (1,), 2),
    ):
        with pytest.raises(BadSetting):
            await mistake
