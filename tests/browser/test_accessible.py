"""The page for people who see little, use no mouse or hear it read: axe-core finds nothing, and the focus is never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import Phone

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental")
FOCUSED = "document.activeElement.getAttribute('aria-label')"
INPUT = "Tulis pesan"

_numbers = count(5001)


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core holds against the page as it is, each with the elements that it means."""
    page.evaluate(axe())
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: tags, resultTypes: ['violations']})", list(RULES))
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]]


@pytest.fixture
def url(echo_url: str) -> str:
    number = next(_numbers)
    return f"{echo_url}?owner=pemilik-{number}&officer=petugas-{number}"


def states(page: Page, url: str) -> Iterator[str]:
    """Brings the page from one state to the next; its name."""
    page.goto(url)
    owner, officer = Phone(page, "Pemilik usaha"), Phone(page, "Petugas")
    expect(owner.frame.get_by_role("button", name="Mulai")).to_be_visible()
    yield "before the first word"
    owner.frame.get_by_role("button", name="Kirim yang lain").click()
    expect(page.get_by_role("menuitem", name="Foto")).to_be_visible()
    yield "the menu is open"
    page.keyboard.press("Escape")
    owner.tap("Mulai")
    owner.wait_for("/start")
    yield "the chat is open"
    for said, answer in (
        ("tombol", "Sudah punya pekerja?"),
        ("berkas", "data-saya.txt"),
        ("tebal", "tebal &"),
        ("panjang " * 300, "panjang"),
        ("nomor", "Berapa nomor"),
    ):
        owner.say(said)
        owner.wait_for(answer)
    owner.say("putus")
    expect(owner.frame.get_by_role("button", name="belum terkirim")).to_be_visible()
    yield "files, links, the number, a message that was not sent"
    owner.say("tombol")
    owner.tap("Ya")
    owner.wait_for("Anda memilih ya")
    yield "a button was pressed"
    owner.say(f"kabari {officer.address()}")
    expect(page.get_by_text("Ada calon peserta baru.")).to_be_attached()
    yield "a card has come"
    officer.show()
    yield "the officer's phone"
    officer.tap("Jadikan HP ini petugas")
    officer.wait_for("PTG-4821")
    yield "an officer was hired"
    page.evaluate("window.socket.disconnect()")
    expect(page.get_by_text("Sambungan terputus.")).to_be_visible()
    yield "the connection is lost"
    page.goto(url.replace("pemilik-", "pemilik-lama-"))
    expect(owner.frame.get_by_text("Layar baru")).to_be_visible()
    yield "a new screen"


def test_axe_finds_nothing_in_any_state_on_a_laptop(browser_page: Page, url: str) -> None:
    assert {state: found for state in states(browser_page, url) if (found := violations(browser_page))} == {}


def test_axe_finds_nothing_in_any_state_on_a_phone(pocket_page: Page, url: str) -> None:
    assert {state: found for state in states(pocket_page, url) if (found := violations(pocket_page))} == {}


@pytest.mark.parametrize("width", ["laptop", "pocket"])
def test_after_every_press_the_next_letter_goes_into_the_input(
    width: str, request: pytest.FixtureRequest, url: str
) -> None:
    page: Page = request.getfixturevalue("browser_page" if width == "laptop" else "pocket_page")
    page.goto(url)
    owner = Phone(page, "Pemilik usaha")

    def still_there(answer: str) -> None:
        owner.wait_for(answer)
        assert page.evaluate(FOCUSED) == INPUT

    owner.tap("Mulai")
    still_there("/start")
    owner.say("tombol")
    owner.tap("Ya")
    still_there("Anda memilih ya")
    owner.say("nomor")
    owner.wait_for("Berapa nomor")
    owner.share_number()
    still_there("Nomor Anda")
    owner.say("putus")
    owner.tap("belum terkirim, ketuk untuk mengulang")
    still_there("Anda menulis: putus")
    owner.frame.get_by_role("button", name="Kirim yang lain").click()
    page.get_by_role("menuitem", name="Foto").click()
    still_there("(photo)")
    page.keyboard.type("dua orang")
    expect(owner.frame.get_by_role("textbox", name=INPUT)).to_have_value("dua orang")


