"""The stand-in for the platform, for tests of the driver alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.standins.bot_api import BotApi


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A Bot API server; at the end every call that it got must have been as published."""
    from tests.standins.bot_api import BotApi

    async with BotApi() as running:
        yield running
        assert running.problems == []
