"""The name that people show on a platform: told by it with everything they do, offered after the consent, and kept nowhere
unless they take it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from structlog.testing import capture_logs

from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.channels.on_telegram import OnTelegram, on_telegram
from tests.channels.on_whatsapp import OnWhatsApp, on_whatsapp
from tests.conftest import Clock
from tests.soundness import kept, session_of

Platform = OnTelegram | OnWhatsApp
Opens = Callable[[Database, Vault, Clock], AbstractAsyncContextManager[Platform]]
PROFILE = "🌸 Sulastri 🌸"
WHO = "pemilik"
PLATFORMS: dict[str, Opens] = {
    "telegram-aiogram": lambda base, vault, clock: on_telegram(base, vault, clock, "polling", "aiogram"),
    "telegram-ptb": lambda base, vault, clock: on_telegram(base, vault, clock, "webhook", "ptb"),
    "whatsapp": on_whatsapp,
    "whatsapp-user-name": lambda base, vault, clock: on_whatsapp(base, vault, clock, hidden=True),
}


@pytest.fixture(params=PLATFORMS)
async def there(
    request: pytest.FixtureRequest, sqlite_database: Database, vault: Vault, clock: Clock
) -> AsyncIterator[Platform]:
    """A town on a platform, whose one person shows a name there."""
    async with PLATFORMS[request.param](sqlite_database, vault, clock) as town:
        town.person(WHO).profile = PROFILE
        yield town
        assert town.api.problems == []


async def places(there: Platform) -> list[str]:
    """What is kept of anybody, opened, as far as it holds the name."""
    return [
        text for text in (await kept(there.product.database, there.product.services.vault)).texts if "lastri" in text
    ]


async def name_of(there: Platform) -> object:
    session = await session_of(there.product.database, there.product.services.vault, there.where(WHO))
    return session and session.answers.get("name")


async def test_one_tap_gives_the_name_which_was_kept_nowhere_before(there: Platform) -> None:
    with capture_logs() as logs:
        await there.say(WHO, "halo")
        assert await places(there) == []
        await there.say(WHO, "ya")
        assert there.labels(WHO) == ["Sulastri"]
        assert await places(there) == []
        await there.say(WHO, "[Sulastri]")
    assert await name_of(there) == {"name": "Sulastri", "address": ""}
    assert "lastri" not in repr(logs)


async def test_who_types_another_name_leaves_nothing_of_the_profile(there: Platform) -> None:
    for said in ("halo", "ya", "Bu Tini", "Laweyan, Solo"):
        await there.say(WHO, said)
    assert await name_of(there) == {"name": "Tini", "address": "Ibu"}
    assert await places(there) == []


async def test_a_profile_without_a_name_is_asked_in_words(there: Platform) -> None:
    there.person(WHO).profile = "Toko Berkah"
    await there.say(WHO, "halo")
    await there.say(WHO, "ya")
    assert there.told[WHO][-1].keys == ()
