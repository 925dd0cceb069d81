"""The whole product on WhatsApp: the real driver, the stand-in for the platform, people with phones."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channels import whatsapp_webhook
from bot.channels.base import Channel, Key, Outgoing, decode, encode
from bot.whatsapp.templates import as_submitted, choose, forms
from conversations.engine.core import Press
from storage.outbox.templates import State, note
from storage.people.people import Where
from tests.channels.on_platform import OnPlatform, served
from tests.channels.retold import Phones
from tests.conftest import nine
from tests.standins.cloud_api import APP_SECRET, PHONE_ID, VERIFY, WABA_ID, CloudApi
from tests.standins.cloud_api_people import Person, Shown
from tests.town import Town, town

if TYPE_CHECKING:
    from bot.channels.whatsapp_pywa import WhatsApp
    from storage.engine.database import Database
    from storage.sealing.vault import Vault
    from tests.conftest import Clock

PAGES = 5  # of choices that are turned to find one


def whatsapp(api: CloudApi, clock: Callable[[], datetime] = nine, **how: Any) -> WhatsApp:
    """The driver for the stand-in's number."""
    from bot.channels.whatsapp_pywa import WhatsApp

    account: dict[str, Any] = {
        "phone_id": PHONE_ID,
        "waba_id": WABA_ID,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY,
    }
    return WhatsApp(api.token, api=api.url, choose=choose, clock=clock, **account, **how)


@dataclass
class OnWhatsApp(OnPlatform, Phones):
    """A town whose people use WhatsApp; ``hidden``: under a user name, so that no number is told."""

    photo, voice = "image", "audio"

    api: CloudApi = field(kw_only=True)
    driver: WhatsApp = field(kw_only=True)
    hidden: bool = False
    _read: dict[str, int] = field(default_factory=dict)  # messages on each screen that have gone into ``told``

    def person(self, name: str) -> Person:
        return self.api.person(name, shows_number=not self.hidden)

    async def say(self, who: str, text: str) -> str:
        """What a deep link brings is words there, which the person may send."""
        return await super().say(who, f"Halo Rangkul ({text[7:]})" if text.startswith("/start ") else text)

    def where(self, who: str) -> Where:
        return Where(self.driver.name, PHONE_ID, self.person(who).user)

    async def press(self, who: str, data: str) -> None:
        """Press what gives this back, under the newest message that offers it. Raises LookupError."""
        person = self.person(who)
        for shown in reversed(person.screen):
            if any(data == each for each, _ in shown.options):
                person.press(data, shown)
                await self.quiet()
                return
        raise LookupError(f"nothing to press for {data}; there are {[shown.options for shown in person.screen[-2:]]}")

    async def chooses(self, who: str, wanted: Press, label: str) -> None:
        """Press what means ``wanted``, on whichever page of the choices it stands; else what reads ``[label]``; else write
        that out, as beside the wish for a number there are no buttons."""
        for _ in range(PAGES):
            offered = [decode(data) for shown in self.person(who).told for data, _ in shown.options]
            if newest := [press for press in offered if press and press[:3] == wanted[:3]]:
                await self.press(who, encode(newest[-1]))
                return
            more = [press for press in offered if press and press.dialogue == "command" and press.question == "more"]
            if not more:
                break
            await self.press(who, encode(more[-1]))
        try:
            await self.say(who, label)
        except LookupError:
            await self.say(who, label.strip("[]"))

    async def quiet(self) -> None:
        """Wait until everything is taken, all answers are sent, and what became of them is written down."""
        while True:
            await self.api.quiet()
            await Town.quiet(self)
            if not self.api.webhooks.pending:
                break
        for name, person in self.api.people.items():
            seen = self._read.get(name, 0)
            self.told.setdefault(name, []).extend(message_of(shown) for shown in person.told[seen:])
            self._read[name] = len(person.told)


def message_of(shown: Shown) -> Outgoing:
    """What a phone shows, one button in each row."""
    keys = tuple((Key(title, data),) for data, title in shown.options)
    file = (shown.file[0], shown.file[1].decode()) if shown.file else None
    return Outgoing(shown.text, keys, contact_label="Bagikan nomor saya" if shown.asks else "", file=file)


async def approve_templates(api: CloudApi, database: Database, clock: Clock) -> None:
    """Have all our templates approved, and let the product know."""
    known = []
    for form in forms():
        api.approve(as_submitted(form))
        known.append(State(form.name, form.language, "APPROVED", form.category))
    async with database.write() as tx:
        await note(tx, PHONE_ID, known, clock())


@asynccontextmanager
async def on_whatsapp(
    database: Database,
    vault: Vault,
    clock: Clock,
    *,
    hidden: bool = False,
    more: Mapping[str, Channel] | None = None,
    **how: Any,
) -> AsyncIterator[OnWhatsApp]:
    """A running town with WhatsApp on, and ``more`` channels. ``how`` goes to the driver."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with CloudApi(clock=lambda: clock().timestamp()) as api:
            api.webhooks.url = f"http://127.0.0.1:{listening.getsockname()[1]}{whatsapp_webhook.PATH}"
            api.webhooks.batch = 10
            driver = whatsapp(api, clock=clock, **how)
            driver.limits = replace(driver.limits, chat_gap=0.0)  # nobody waits where time stands still
            await approve_templates(api, database, clock)
            async with (
                served(driver.routes(), listening),
                town(database, vault, clock, more={"whatsapp": driver, **(more or {})}) as there,
            ):
                yield OnWhatsApp(there.product, there.terminal, there.clock, api=api, driver=driver, hidden=hidden)
