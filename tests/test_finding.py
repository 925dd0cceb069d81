"""An officer finds a lead by number, name, business and place: what they may see, and never that there is more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.timers.upkeep import Kept, Upkeep
from conversations.dialogues.finding import sought
from conversations.engine.core import Press
from conversations.engine.effects import AddNote, FindLeads
from conversations.engine.world import Lead, Officer
from conversations.rules.found_by import Sought, Term, words
from storage import tables
from storage.engine.database import Database
from storage.leads import finding, leads, leaving, officers
from storage.people import audit
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.owners import more_leads, register
from tests.stepwise import NINE, Person, upto
from tests.town import Town, known, plain, town

lead, leadfind, inbox = (tables.table(each) for each in (tables.LeadRow, tables.LeadFind, tables.Inbox))
RINA = Officer(7, "Rina", "officer", ("33.72",))
NOTHING = "Tidak ketemu."


def at_work(**world: Any) -> Person:
    return Person(officer=RINA, **world)


def looked_for(person: Person) -> list[Sought]:
    return [effect.sought for effect in person.did(FindLeads)]


# ------------------------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("/cari siti jebres", (Term(("siti",)), Term(("jebres",), ("33.72.04",)))),
        ("cari bu siti di solo", (Term(("siti",)), Term(("solo",), ("33.72",)))),
        ("tolong carikan warung barokah", (Term(("warung",)), Term(("barokah",)))),
        ("golek pak Slamet gunung kidul", (Term(("slamet",)), Term(("gunung", "kidul"), ("34.03",)))),
        ("Cari data atas nama Ibu Sri Lestari", (Term(("sri",)), Term(("lestari",)))),
        ("cari bunda", (Term(("bunda",)),)),
    ],
)
def test_words_behind_cari_are_looked_for_without_titles_and_places_as_places(
    said: str, terms: tuple[Term, ...]
) -> None:
    assert looked_for(at_work().says(said)) == [Sought(terms=terms)]
    assert not at_work().says(said).did(AddNote)


@pytest.mark.parametrize(
    "said", ["0812 3456 7890", "+62 812-3456-7890", "cari 081234567890", "/cari nomor 0812.3456.7890"]
)
def test_a_number_alone_or_behind_cari_is_looked_for(said: str) -> None:
    assert looked_for(at_work().says(said)) == [Sought(phone="+6281234567890")]


@pytest.mark.parametrize("said", ["/cari rk-7f3k9p", "cari RK-7F3K9P", "carikan kode RK-7F3K9P dong"])
def test_a_code_behind_cari_is_looked_for(said: str) -> None:
    assert looked_for(at_work().says(said)) == [Sought(code="RK-7F3K9P")]


@pytest.mark.parametrize("said", ["/cari", "cari", "tolong cari", "/cari bu"])
def test_who_says_only_cari_is_asked_whom(said: str) -> None:
    person = at_work().says(said)
    if said == "/cari bu":
        assert looked_for(person) == [Sought(terms=(Term(("bu",)),))]
        return
    assert person.asked == "find.whom"
    assert looked_for(person.says("siti jebres"))[0].terms[0] == Term(("siti",))
    assert person.session.dialogue == "home"


def test_owners_look_for_nobody() -> None:
    for said in ("/cari siti", "cari siti", "0812 3456 7890"):
        assert not Person("halo").says(said).did(FindLeads)
    assert "card.not_yours" in Person("halo").presses(Press("command", "find", "siti")).told


@pytest.mark.parametrize("said", ["/cari siti", "cari siti jebres", "0812 3456 7890"])
def test_where_words_are_kept_as_they_stand_nothing_is_looked_for(said: str) -> None:
    held = Lead(
        "RK-000002", "taken", NINE, {"name": {"name": "Siti", "address": "Ibu"}, "regency": "33.72"}, officer_id=7
    )
    person = at_work(lead=held).presses(Press("lead", "note", held.code)).says("berminat").says(said)
    assert not person.did(FindLeads)
    assert [note.words for note in person.did(AddNote)] == [said]


def test_in_a_registration_of_ones_own_a_number_and_a_name_with_cari_are_answers() -> None:
    person = upto("phone")
    person.world = at_work().world
    assert not person.says("0812 3456 7890").did(FindLeads)
    person = upto("business_name")
    person.world = at_work().world
    assert not person.says("Cari Rejeki").did(FindLeads)
    assert looked_for(person.says("/cari siti"))


@given(st.text(max_size=200))
def test_whatever_is_said_is_read_or_is_nothing_to_find(text: str) -> None:
    wanted = sought(text, known().ear)
    assert wanted is None or wanted.code or wanted.phone or all(term.words for term in wanted.terms)
    assert words(" ".join(words(text))) == words(text)


# ------------------------------------------------------------------------------------------------ what is found


async def found(there: Town, who: str, said: str) -> set[str]:
    """The codes of the cards that ``who`` is shown."""
    before = len(there.told.get(who, ()))
    await there.say(who, said)
    new = [plain(message) for message in there.told.get(who, [])[before:]]
    return {code for each in new if "Nama:" in each for code in re.findall(r"^RK-\w{6}", each)}


async def told(there: Town, who: str, said: str) -> list[str]:
    """All that ``who`` is told on this, with codes left out."""
    before = len(there.told.get(who, ()))
    await there.say(who, said)
    return [re.sub(r"RK-\w{6}", "RK", plain(message)) for message in there.told.get(who, [])[before:]]


async def held_by(there: Town, code: str, who: str) -> None:
    async with there.product.database.write() as tx:
        mine = next(one.id for one in await officers.listed(tx, there.product.vault) if one.name == who)
        await tx.execute(update(lead).where(lead.c.code == code).values(officer_id=mine, status="taken"))


async def looks(there: Town) -> int:
    async with there.product.database.read() as tx:
        some = select(func.count()).select_from(audit.audit).where(audit.audit.c.act == "looked")
        return int((await tx.execute(some)).scalar_one())


async def test_a_lead_is_found_by_number_name_business_trade_and_place_and_each_look_is_audited(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", name="Bu Siti Aminah", business_name="Barokah Jaya", regency="jebres solo")
        others = [await register(there, "Joko", name="Pak Joko", phone="0813 0000 7002")]
        for number, said in enumerate(
            ("0812 0000 7001", "/cari siti", "cari bu aminah jebres", "cari barokah", "cari warung siti", "cari SITI solo",
             "cari jaya di jebres", f"/cari {code}"), 1
        ):  # fmt: skip
            assert await found(there, "Rina", said) == {code}, said
            assert await looks(there) == number
        assert await found(there, "Rina", "cari warung solo") == {code, *others}
        for said in (
            "cari siti laweyan",
            "cari siti joko",
            "cari sit",
            "0812 0000 7009",
            "cari siti klaten",
            "/cari RK-999999",
        ):
            assert [each.startswith(NOTHING) for each in await told(there, "Rina", said)] == [True], said
        assert await looks(there) == number + 2
        async with database.read() as tx:
            kept = await tx.execute(select(inbox.c.id, inbox.c.sealed).where(inbox.c.sealed.is_not(None)))
            bodies = [vault.open_bytes(row.sealed, table="inbox", column="sealed", row=row.id) for row in kept]
        assert bodies
        assert not any(b"cari " in body for body in bodies), "whom an officer looked for is not kept"


CELLS = {  # role × whose lead: may it be found?
    ("officer", "own"): True, ("officer", "office"): True, ("officer", "colleague"): True, ("officer", "other"): False,
    ("coordinator", "office"): True, ("coordinator", "other"): True,
    ("admin", "office"): True, ("admin", "other"): True,
    ("owner", "office"): False, ("owner", "other"): False,
    ("removed", "own"): False, ("removed", "office"): False, ("removed", "other"): False,
}  # fmt: skip


async def test_whoever_looks_finds_what_they_may_see_and_hears_the_same_of_the_rest_as_of_nothing(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Bima", role="admin")
        await there.hire("Kris", role="coordinator")
        for who in ("Rina", "Dewi"):
            await there.hire(who, "33.72")
        await there.hire("Agus", "33.10")
        async with database.write() as tx:
            gone = await officers.invite(tx, vault, name="Tono", role="officer", regencies=("33.72",), now=clock())
        await there.say("Tono", gone)
        await there.say("Tono", "ya")
        names = {"own": "Satu", "office": "Dua", "colleague": "Tiga", "other": "Empat", "of Tono": "Lima"}
        codes = {}
        for number, (whose, name) in enumerate(names.items()):
            place = {"other": "klaten", "own": "klaten", "of Tono": "klaten"}.get(whose, "solo")
            district = "delanggu" if place == "klaten" else "laweyan"
            phone = f"0812 0000 71{number:02}"
            codes[whose] = await register(
                there, name, name=f"Bu {name} Cahyani", regency=place, district=district, phone=phone
            )
        await held_by(there, codes["own"], "Rina")
        await held_by(there, codes["colleague"], "Dewi")
        await held_by(there, codes["other"], "Agus")
        await held_by(there, codes["of Tono"], "Tono")
        async with database.write() as tx:
            one = next(each.id for each in await officers.listed(tx, vault) if each.name == "Tono")
            await leaving.leave(tx, one, clock(), actor="cli")
        asks = {"officer": "Rina", "coordinator": "Kris", "admin": "Bima", "owner": "Dua", "removed": "Tono"}
        phones = {whose: f"0812 0000 71{number:02}" for number, whose in enumerate(names)}
        for (role, whose), may in CELLS.items():
            clock.advance(minutes=5)
            of = "of Tono" if (role, whose) == ("removed", "own") else whose
            for said in (f"/cari {names[of]} cahyani", f"/cari {codes[of]}", f"/cari {phones[of]}"):
                seen = await found(there, asks[role], said)
                assert seen == ({codes[of]} if may else set()), (role, whose, said)
        for said, never in (
            ("/cari empat cahyani", "/cari tidakada cahyani"), (f"/cari {phones['other']}", "/cari 0812 0000 7999"),
            (f"/cari {codes['other']}", "/cari RK-999999"), (codes["other"], "RK-999999"),
        ):  # fmt: skip
            clock.advance(minutes=5)
            assert await told(there, "Rina", said) == await told(there, "Rina", never)
        assert await found(there, "Rina", "/cari cahyani") == {codes[each] for each in ("own", "office", "colleague")}


async def test_at_most_five_cards_are_shown_by_next_step_and_then_how_many_there_are(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        more = await more_leads(there, code, 6)
        async with database.write() as tx:
            for number, each in enumerate(more):
                due = clock() - timedelta(days=number)
                await tx.execute(update(lead).where(lead.c.code == each).values(next_at=due))
        assert await found(there, "Rina", "/cari siti") == set(more[1:])
        assert there.last("Rina").startswith("Ada 7 yang cocok, 5 di atas")


async def test_nobody_finds_their_own_lead_as_an_officer(database: Database, vault: Vault, clock: Clock) -> None:
    async with town(database, vault, clock) as there:
        await register(there, "Rina", name="Bu Rina Cahyani")
        await there.hire("Rina", "33.72")
        assert await found(there, "Rina", "/cari cahyani") == set()


async def test_what_was_changed_is_found_anew_and_what_was_erased_is_found_no_more(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti", name="Bu Siti Aminah")
        for said in ("tidak", "ubah nama", "Bu Kartini", "kirim"):
            await there.say("Siti", said)
        assert await found(there, "Rina", "/cari kartini") == {code}
        assert await found(there, "Rina", "/cari aminah") == set()
        for said in ("hapus data", "ya"):
            await there.say("Siti", said)
        assert await found(there, "Rina", "/cari kartini") == set()
        async with database.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(leadfind))).scalar() == 0


async def test_a_lead_that_ended_by_time_leaves_nothing_to_find_it_by(
    database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await register(there, "Siti")
        async with database.write() as tx:
            await tx.execute(update(lead).values(erase_at=clock()))
        await there.later(timedelta(minutes=1))
        async with database.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(leadfind))).scalar() == 0


async def test_leads_of_an_earlier_version_are_found_once_the_clock_has_made_their_hashes(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.timers.upkeep.FOUND", 2)
    async with town(database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        code = await register(there, "Siti")
        await more_leads(there, code, 4)
        async with database.write() as tx:
            before = set((await tx.execute(select(leadfind))).all())
            await tx.execute(leadfind.delete())
            broken = (await tx.execute(select(func.min(lead.c.id)))).scalar_one()
            await tx.execute(update(lead).where(lead.c.id == broken).values(sealed=b"\x00" * 40))
        await Upkeep(database, vault, Kept()).tick(clock())
        async with database.read() as tx:
            after = set((await tx.execute(select(leadfind))).all())
        assert after == {row for row in before if row.lead_id != broken}
        assert {row.regency for row in after} == {"33.72"}


async def test_a_search_opens_no_lead_but_the_five_that_it_shows(
    sqlite_database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        await there.hire("Rina", "33.72")
        await more_leads(there, await register(there, "Siti"), 40)
        opened = []
        real = leads._lead

        def counted(row: Any, *rest: Any) -> Any:
            opened.append(row.id)
            return real(row, *rest)

        monkeypatch.setattr(leads, "_lead", counted)
        await found(there, "Rina", "/cari siti warung")
        assert len(opened) == 5


NAMES = ("Siti", "Budi", "Sri", "Warung", "Solo", "Laweyan", "Klaten", "Cahyani", "Ibu")
PHONES = ("0812 0000 7001", "0812 0000 7002")


@pytest.mark.parametrize("who", ["officer", "holder"])
async def test_whatever_is_looked_for_shows_nobody_whom_the_asker_may_not_see(
    sqlite_database: Database, vault: Vault, clock: Clock, who: str
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        mine = 7
        codes = []
        for number, (name, place) in enumerate(
            (("Siti", "solo"), ("Budi", "klaten"), ("Sri", "klaten"), ("Cahyani", "solo"))
        ):
            codes.append(
                await register(
                    there,
                    name,
                    name=f"Bu {name}",
                    regency=place,
                    phone=PHONES[number % 2],
                    district="delanggu" if place == "klaten" else "laweyan",
                )
            )
        async with sqlite_database.write() as tx:
            await tx.execute(update(lead).where(lead.c.code == codes[2]).values(officer_id=mine))
            rows = {row.id: row for row in await tx.execute(select(lead))}
        regencies = ("33.72",) if who == "officer" else ()

        async with sqlite_database.read() as tx:
            for said in await _many_searches():
                wanted = sought(said, known().ear)
                if wanted is None:
                    continue
                for but in (0, next(iter(rows.values())).person_id):
                    ids = await finding.search(tx, vault, wanted, officer_id=mine, regencies=regencies, but=but)
                    seen = [rows[each] for each in ids]
                    assert all(row.officer_id == mine or row.regency in regencies for row in seen), said
                    assert all(row.person_id != but for row in seen), said


async def _many_searches() -> list[str]:
    """Searches that hypothesis thinks of."""
    thought: list[str] = []
    some = st.lists(st.sampled_from((*NAMES, *PHONES)), min_size=1, max_size=4).map(" ".join) | st.text(max_size=30)

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), database=None)
    @given(some)
    def think(said: str) -> None:
        thought.append(said)

    think()
    return thought
