"""*Tim*: those above see and steer the officers whom they look after, and nobody else does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.console.office import team as team_page
from conversations.engine.core import Heard, Press
from storage import tables
from storage.engine.database import Database
from storage.leads import officers, offices
from storage.leads.leads import lead
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Browser, Office, office
from tests.owners import more_leads, register
from tests.town import plain

KRIS, RINA, JOKO, ANI, BUDI = (
    "Kris",
    "Rina",
    "Joko",
    "Ani",
    "Budi",
)  # a coordinator, two officers, an admin, one elsewhere
audit, officer = tables.table(tables.Audit), tables.table(tables.OfficerRow)


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(sqlite_database, vault, clock) as made:
        await made.there.hire(KRIS, "33.72", role="coordinator")
        for who in (RINA, JOKO):
            await made.there.hire(who, "33.72")
        await made.there.hire(BUDI, "33.22")
        await made.there.hire(ANI, role="admin")
        yield made


async def id_of(place: Office, who: str) -> int:
    async with place.there.product.database.read() as tx:
        return next(each.id for each in await officers.team(tx, place.there.product.vault) if each.name == who)


async def taken_by(place: Office, who: str, count: int) -> list[str]:
    """So many leads that this officer has; their codes."""
    code = await register(place.there, "Siti")
    codes = [code, *await more_leads(place.there, code, count - 1)]
    for each in codes:
        await place.there.does(who, Heard(pressed=Press("lead", "take", each)))
    return codes


async def holders(place: Office) -> dict[str, int | None]:
    async with place.there.product.database.read() as tx:
        return {row.code: row.officer_id for row in await tx.execute(select(lead.c.code, lead.c.officer_id))}


@pytest.mark.parametrize(
    ("who", "team", "rina", "budi"),
    [("", 303, 303, 303), (RINA, 403, 403, 403), (KRIS, 200, 200, 404), (ANI, 200, 200, 200)],
)
async def test_those_above_see_the_officers_whom_they_look_after(
    place: Office, who: str, team: int, rina: int, budi: int
) -> None:
    browser = await place.signed_in(who) if who else place.browser()
    for path, status in (
        ("/kantor/tim", team),
        (f"/kantor/tim/{await id_of(place, RINA)}", rina),
        (f"/kantor/tim/{await id_of(place, BUDI)}", budi),
    ):
        assert (await browser.client.get(path, follow_redirects=False)).status_code == status, path
    for act in ("serahkan", "libur"):
        sent = f"/kantor/tim/{await id_of(place, BUDI)}/{act}"
        await browser.open("/kantor")
        await browser.send(sent, which="all", to=str(await id_of(place, RINA)), last="2999-01-01")
        assert browser.status in (200 if not who else 400 if who == ANI else budi, 409), act


async def test_whoever_is_removed_sees_nothing_any_more(place: Office, clock: Clock) -> None:
    browser = await place.signed_in(KRIS)
    async with place.there.product.database.write() as tx:
        await officers.remove(tx, await id_of(place, KRIS), clock.now)
    await browser.open("/kantor/tim")
    assert browser.path == "/kantor/masuk"


async def test_the_table_has_the_figures_of_the_chat_and_leads_to_each_list(place: Office) -> None:
    codes = await taken_by(place, RINA, 2)
    browser = await place.signed_in(KRIS)
    page = await browser.open("/kantor/tim")
    assert re.search(r"Rina Kota Surakarta bertugas 2 0 2 0 0", page), page
    assert BUDI not in page
    page = await browser.open(f"/kantor/tim/{await id_of(place, RINA)}")
    assert all(code in page for code in codes)
    assert "Siti Aminah" in page
    assert "{" not in page
    async with place.there.product.database.read() as tx:
        seen = select(audit.c.subject).where(audit.c.act == "looked", audit.c.actor.like("officer:%"))
        assert set(codes) <= set((await tx.execute(seen)).scalars()), "each look at personal data is audited"


async def test_a_long_table_has_pages(place: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_page, "PER_PAGE", 2)
    browser = await place.signed_in(ANI)
    page = await browser.open("/kantor/tim")
    assert BUDI in page
    assert RINA not in page
    assert RINA in await browser.open("/kantor/tim", hal="1")
    assert BUDI not in browser.text
    assert BUDI in await browser.open("/kantor/tim", hal="²")


async def test_ticked_leads_or_all_are_handed_over_and_both_officers_are_told(place: Office) -> None:
    codes = await taken_by(place, RINA, 3)
    rina, joko = await id_of(place, RINA), await id_of(place, JOKO)
    browser = await place.signed_in(KRIS)
    await browser.open(f"/kantor/tim/{rina}")
    assert "Sudah diserahkan" in await browser.send(
        f"/kantor/tim/{rina}/serahkan", which="some", code=codes[:1], to=str(joko)
    )
    assert (await holders(place))[codes[0]] == joko
    await browser.send(f"/kantor/tim/{rina}/serahkan", which="all", to=str(joko))
    assert set((await holders(place)).values()) == {joko}
    await place.there.quiet()
    assert any("Kris" in plain(each) for each in place.there.told[JOKO])


async def test_what_cannot_be_handed_over_is_said_in_the_words_of_the_chat(place: Office) -> None:
    await taken_by(place, RINA, 1)
    rina, budi = await id_of(place, RINA), await id_of(place, BUDI)
    browser = await place.signed_in(KRIS)
    await browser.open(f"/kantor/tim/{rina}")
    await browser.send(f"/kantor/tim/{rina}/serahkan", which="all", to=str(budi))
    assert browser.status == 409
    assert set((await holders(place)).values()) == {rina}
    assert "Centang dulu" in await browser.send(f"/kantor/tim/{rina}/serahkan", which="some", to=str(budi))


async def test_a_leave_is_noted_for_an_officer_who_is_told_and_ends_by_itself_or_by_a_press(
    place: Office, clock: Clock
) -> None:
    rina = await id_of(place, RINA)
    browser = await place.signed_in(KRIS)
    await browser.open(f"/kantor/tim/{rina}")
    last = f"{clock.now.date().replace(day=25)}"
    page = await browser.send(f"/kantor/tim/{rina}/libur", first="", last=last)
    assert "Liburnya tercatat" in page, page
    await place.there.quiet()
    assert "Kris mencatat Anda libur" in place.there.last(RINA)
    assert "libur, masuk lagi" in await browser.open("/kantor/tim")
    await browser.open(f"/kantor/tim/{rina}")
    await browser.send(f"/kantor/tim/{rina}/libur", back="ya")
    await place.there.quiet()
    assert "Kris mencatat Anda masuk lagi" in place.there.last(RINA)
    async with place.there.product.database.read() as tx:
        acts = (await tx.execute(select(audit.c.act).where(audit.c.subject == f"officer:{rina}"))).scalars().all()
        row = (await tx.execute(select(officer).where(officer.c.id == rina))).one()
    assert {"away", "back"} <= set(acts)
    assert (row.absent, row.absent_until) == (False, None)


async def test_an_invitation_shows_its_code_once_and_binds_for_the_office_of_who_invites(place: Office) -> None:
    browser = await place.signed_in(KRIS)
    await browser.open("/kantor/tim")
    code = re.search(r"PTG-\w{10}", await browser.send("/kantor/tim/undang", name="Tono"))
    assert code
    assert code[0] not in await browser.open("/kantor/tim")
    await place.there.say("Tono", code[0])
    await place.there.say("Tono", "[Ya, saya]")
    assert "Tono Kota Surakarta bertugas" in await browser.open("/kantor/tim")
    assert "Tulis dulu nama" in await browser.send("/kantor/tim/undang", name=" 7 ")


async def _surakarta(place: Office) -> offices.OfficeLine:
    async with place.there.product.database.read() as tx:
        return next(each for each in await offices.listed(tx) if "33.72" in each.regencies)


async def test_an_admin_changes_an_office_and_invites_for_it(place: Office) -> None:
    one = await _surakarta(place)
    browser, path = await place.signed_in(ANI), f"/kantor/tim/kantor/{one.id}"
    await browser.open(path)
    page = await browser.send(f"{path}/jam", **{"mon-from": "08:00", "mon-until": "15:00"})
    assert "Senin 08.00–15.00" in page
    assert "Jamnya belum cocok" in await browser.send(f"{path}/jam", **{"mon-from": "15:00", "mon-until": "08:00"})
    await browser.open(path)
    assert "Cabang Solo" in await browser.send(f"{path}/data", name="Cabang Solo", address="Jl. Slamet", phone="0271")
    await browser.send(f"{path}/wilayah", regency=["33.72"])
    assert (await _surakarta(place)).regencies == ("33.72",)
    await browser.send(f"{path}/petugas", officer=str(await id_of(place, RINA)), coordinator="ya")
    assert (await _surakarta(place)).coordinators == (await id_of(place, RINA),)
    await browser.send(f"{path}/petugas", officer=str(await id_of(place, ANI)))
    assert browser.status == 409, "an admin stays one"
    await browser.open("/kantor/tim")
    assert re.search(r"PTG-\w{10}", await browser.send("/kantor/tim/undang", name="Tono", office=str(one.id)))


async def test_a_coordinator_changes_the_hours_of_their_own_office_and_nothing_else_of_any(
    place: Office, clock: Clock
) -> None:
    one, kris = await _surakarta(place), await id_of(place, KRIS)
    async with place.there.product.database.write() as tx:
        await offices.assign(tx, kris, one.id, clock.now, actor="test", coordinator=True)
        other = next(each for each in await offices.listed(tx) if each.id != one.id)
    browser, path = await place.signed_in(KRIS), f"/kantor/tim/kantor/{one.id}"
    await browser.open(path)
    assert "Sabtu 08.00–12.00" in await browser.send(f"{path}/jam", **{"sat-from": "08:00", "sat-until": "12:00"})
    for what in ("data", "wilayah", "petugas"):
        await browser.open(path)
        await browser.send(f"{path}/{what}", name="Kantor saya")
        assert browser.status == 403, what
    await browser.open(f"/kantor/tim/kantor/{other.id}")
    assert browser.status == 404
    await browser.open(path)
    await browser.send(f"/kantor/tim/kantor/{other.id}/jam", **{"sat-from": "08:00", "sat-until": "12:00"})
    assert browser.status == 404


FORMS = ("serahkan", "libur", "undang", "jam", "data", "wilayah", "petugas")
FIELDS = (
    "which",
    "to",
    "code",
    "first",
    "last",
    "back",
    "name",
    "office",
    "mon-from",
    "mon-until",
    "regency",
    "officer",
)
SAID = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["all", "some", "late", "1", "9" * 18, "33.72", "2026-11-30", "08:00", "²", "RK-222AAA", "a,b"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(FORMS), said=st.dictionaries(st.sampled_from(FIELDS), SAID))
async def test_whatever_a_form_says_the_page_answers(
    opened: tuple[Browser, int, int], form: str, said: dict[str, str]
) -> None:
    browser, rina, one = opened
    await browser.open("/kantor/tim")
    where = f"{rina}/{form}" if form in FORMS[:2] else "undang" if form == "undang" else f"kantor/{one}/{form}"
    await browser.send(f"/kantor/tim/{where}", **said)
    assert browser.status < 500, browser.text


@pytest.fixture
async def opened(place: Office) -> tuple[Browser, int, int]:
    """(an admin's browser, the id of an officer, the id of an office)."""
    return await place.signed_in(ANI), await id_of(place, RINA), (await _surakarta(place)).id
