"""*Kampanye*: a name makes links, codes and posters at once, and the funnel of whom they brought."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.channels.linked_words import after_start, of_a_ready_text
from bot.channels.terminal import Terminal
from bot.console.office import posters
from bot.console.office.posters import Door, Poster
from conversations.engine.core import Heard, Press
from conversations.rules.campaign_links import campaign_named, is_campaign
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import Clock
from tests.console.pages import Office, office
from tests.owners import register

ANI, KRIS, BUDI, RINA = "Ani", "Kris", "Budi", "Rina"  # an admin, two coordinators of two offices, an officer
CAMPAIGN = "pasar-gede"
PAGE = f"/kantor/kampanye/{CAMPAIGN}"


class Public(Terminal):
    """A channel that people find by a name."""

    found_by = "rangkul_bot"

    async def public_name(self) -> str:
        return self.found_by


@pytest.fixture
async def place(sqlite_database: Database, vault: Vault, clock: Clock) -> AsyncIterator[Office]:
    async with office(sqlite_database, vault, clock) as made:
        there = made.there
        await there.hire(ANI, role="admin")
        await there.hire(KRIS, "33.72", role="coordinator")
        await there.hire(BUDI, "33.22", role="coordinator")
        await there.hire(RINA, "33.72")
        yield made


def on(place: Office, name: str, found_by: str) -> None:
    """This channel is on, and says its name."""
    channel = Public(place.there.clock, lambda who, message: None)
    channel.found_by = found_by
    cast("dict[str, Any]", place.there.product.channels)[name] = channel


async def test_a_name_makes_links_and_codes_for_both_channels(place: Office) -> None:
    on(place, "telegram", "rangkul_bot")
    on(place, "whatsapp", "628110000000")
    browser = await place.signed_in(KRIS)
    await browser.open("/kantor/kampanye", nama=" Pasar Gedé ")
    assert browser.path == PAGE
    assert "https://t.me/rangkul_bot?start=pasar-gede" in browser.page
    assert "https://wa.me/628110000000?text=Halo%20Rangkul%20%28pasar-gede%29" in browser.page
    for channel in ("telegram", "whatsapp"):
        picture = await browser.client.get(f"{PAGE}/{channel}.svg")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
        assert "style=" not in picture.text


@pytest.mark.parametrize(("size", "dots"), [("a4", (2480, 3508)), ("a5", (1748, 2480))])
async def test_a_poster_is_a_picture_and_a_sheet_of_paper(place: Office, size: str, dots: tuple[int, int]) -> None:
    on(place, "telegram", "rangkul_bot")
    browser = await place.signed_in(ANI)
    png = await browser.client.get(f"{PAGE}/poster-{size}.png")
    assert Image.open(io.BytesIO(png.content)).size == dots
    pdf = await browser.client.get(f"{PAGE}/poster-{size}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert f'filename="poster-pasar-gede-{size}.pdf"' in pdf.headers["content-disposition"]
    media_box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf.content)
    assert media_box
    points = tuple(round(float(each) / 72 * 25.4) for each in media_box.groups())
    assert points == posters.SIZES[size]


async def test_without_a_channel_there_is_nothing_to_print(place: Office) -> None:
    browser = await place.signed_in(KRIS)
    await browser.open(PAGE)
    assert "belum diketahui" in browser.text
    for each in ("poster-a4.pdf", "telegram.svg"):
        assert (await browser.client.get(f"{PAGE}/{each}")).status_code == 404


async def test_whom_a_campaign_brought_is_counted_for_those_who_look_after_their_regency(place: Office) -> None:
    there = place.there
    await there.does("Siti", Heard(start=CAMPAIGN))
    code = await register(there, "Siti")
    await there.does(RINA, Heard(pressed=Press("lead", "take", code)))
    for who, sees in ((ANI, True), (KRIS, True), (BUDI, False)):
        browser = await place.signed_in(who)
        await browser.open("/kantor/kampanye")
        assert (CAMPAIGN in browser.text) == sees
        await browser.open(PAGE)
        assert ("Diambil petugas 1 100%" in browser.text) == sees


@pytest.mark.parametrize("who", [RINA, ""])
async def test_only_those_above_make_campaigns(place: Office, who: str) -> None:
    browser = await place.signed_in(who) if who else place.browser()
    for path in ("/kantor/kampanye", PAGE, f"{PAGE}/poster-a4.pdf", f"{PAGE}/telegram.svg"):
        await browser.open(path)
        assert browser.status == 403 if who else browser.path == "/kantor/masuk"


async def test_what_makes_no_name_is_said_and_what_is_none_is_not_found(place: Office) -> None:
    browser = await place.signed_in(KRIS)
    for said in ("???", "0812 3456 7890", "x" * 50):
        await browser.open("/kantor/kampanye", nama=said)
        assert browser.status == 400
        assert "tanpa nomor HP" in browser.text
    for name in ("Pasar", "a b", "081234567890", "x" * 41, "-", "%00"):
        await browser.open(f"/kantor/kampanye/{name}")
        assert browser.status == 404


@given(st.text(max_size=60))
def test_every_name_that_words_make_is_one_that_both_links_bring_back(said: str) -> None:
    if name := campaign_named(said):
        assert is_campaign(name)
        assert after_start(name).start == name
        assert of_a_ready_text(f"Halo Rangkul ({name})").start == name


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["a4", "a5"]))
def test_a_poster_takes_any_words(title: str, name: str, size: str) -> None:
    door = Door("Telegram", "https://t.me/rangkul_bot?start=pasar-gede", "@rangkul_bot")
    sheet = Poster(title, "teks", "caranya", (door, door), "janji", (name, "jalan", "telepon"), stamp="CONTOH")
    assert posters.drawn(sheet, size, "png").startswith(b"\x89PNG")
