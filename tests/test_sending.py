"""One attempt to send: what becomes of the row, and of its place among those who may get a template today."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Outgoing, SendFailed, Template
from bot.channels.terminal import Terminal
from bot.outbox.rate_limit import Pace
from bot.outbox.send_slots import OwnPlaces
from bot.outbox.sending import MAX_ACCIDENTS, MAX_ATTEMPTS, Sender
from bot.serialization import pack
from storage.engine.database import Database
from storage.outbox.messages import NOTICE, Out
from storage.people.people import Where
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.test_delivery import Shaky

DAY = timedelta(hours=24)


class Windowed(Shaky):
    """A line whose platform takes only templates from whoever was not written to today."""

    limits = replace(Terminal.limits, window=DAY)


class Sending:
    """Sends rows over one line, on which two people a day may get a template."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self.line, self.clock, self._database = Windowed(clock, lambda *_: None), clock, database
        pace = Pace(0.0, OwnPlaces(database, "a", clock))
        self._sender = Sender(database, vault, {"terminal": self.line}, {"terminal": pace}, clock, {"terminal": 2})

    async def template(self, who: int, fails: Exception | None = None, attempts: int = 0) -> str:
        """The state of the row after an attempt to send this person a template, which fails so."""
        where = Where("terminal", "local", str(who))
        body = pack(Outgoing("kabar", template=Template("kabar", "id", "utility")))
        row = Out(self._database.ids(), who, who, where, body, "notice", NOTICE, attempts=attempts)
        row.heard_at = self.clock() - 3 * DAY
        if fails:
            self.line.trouble[str(who)].append(fails)
        return (await self._sender.attempt(row)).state


@pytest.fixture
def sending(sqlite_database: Database, vault: Vault, clock: Clock) -> Sending:
    return Sending(sqlite_database, vault, clock)


async def test_a_template_that_did_not_leave_for_sure_takes_nobodys_place_today(sending: Sending) -> None:
    for who in (1, 2):
        assert await sending.template(who, SendFailed("no connection")) == "due"
    assert [await sending.template(who) for who in (3, 4, 5)] == ["sent", "sent", "parked"]


async def test_a_template_that_may_have_left_keeps_its_place_today(sending: Sending) -> None:
    assert await sending.template(1, SendFailed("cut off", unsure=True)) == "due"
    assert await sending.template(2, ConnectionResetError()) == "due"
    assert await sending.template(3) == "parked"


async def test_who_was_reached_today_stays_counted_though_the_next_one_does_not_leave(sending: Sending) -> None:
    assert await sending.template(1) == "sent"
    assert await sending.template(1, SendFailed("no connection")) == "due"
    assert [await sending.template(who) for who in (2, 3)] == ["sent", "parked"]


@pytest.mark.parametrize(
    ("trouble", "most"), [(SendFailed("down"), MAX_ATTEMPTS), (ValueError("a mistake of ours"), MAX_ACCIDENTS)]
)
async def test_the_last_attempt_is_the_last_and_the_one_before_it_is_not(
    sending: Sending, trouble: Exception, most: int
) -> None:
    assert await sending.template(1, trouble, attempts=most - 2) == "due"
    assert await sending.template(1, trouble, attempts=most - 1) == "failed"


@pytest.mark.parametrize(
    "trouble",
    [SendFailed("no answer", silent=True), SendFailed("token", retry_after=300, wide=True, alert=True)],
    ids=["no answer", "operator"],
)
async def test_a_message_of_which_the_platform_has_said_nothing_is_never_given_up(
    sending: Sending, trouble: SendFailed
) -> None:
    assert await sending.template(1, trouble, attempts=9_000) == "due"
