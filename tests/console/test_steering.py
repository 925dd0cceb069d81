"""*Siaran*: an admin writes a broadcast on a page, sees it as it would arrive, and steers it as in the chat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.rules import Rules
from storage.broadcasts import broadcasts
from storage.broadcasts.broadcasts import Plan
from storage.engine.database import Database
from storage.people.audit import audit
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import ADDRESS, Browser, Office, office
from tests.owners import register

DEWI, BAMBANG, KRIS, RINA = "Dewi", "Bambang", "Kris", "Rina"  # two admins, a coordinator, an officer
WORDS = "Halo {nama}, ada jadwal baru."
NEW = "/kantor/siaran/baru"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 60


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    """An owner in Surakarta who agreed to news, one who did not, and the office."""
    async with office(sqlite_database, vault, clock) as made:
        there = made.there
        await there.hire(RINA, "33.72")
        await there.hire(KRIS, "33.72", role="coordinator")
        for who in (DEWI, BAMBANG):
            await there.hire(who, role="admin")
        await register(there, "Siti")
        await there.say("Siti", "ya")
        await register(there, "Joko", name="Pak Joko", phone="0812 0000 7002")
        await there.say("Joko", "tidak usah")
        yield made


async def plans_of(place: Office) -> list[Plan]:
    async with place.there.product.database.read() as tx:
        return await broadcasts.listed(tx)


async def drafted(browser: Browser, **fields: str) -> str:
    """The path of a draft that was written on the page."""
    await browser.open(NEW)
    await browser.send(NEW, **{"purpose": "news", "audience": "everyone", "words": WORDS, "act": "save", **fields})
    assert re.fullmatch(r"/kantor/siaran/\d+", browser.path), browser.text
    return browser.path


def told(place: Office, who: str, words: str) -> int:
    return sum(words in message.text for message in place.there.told.get(who, ()))


async def test_what_is_written_is_shown_for_each_channel_with_how_many_before_anything_is_kept(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    await browser.open(NEW)
    await browser.send(NEW, purpose="news", audience="everyone", words=WORDS, act="look")
    assert "Halo Bu Siti, ada jadwal baru." in browser.text
    assert "Telegram" in browser.text
    assert "Meta belum menyetujui templatnya" in browser.text
    assert "1 orang" in browser.text, "only who agreed"
    assert await plans_of(place) == []


async def test_a_part_that_is_asked_for_by_itself_counts_nobody_while_words_are_typed(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    await browser.open(NEW)
    await browser.send(NEW, purpose="news", audience="everyone", words=WORDS, act="look", part="words")
    assert "Halo Bu Siti" in browser.text
    assert "1 orang" not in browser.text
    await browser.open(NEW)
    await browser.send(NEW, purpose="news", audience="everyone", words=WORDS, act="look", part="count")
    assert "1 orang" in browser.text
    assert "Halo Bu Siti" not in browser.text


async def test_a_draft_is_tried_started_and_reaches_who_agreed(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    path = await drafted(browser)
    assert "rancangan" in browser.text
    await browser.send(path, act="test")
    assert "Contohnya sudah dikirim ke chat Anda" in browser.text
    assert told(place, DEWI, "Halo Bu Siti, ada jadwal baru.") == 1
    await browser.send(path, act="start")
    assert "siarannya jalan" in browser.text
    await place.there.pumped()
    assert told(place, "Siti", "Halo Bapak/Ibu Siti Aminah, ada jadwal baru.") == 1
    assert told(place, "Joko", "jadwal baru") == 0
    await browser.open(path)
    assert "selesai" in browser.text
    assert 'value="1" max="1"' in browser.page
    await browser.open("/kantor/siaran")
    assert "selesai" in browser.text


async def test_the_report_tells_who_came_back_after_their_copy(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    path = await drafted(browser)
    await browser.send(path, act="start")
    await place.there.pumped()
    await browser.open(f"{path}/laporan")
    assert "Belum ada yang menulis" in browser.text
    place.there.clock.advance(seconds=60)
    await place.there.say("Siti", "terima kasih")
    await browser.open(f"{path}/laporan")
    assert "1 orang kembali" in browser.text
    code = re.search(r"/kantor/calon/(RK-\w+)", browser.page)
    assert code
    async with place.there.product.database.read() as tx:
        looked = select(audit.c.subject).where(audit.c.act == "looked", audit.c.detail == "console")
        assert code[1] in set((await tx.execute(looked)).scalars())


async def test_past_the_set_size_another_admin_approves_and_never_the_author(place: Office) -> None:
    assert place.there.product.services
    place.there.product.services.rules = Rules(approval=0)
    author, other = await place.signed_in(DEWI), await place.signed_in(BAMBANG)
    path = await drafted(author)
    await author.send(path, act="start")
    assert "menunggu persetujuan" in author.text
    assert told(place, BAMBANG, "jadwal baru") == 1, "nobody approves what they have not read"
    await author.send(path, act="approve")
    assert author.status == 409
    await other.open(path)
    await other.send(path, act="approve")
    assert "disetujui" in other.text
    assert "disetujui Bambang" in place.there.last(DEWI)
    await place.there.pumped()
    assert told(place, "Siti", "jadwal baru") == 1


async def test_it_is_paused_resumed_and_cancelled_and_a_late_button_is_answered_by_its_state(place: Office) -> None:
    browser, late = await place.signed_in(DEWI), await place.signed_in(BAMBANG)
    path = await drafted(browser)
    await browser.send(path, act="start")
    await late.open(path)
    for act, state in (("pause", "dijeda"), ("resume", "disiapkan"), ("cancel", "dibatalkan")):
        await browser.send(path, act=act)
        assert state in browser.text
    await late.send(path, act="pause")
    assert late.status == 409
    assert "sudah tidak berlaku" in late.text
    await place.there.pumped()
    assert told(place, "Siti", "jadwal baru") == 0


async def test_a_draft_is_changed_and_the_old_one_is_gone(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    path = await drafted(browser, audience="leads", regency="Kota Surakarta", when="besok jam 9")
    number = path.rpartition("/")[2]
    await browser.open(NEW, ubah=number)
    assert WORDS in browser.text
    assert "Kota Surakarta" in browser.page
    await browser.send(
        NEW,
        purpose="news",
        audience="leads",
        regency="Kota Surakarta",
        words="Jadwalnya Jumat.",
        act="save",
        changes=number,
    )
    [plan] = await plans_of(place)
    assert str(plan.id) != number
    assert plan.audience.regencies == ("33.72",)
    await browser.send(browser.path, act="discard")
    assert browser.path == "/kantor/siaran"
    assert await plans_of(place) == []


async def test_a_time_schedules_it(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    path = await drafted(browser, when="besok jam 9")
    await browser.send(path, act="start")
    assert "dijadwalkan" in browser.text
    assert [plan.state for plan in await plans_of(place)] == ["scheduled"]


async def test_a_picture_goes_with_it_and_its_limits_are_told(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    await browser.open(NEW)
    assert "sampai 5 MB" in browser.text
    await upload(browser, "poster.png", PNG)
    path = browser.path
    assert f'src="{path}/berkas"' in browser.page
    sent = await browser.client.get(f"{path}/berkas")
    assert (sent.content, sent.headers["content-type"]) == (PNG, "image/png")
    await browser.open(NEW, ubah=path.rpartition("/")[2])
    assert "Terpasang: poster.png" in browser.text
    for name, content in (("tabel.xlsx", b"x"), ("kosong.png", b""), ("3372012345678901.png", PNG)):
        await browser.open(NEW)
        await upload(browser, name, content)
        assert browser.status == 400
        assert "Berkasnya harus JPG atau PNG" in browser.text
        assert WORDS in browser.text, "what was written stays"


async def upload(browser: Browser, name: str, content: bytes) -> None:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.page)
    assert token
    data = {"purpose": "news", "audience": "everyone", "words": WORDS, "act": "save", "csrf": token[1]}
    browser._shows(
        await browser.client.post(NEW, data=data, files={"file": (name, content)}, headers={"Origin": ADDRESS})
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"words": ""}, "Pesannya masih kosong"),
        ({"words": "Halo {nama_ibu}"}, "tidak kami kenal"),
        ({"words": "x" * 3600}, "paling panjang"),
        ({"words": "NIK 3372012345678901"}, "enam belas angka"),
        ({"audience": "leads", "regency": "Atlantis"}, "nama yang belum ketemu"),
        ({"audience": "leads", "campaign": "dua kata"}, "tidak memakai spasi"),
        ({"when": "kemarin"}, "Waktunya belum jelas"),
        ({"audience": "semua"}, "Pilih salah satu"),
        ({"button": "hapus"}, "Pilih salah satu"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field(place: Office, fields: dict[str, str], words: str) -> None:
    browser = await place.signed_in(DEWI)
    await browser.open(NEW)
    await browser.send(NEW, **{"purpose": "news", "audience": "everyone", "words": WORDS, "act": "save", **fields})
    assert browser.status == 400
    assert words in browser.text
    assert await plans_of(place) == []


@pytest.mark.parametrize("who", [RINA, KRIS, ""])
async def test_only_an_admin_sees_and_steers_broadcasts(place: Office, who: str) -> None:
    path = await drafted(await place.signed_in(DEWI))
    browser = await place.signed_in(who) if who else place.browser()
    for each in ("/kantor/siaran", NEW, path, f"{path}/laporan", f"{path}/berkas"):
        await browser.open(each)
        assert (browser.status == 403) if who else (browser.path == "/kantor/masuk")
        assert "jadwal baru" not in browser.text
    if who:
        await browser.open("/kantor/")
        assert "Siaran" not in browser.text
        await browser.send(path, act="start")
    assert [plan.state for plan in await plans_of(place)] == ["draft"]


async def test_what_is_not_there_is_not_found(place: Office) -> None:
    browser = await place.signed_in(DEWI)
    path = await drafted(browser)
    await browser.open(f"{path}/berkas")
    assert browser.status == 404, "it has no file"
    for number in ("1", "x", "99999999999999999999", "-1", "%00"):
        await browser.open(f"/kantor/siaran/{number}")
        assert browser.status == 404
    await browser.open(NEW, ubah="77")
    assert browser.status == 404
    await browser.open(path)
    await browser.send(path, act="hapus")
    assert browser.status == 400


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {},
        optional={
            **{name: st.sampled_from(["news", "everyone", "leads", "officers", "kuliner", "", "skip"]) | st.text()
               for name in ("purpose", "audience", "sector", "program", "status", "button")},
            **{name: st.text() | st.sampled_from(["Klaten", "besok jam 9", "Halo {nama}"])
               for name in ("regency", "campaign", "words", "when")},
            "act": st.sampled_from(["look", "save", ""]) | st.text(),
            "changes": st.text() | st.integers().map(str),
            "part": st.sampled_from(["count", "words"]) | st.text(),
        },
    )
)  # fmt: skip
async def test_no_form_breaks_the_page(place: Office, fields: dict[str, str]) -> None:
    browser = await place.signed_in(DEWI)
    await browser.open(NEW)
    await browser.send(NEW, **fields)
    assert browser.status in (200, 400, 404), browser.text


@pytest.mark.parametrize("length", [None, "x", str(13 << 20), "9" * 30])
async def test_a_form_that_is_too_long_or_does_not_say_how_long_it_is_is_not_read(
    place: Office, length: str | None
) -> None:
    read = list[bytes]()

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x"

    headers = {"Origin": ADDRESS, **({"Content-Length": length} if length else {})}
    sent = await place.browser().client.post(NEW, content=body(), headers=headers)
    assert (sent.status_code, read) == (413, [])