def test_under_a_thumb_the_screens_keyboard_waits_until_the_input_is_tapped(pocket_page: Page, url: str) -> None:
    pocket_page.goto(url)
    owner = Phone(pocket_page, "Pemilik usaha")
    area = owner.frame.get_by_role("textbox", name=INPUT)
    owner.tap("Mulai")
    owner.wait_for("/start")
    expect(area).to_be_focused()
    expect(area).to_have_attribute("inputmode", "none")
    area.tap()
    expect(area).to_be_focused()
    expect(area).to_have_attribute("inputmode", "text")


def test_the_focus_stays_on_the_phone_when_its_button_is_taken_away_by_somebody_else(
    browser_page: Page, url: str
) -> None:
    browser_page.goto(url)
    owner = Phone(browser_page, "Pemilik usaha")
    owner.say("tombol")
    key = owner.frame.get_by_role("button", name="Belum")
    key.focus()
    with browser_page.context.expect_page() as opened:
        browser_page.evaluate("url => void window.open(url)", url)
    other = opened.value
    Phone(other, "Pemilik usaha").tap("Ya")
    expect(key).to_have_count(0)
    expect(owner.frame.get_by_role("textbox", name=INPUT)).to_be_focused()
    other.close()


def test_the_menu_is_walked_through_with_the_arrows_and_left_with_escape(browser_page: Page, url: str) -> None:
    browser_page.goto(url)
    owner = Phone(browser_page, "Pemilik usaha")
    opener = owner.frame.get_by_role("button", name="Kirim yang lain")
    opener.focus()
    browser_page.keyboard.press("Enter")
    items = browser_page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    for key, name in (("ArrowDown", "Pesan suara"), ("End", "Kontak orang lain"), ("ArrowDown", "Foto")):
        browser_page.keyboard.press(key)
        expect(items.filter(has_text=name).first).to_be_focused()
    browser_page.keyboard.press("ArrowUp")
    expect(items.filter(has_text="Kontak orang lain")).to_be_focused()
    browser_page.keyboard.press("Escape")
    expect(items.first).not_to_be_visible()
    expect(opener).to_be_focused()


def test_no_two_buttons_of_a_phone_have_the_same_name(browser_page: Page, url: str) -> None:
    browser_page.goto(url)
    owner = Phone(browser_page, "Pemilik usaha")
    for _ in range(2):
        owner.answer("periksa")  # a message that came while the buttons are read would make one be read twice
    expect(owner.frame.get_by_role("button", name="Kirim", exact=True)).to_have_count(1)
    names = [each.get_attribute("aria-label") or each.inner_text() for each in owner.frame.get_by_role("button").all()]
    assert {name for name, times in Counter(names).items() if times > 1} == set()


@pytest.mark.parametrize("size", [(390, 844), (320, 568), (1280, 800)])
def test_the_notice_of_a_lost_connection_covers_nothing(browser_page: Page, url: str, size: tuple[int, int]) -> None:
    browser_page.set_viewport_size({"width": size[0], "height": size[1]})
    browser_page.goto(url)
    owner = Phone(browser_page, "Pemilik usaha")
    owner.say("satu")
    owner.wait_for("Anda menulis: satu")
    browser_page.evaluate("window.socket.disconnect()")
    notice = browser_page.get_by_text("Sambungan terputus.")
    expect(notice).to_be_visible()
    mine = notice.bounding_box()
    assert mine
    for other in browser_page.locator(".bar, .tabs, .phone:visible, textarea:visible, .composer:visible").all():
        box = other.bounding_box()
        assert not box or box["y"] >= mine["y"] + mine["height"] or box["y"] + box["height"] <= mine["y"]
    area = owner.frame.get_by_role("textbox", name=INPUT)
    area.click()  # Playwright clicks only what nothing lies over
    expect(area).to_be_in_viewport(ratio=1)
    browser_page.set_viewport_size({"width": 1280, "height": 800})
