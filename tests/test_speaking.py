"""Everybody is spoken with in their own language: by every reply, card, notice, reminder, digest, broadcast and template."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from bot.channels import whatsapp
from bot.channels.base import Limits
from bot.mail.mail import Mail, Services
from conversations.dialogues.officer import lead_button
from conversations.dialogues.registration import CONSENT_VERSION
from conversations.engine.core import Heard, Press, Say, Text
from conversations.engine.knowledge import Knowledge
from locales import Catalogs
from storage import tables
from storage.engine.database import Database
from storage.leads.officers import Roster
from storage.outbox import templates
from storage.outbox.templates import State
from storage.people import audit, people
from storage.people.people import Reached, Where
from storage.reference.areas import read_areas
from storage.sealing.vault import Vault
from storage.whole_person import account_linking
from tests.broadcasting import Hall
from tests.conftest import Clock
from tests.linking import NUMBER, two
from tests.owners import register, said_by_question
from tests.tongue import ENDS, OPENS
from tests.town import Town, known, town

person, address = tables.table(tables.Person), tables.table(tables.Address)
IN_WORDS = {"consent": "ya", "workers": "0", "under_65": "ya", "member": "belum", "income": "1 juta",
           "contact_time": "pagi", "confirm": "kirim"}  # fmt: skip


@pytest.fixture
async def there(sqlite_database: Database, vault: Vault, clock: Clock, knows_xx: Knowledge) -> AsyncIterator[Town]:
    """A town where people may choose "xx"."""
    async with town(sqlite_database, vault, clock, knows=knows_xx) as found:
        yield found


async def speaks(there: Town, who: str, code: str = "xx") -> str:
    return await there.does(who, Heard(pressed=Press("command", "language", code)))


async def languages(database: Database) -> list[str | None]:
    async with database.read() as tx:
        return list((await tx.execute(select(person.c.language).order_by(person.c.id))).scalars())


def of(there: Town, who: str, after: int = 0) -> list[str]:
    """The texts, and what stands on the buttons, of all that somebody was told; what is the same in every language aside."""
    told = there.told.get(who, [])[after:]
    labels = [key.label for message in told for row in message.keys for key in row]
    return [message.text for message in told] + [label for label in labels if not is_a_name(label)]


def is_a_name(label: str) -> bool:
    """That of a language, of a district of Surakarta, of a lead."""
    places = known().ear.places
    districts = {places.name(code) for code in places.districts("33.72")}
    return label in {"Bahasa Indonesia", "Basa Jawa", *districts} or label.startswith("RK-")


# ------------------------------------------------------------------------------------------------ an owner, an officer


async def test_an_owner_is_spoken_with_in_their_language_and_officers_in_theirs(there: Town) -> None:
    await there.hire("Rina", "33.72")
    await there.hire("Joko", "33.72")
    await speaks(there, "Joko")
    joko = len(there.told["Joko"])
    await there.say("Siti", "halo")
    assert (await speaks(there, "Siti"))[0] == OPENS
    siti = len(there.told["Siti"])
    for key, answer in said_by_question(**IN_WORDS).items():
        if key != "hello":
            await there.say("Siti", answer.strip("[]"))  # a label that is typed is its choice, in any language
    for said in ("ya", "status", "iurannya berapa?", "lihat data"):
        await there.say("Siti", said)
    owners = of(there, "Siti", siti)
    assert len(owners) > 30
    places = {area.name for area in read_areas()}
    assert [text for text in owners if OPENS not in text and not text.isdecimal() and text not in places] == []
    assert not [text for text in of(there, "Rina") if OPENS in text], "the card is in the officer's language"
    cards = of(there, "Joko", joko)
    assert any("RK-" in text for text in cards)
    assert [text for text in cards if OPENS not in text] == []

    await there.say("Joko", f"[{OPENS}Ambil{ENDS}]")
    assert [text for text in of(there, "Joko", joko) if OPENS not in text] == []
    assert "Joko" in there.last("Rina")
    assert OPENS not in there.last("Rina"), "their card is drawn again in theirs"


async def test_what_comes_unasked_is_in_the_language_of_whoever_gets_it(there: Town) -> None:
    await there.hire("Rina", "33.72")
    await speaks(there, "Rina")
    await register(there, "Siti")
    await there.say("Siti", "ya")
    await there.say("Rina", f"[{OPENS}Ambil{ENDS}]")
    rina, siti = len(there.told["Rina"]), len(there.told["Siti"])
    await there.say("Joko", "halo")
    await speaks(there, "Joko")
    await there.say("Joko", "ya")
    joko = len(there.told["Joko"])
    for _ in range(3):
        await there.later(timedelta(hours=22, minutes=30))
    reminders, notices = of(there, "Joko", joko), of(there, "Rina", rina)
    assert any("dilanjutkan" in text for text in reminders)
    assert any("Ringkasan" in text or "pagi ini" in text for text in notices), "the digest"
    assert any("waktunya" in text for text in notices), "the reminder"
    untold = [text for text in reminders + notices if OPENS not in text]
    assert all(text.startswith("RK-") for text in untold), (
        "the code of a lead on its button is the same in every language"
    )
    assert not [text for text in of(there, "Siti", siti) if OPENS in text]


async def test_a_turn_that_fails_is_apologised_for_in_the_persons_language(
    there: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await there.say("Siti", "halo")
    await speaks(there, "Siti")
    monkeypatch.setattr("bot.turns.batch.step", lambda *_: 1 / 0)
    said = await there.say("Siti", "ya")
    assert said.startswith(f"{OPENS}Mohon maaf, tadi ada gangguan")


async def test_what_we_add_to_a_broadcast_is_in_the_language_of_each_recipient(
    sqlite_database: Database, vault: Vault, clock: Clock, knows_xx: Knowledge
) -> None:
    hall = Hall(sqlite_database, vault, clock)
    [one] = await hall.people(1, language="xx")
    [other] = await hall.people(1)
    for text in ("Ada pelatihan", "Halo {nama}, ada pelatihan"):
        await hall.begun(text)
        await hall.send_all()
    told = {who: [words for to, words in hall.arrived if to == who] for who in (one, other)}
    assert all("ada pelatihan" in words.lower() for each in told.values() for words in each)
    assert len(told[one]) == len(told[other]) == 2
    assert all(OPENS in words for words in told[one])
    assert not any(OPENS in words for words in told[other])


# ------------------------------------------------------------------------------------------------ choosing


async def test_who_asks_for_a_language_has_it_from_that_very_reply_on_and_may_go_back(there: Town) -> None:
    assert "Kami bantu pemilik usaha kecil" in await there.say("Siti", "halo")
    said = await there.say("Siti", "basa jawa")
    assert said.startswith("Nggih, kula matur ngangge Basa Jawa")
    assert "saking Kantor Percontohan" in said, "what they read was in another language"
    assert there.labels("Siti")[:2] == ["Nggih, angsal", "Mboten"]
    assert "Asmanipun Bapak/Ibu sinten?" in await there.say("Siti", "nggih")
    await there.say("Siti", "bahasa")
    assert {"Bahasa Indonesia", "Basa Jawa", "Xx-sprak"} <= set(there.labels("Siti"))
    assert (await there.say("Siti", "Bu Siti")).startswith("Nggih, Bu Siti."), "nobody lost their place"
    assert "kami menjawab dengan Bahasa Indonesia" in await there.say("Siti", "bahasa indonesia")
    assert await languages(there.product.database) == ["id"]


async def test_a_language_that_there_is_not_is_answered_with_those_that_there_are(there: Town) -> None:
    await there.say("Siti", "halo")
    assert "dengan bahasa apa?" in await there.say("Siti", "bisa bahasa mandarin gak")
    assert {"Bahasa Indonesia", "Basa Jawa", "Xx-sprak"} <= set(there.labels("Siti"))
    await there.say("Siti", "[Basa Jawa]")
    assert await languages(there.product.database) == ["jv"]


async def test_the_commands_that_a_chat_shows_follow_its_language(there: Town) -> None:
    await there.say("Siti", "halo")
    await speaks(there, "Siti")
    await there.hire("Rina", "33.72")
    await speaks(there, "Rina")
    shown = [(there.told[who][-1].menu, there.told[who][-1].language) for who in ("Siti", "Rina")]
    assert shown == [("owner", "xx"), ("officer", "xx")]


async def test_a_language_that_is_no_more_is_that_of_the_source(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.say("Siti", "halo")
        async with sqlite_database.write() as tx:
            await tx.execute(update(person).values(language="xx"))
        assert "kami panggil siapa" in await there.say("Siti", "ya")


# ------------------------------------------------------------------------------------------------ guessing

KRAMA = "kula badhe ndaftar kangge warung kula wonten klaten, pripun caranipun"


async def test_a_first_message_that_is_surely_javanese_is_answered_so_and_it_is_said_how_to_have_it_otherwise(
    there: Town,
) -> None:
    said = await there.say("Siti", KRAMA)
    assert said.startswith("Kula wangsuli ngangge Basa Jawa nggih.")
    assert "bahasa indonesia" in said
    assert "Kula mbantu ingkang gadhah usaha alit" in said
    await there.say("Siti", "bahasa indonesia")
    assert await languages(there.product.database) == ["id"]


async def test_nothing_is_guessed_after_the_first_message_or_of_who_has_chosen(there: Town) -> None:
    await there.say("Siti", "halo")
    await there.say("Siti", KRAMA)
    await there.say("Joko", "bahasa indonesia")
    await there.say("Joko", "batal")
    await there.say("Rina", f"basa jawa {KRAMA}")
    assert await languages(there.product.database) == [None, "jv"], "who cancelled is forgotten, with what they chose"


# ------------------------------------------------------------------------------------------------ as a fact of the person


async def test_it_stands_among_ones_data_once_it_is_kept_and_goes_with_them(there: Town) -> None:
    await there.say("Siti", "halo")
    assert "Bahasa:" not in await there.say("Siti", "lihat data")
    await there.say("Siti", "basa jawa")
    assert "Basa Jawa" in await there.say("Siti", "lihat data")
    await there.say("Siti", "hapus data")
    await there.say("Siti", "ya")
    assert await languages(there.product.database) == []
    assert "Kami bantu pemilik usaha kecil" in await there.say("Siti", "halo")


async def test_the_proof_of_consent_names_the_language_of_the_words_that_were_shown(there: Town) -> None:
    await there.say("Siti", "basa jawa")
    await there.say("Siti", "nggih")
    await there.say("Joko", "halo")
    await there.say("Joko", "ya")
    async with there.product.database.read() as tx:
        versions = list((await tx.execute(select(audit.consent.c.version).order_by(audit.consent.c.id))).scalars())
    assert versions == [f"{CONSENT_VERSION} jv", CONSENT_VERSION]


@pytest.mark.parametrize(
    ("on_telegram", "on_whatsapp", "kept"),
    [("jv", None, "jv"), (None, "jv", "jv"), ("jv", "id", "id"), (None, None, None)],
)
async def test_two_who_turn_out_to_be_one_speak_as_in_the_chat_that_was_just_written_in(
    sqlite_database: Database, vault: Vault, clock: Clock,
    on_telegram: str | None, on_whatsapp: str | None, kept: str | None,
) -> None:  # fmt: skip
    async with two(sqlite_database, vault, clock) as place:
        await place.registered(place.telegram, "siti")
        await place.on(place.whatsapp, "ID.1", "halo")
        async with sqlite_database.write() as tx:
            for channel, language in (("telegram", on_telegram), ("whatsapp", on_whatsapp)):
                theirs = select(address.c.person_id).where(address.c.channel == channel)
                await tx.execute(update(person).where(person.c.id.in_(theirs)).values(language=language))
        place.whatsapp.numbers["ID.1"] = NUMBER
        said = await place.on(place.whatsapp, "ID.1", "status")
        assert "RK-" in said
        assert await languages(sqlite_database) == [kept]


async def test_a_merge_keeps_the_language_of_whoever_wrote_whichever_of_them_was_there_first(
    database: Database, vault: Vault, clock: Clock
) -> None:
    hall = Hall(database, vault, clock)
    for one, other in ((0, 1), (1, 0)):
        both = [(await hall.people(1, language=language))[0] for language in ("jv", "id")]
        async with database.write() as tx:
            kept = await account_linking.merge(tx, vault, both[one], both[other], "code", clock())
            query = select(person.c.language).where(person.c.id == kept)
            assert (await tx.execute(query)).scalar() == ("jv", "id")[one]


async def test_it_comes_with_the_row_that_is_read_anyway(database: Database, vault: Vault, clock: Clock) -> None:
    where = Where("telegram", "1", "7")
    async with database.write() as tx:
        made = (await people.make(tx, vault, [where], clock()))[where]
        await tx.execute(update(person).where(person.c.id == made.person_id).values(language="jv"))
    asked: list[str] = []
    async with database.write() as tx:
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = (await people.known(tx, vault, [where]))[where]
        [chat] = (await people.chats(tx, vault, [made.person_id]))[made.person_id]
    assert (found.language, chat.language) == ("jv", "jv")
    assert len(asked) == 2


# ------------------------------------------------------------------------------------------------ templates of WhatsApp


async def test_a_template_goes_in_the_persons_language_where_that_is_approved_else_in_the_source(
    sqlite_database: Database, vault: Vault, clock: Clock, knows_xx: Knowledge
) -> None:
    def limits(channel: str) -> Limits:
        return whatsapp.LIMITS

    services = Services(vault, knows_xx, Catalogs.load(), limits)
    reminder = Say(
        Text("next.due", {"code": "RK-222AAA", "step": Text("next.call")}),
        (lead_button("show", "RK-222AAA"), lead_button("note", "RK-222AAA")),
    )
    chat = Reached(1, Where("whatsapp", "7001", "+6281200000001"), None, "xx")

    async def sent(*approved: tuple[str, str]) -> tuple[str, str] | None:
        async with sqlite_database.write() as tx:
            told = [State(name, language, "APPROVED", "utility") for name, language in approved]
            await templates.note(tx, "7001", told, clock())
            found = await Mail(tx, services, clock(), Roster(tx)).template(reminder, chat)
        return (found.name, found.language) if found else None

    assert await sent() is None
    assert await sent(("rangkul_waktunya", "id")) == ("rangkul_waktunya", "id")
    assert await sent(("xx_menunggu", "xx")) == ("xx_menunggu", "xx")
