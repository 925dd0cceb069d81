"""The stand-in for the platform, for tests of the driver alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.channels.on_telegram import Driver
    from tests.standins.bot_api import BotApi


@pytest.fixture(params=["aiogram", "ptb"])
def by(request: pytest.FixtureRequest) -> Driver:
    """Each driver in turn: they are held to the same contract."""
    name: Driver = request.param
    return name


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A Bot API server; at the end every call that it got must have been as published."""
    from tests.standins.bot_api import BotApi

    async with BotApi() as running:
        yield running
        assert running.problems == []
