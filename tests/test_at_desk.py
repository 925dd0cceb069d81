"""What an officer does on a page is what they would have done in the chat: same effects, same words, same refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from markupsafe import Markup
from sqlalchemy import select

from bot.console.office import render
from bot.turns import at_desk
from conversations.engine.core import Heard, Press, Say, Session
from storage import tables
from storage.engine.database import Database
from storage.leads import officers
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import register
from tests.soundness import session_of
from tests.town import Town, plain, town

event = tables.table(tables.LeadEvent)
NOTING = Session("followup")


@pytest.fixture
async def there(database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Town]:
    async with town(database, vault, clock) as found:
        await found.hire("Kris", "33.72", role="coordinator")
        for who in ("Rina", "Joko"):
            await found.hire(who, "33.72")
        yield found


async def do(
    there: Town, who: str, *heard: Heard, session: Session | None = None, about: str = "", seen: int | None = None
) -> str:
    product = there.product
    assert product.writer.turns
    async with product.database.read() as tx:
        [me] = [each for each in await officers.team(tx, product.vault) if each.name == who]
    says, rows = await at_desk.do(
        product.database, product.writer.turns, me.id, heard, there.clock.now, session=session, about=about, seen=seen
    )
    product.writer.deliver(rows)
    await there.quiet()
    return str(Markup("\n").join(render.said(say) for say in says if isinstance(say, Say)))


async def status(there: Town, code: str) -> str:
    async with there.product.database.read() as tx:
        return str((await tx.execute(select(lead.c.status).where(lead.c.code == code))).scalar_one())


async def test_a_lead_is_taken_noted_with_words_and_put_back_at_the_desk(there: Town, vault: Vault) -> None:
    code = await register(there, "Siti")
    chat = await session_of(there.product.database, vault, there.where("Rina"))
    assert "sekarang tugas Anda" in await do(there, "Rina", Heard(pressed=Press("lead", "take", code)), about=code)
    assert await status(there, code) == "taken"
    note = Heard(pressed=Press("followup", "outcome", "interested"))
    await do(there, "Rina", note, Heard(text="minta dijelaskan lagi"), session=NOTING._replace(about=code), about=code)
    assert await status(there, code) == "interested"
    async with there.product.database.read() as tx:
        [noted] = list(await tx.execute(select(event).where(event.c.outcome == "interested")))
    assert vault.open(noted.note, table="leadevent", column="note", row=noted.id) == "minta dijelaskan lagi"
    assert "Dibatalkan" in await do(there, "Rina", Heard(pressed=Press("lead", "undo", code)), about=code)
    assert await status(there, code) == "taken"
    assert await session_of(there.product.database, vault, there.where("Rina")) == chat, "the chat stays where it was"


async def test_cards_in_chats_are_redrawn_and_owners_told_as_if_it_were_done_there(there: Town) -> None:
    code = await register(there, "Siti")
    await do(there, "Rina", Heard(pressed=Press("lead", "take", code)), about=code)
    assert any("Rina" in plain(message) for message in there.told["Joko"]), "the others see who has it"
    assert any("Rina" in plain(message) for message in there.told["Siti"]), (
        "the owner is told by whom they will be called"
    )


async def test_what_a_page_showed_and_is_not_so_any_more_is_not_done(there: Town) -> None:
    code = await register(there, "Siti")
    await there.does("Joko", Heard(pressed=Press("lead", "take", code)))
    with pytest.raises(at_desk.Changed):
        await do(there, "Rina", Heard(pressed=Press("lead", "take", code)), about=code, seen=1)


async def test_what_the_chat_refuses_is_refused_at_the_desk(there: Town) -> None:
    code = await register(there, "Siti")
    await there.does("Joko", Heard(pressed=Press("lead", "take", code)))
    refused = await do(there, "Rina", Heard(pressed=Press("lead", "release", code)), about=code)
    assert await status(there, code) == "taken"
    assert "Joko" in refused
    assert (
        "tidak ada"
        in (await do(there, "Rina", Heard(pressed=Press("lead", "take", "RK-ZZZZZZ")), about="RK-ZZZZZZ")).casefold()
    )


async def test_a_coordinator_hands_over_and_an_officer_sets_when_next_at_the_desk(there: Town) -> None:
    code = await register(there, "Siti")
    await there.does("Joko", Heard(pressed=Press("lead", "take", code)))
    async with there.product.database.read() as tx:
        [rina] = [each for each in await officers.team(tx, there.product.vault) if each.name == "Rina"]
    to = Heard(pressed=Press("handing", "to", str(rina.id)))
    await do(there, "Kris", to, session=Session("handing", about=code), about=code)
    assert any(code in plain(message) for message in there.told["Rina"])
    said = await do(
        there, "Rina", Heard(text="besok jam 10"), session=Session("promise", {"lead": code}, asked="when"), about=code
    )
    assert code in said
    async with there.product.database.read() as tx:
        row = (await tx.execute(select(lead.c.next_at, lead.c.next_reason).where(lead.c.code == code))).one()
    assert row.next_reason == "reminder"
