"""The simulator's page in a real browser, with a bot behind it that repeats what it hears (``echo_server.py``)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phone import Phone

Screenshot = Callable[[Page, str], None]

MENU = {
    "Foto": "(photo)",
    "Pesan suara": "(voice)",
    "Stiker": "(sticker)",
    "Dokumen": "(document)",
    "Lokasi": "(location)",
    "Pesan yang diedit": "(edited)",
    "Kontak saya": "Nomor Anda",
    "Kontak orang lain": "Nomor orang lain",
}

_numbers = count(1)


@pytest.fixture
def addresses() -> tuple[str, str]:
    """Two phones that no other test of this file uses."""
    number = next(_numbers) * 10
    return f"pemilik-{number}", f"petugas-{number}"


@pytest.fixture
def url(echo_url: str, addresses: tuple[str, str]) -> str:
    return f"{echo_url}?owner={addresses[0]}&officer={addresses[1]}"


@pytest.fixture
def owner(browser_page: Page, url: str) -> Phone:
    """The owner's phone on a laptop."""
    browser_page.goto(url)
    return Phone(browser_page, "Pemilik usaha")


@pytest.fixture
def officer(browser_page: Page) -> Phone:
    return Phone(browser_page, "Petugas")


def test_enter_sends_and_the_answer_comes_with_two_ticks(owner: Phone, browser_page: Page) -> None:
    owner.say("warung soto di Laweyan")
    owner.wait_for("Anda menulis: warung soto di Laweyan")
    assert owner.last() == "Anda menulis: warung soto di Laweyan"
    expect(owner.frame.get_by_role("img", name="sudah dijawab")).to_have_count(1)
    expect(owner.frame.get_by_role("textbox")).to_have_value("")


def test_the_round_button_sends_and_shift_enter_begins_a_new_line(owner: Phone) -> None:
    area = owner.frame.get_by_role("textbox", name="Tulis pesan")
    area.fill("baris satu")
    area.press("Shift+Enter")
    area.press_sequentially("baris dua")
    owner.frame.get_by_role("button", name="Kirim pesan").click()
    owner.wait_for("baris dua")
    assert owner.last() == "Anda menulis: baris satu\nbaris dua"


def test_letters_typed_while_an_answer_is_under_way_are_not_lost(owner: Phone) -> None:
    owner.say("satu")
    area = owner.frame.get_by_role("textbox", name="Tulis pesan")
    area.press_sequentially("dua tiga", delay=60)
    owner.wait_for("Anda menulis: satu")
    expect(area).to_have_value("dua tiga")


def test_words_stay_in_the_input_while_the_server_is_away(owner: Phone) -> None:
    owner.say("satu")
    owner.wait_for("Anda menulis: satu")
    owner.page.evaluate("window.socket.disconnect()")
    owner.say("dua")
    expect(owner.frame.get_by_role("textbox", name="Tulis pesan")).to_have_value("dua")
    expect(owner.page.get_by_text("Sambungan terputus.")).to_be_visible()


def test_markup_stays_words_and_bold_is_bold(owner: Phone) -> None:
    owner.say('<img src=x onerror="document.title=1"><b>halo</b> & {{1+1}}')
    owner.wait_for("{{1+1}}")
    assert owner.last() == 'Anda menulis: <img src=x onerror="document.title=1"><b>halo</b> & {{1+1}}'
    assert owner.frame.locator(".bubble img, .bubble b").count() == 0
    owner.say("tebal")
    owner.wait_for("tebal & <i>aman</i>")
    assert owner.frame.locator(".bubble b").inner_text() == "tebal & <i>aman</i>"


def test_a_pressed_button_answers_and_the_buttons_go(owner: Phone) -> None:
    owner.say("tombol")
    owner.tap("Ya")
    owner.wait_for("Anda memilih ya")
    expect(owner.frame.get_by_role("status")).to_have_text("Dicatat: ya")
    expect(owner.frame.get_by_role("button", name="Belum")).to_have_count(0)
    expect(owner.frame.get_by_label("Dipilih: Ya")).to_be_visible()


def test_a_button_may_replace_its_message_and_a_link_is_a_link(owner: Phone) -> None:
    owner.say("tombol")
    owner.wait_for("Sudah punya pekerja?")
    link = owner.frame.get_by_role("link", name="Situs resmi")
    expect(link).to_have_attribute("href", "https://www.bpjsketenagakerjaan.go.id")
    owner.tap("Ganti pesan ini")
    owner.wait_for("Anda memilih ganti")
    expect(owner.answers()).to_have_count(1)


def test_the_number_is_shared_with_one_tap(owner: Phone, addresses: tuple[str, str]) -> None:
    owner.say("nomor")
    owner.wait_for("Berapa nomor HP")
    owner.share_number()
    owner.wait_for(f"Nomor Anda: +62812{int(addresses[0].split('-')[1]):08d}")
    expect(owner.frame.locator(".key.contact")).to_have_count(0)


def test_the_menu_sends_what_people_send_by_mistake(owner: Phone) -> None:
    for item, answer in MENU.items():
        owner.frame.get_by_role("button", name="Kirim yang lain").click()
        owner.page.get_by_role("menu").get_by_text(item, exact=True).click()
        owner.wait_for(answer)


def test_a_message_that_was_not_stored_is_sent_again_by_a_tap(owner: Phone) -> None:
    owner.say("putus")
    owner.tap("belum terkirim, ketuk untuk mengulang")
    owner.wait_for("Anda menulis: putus")
    expect(owner.frame.locator(".row.own")).to_have_count(1)


def test_a_document_can_be_saved(owner: Phone, tmp_path: Path) -> None:
    owner.say("berkas")
    owner.wait_for("data-saya.txt")
    with owner.page.expect_download() as started:
        owner.tap("Unduh")
    started.value.save_as(tmp_path / "saved.txt")
    assert (tmp_path / "saved.txt").read_text() == "Nama: Siti\n"


def test_one_tap_makes_the_other_phone_an_officers(owner: Phone, officer: Phone) -> None:
    officer.tap("Jadikan HP ini petugas")
    officer.wait_for("Anda menulis: PTG-4821")
    expect(officer.frame.get_by_role("button", name="Jadikan HP ini petugas")).to_have_count(0)
    officer.page.reload()
    officer.wait_for("Anda menulis: PTG-4821")
    expect(officer.frame.get_by_role("button", name="Jadikan HP ini petugas")).to_have_count(0)


def test_who_typed_a_code_is_not_asked_to_become_an_officer_until_they_are_none_any_more(
    owner: Phone, officer: Phone
) -> None:
    offer = officer.frame.get_by_role("button", name="Jadikan HP ini petugas")
    expect(offer).to_be_visible()
    officer.say("PTG-7777")
    expect(offer).not_to_be_visible()
    officer.page.reload()
    officer.say("halo")
    officer.wait_for("Anda menulis: halo")
    expect(offer).not_to_be_visible()
    officer.say("keluar")
    officer.wait_for("Anda bukan petugas lagi.")
    expect(offer).to_be_visible()


def test_a_page_that_there_is_not_bears_our_name(browser_page: Page, echo_url: str) -> None:
    found = browser_page.goto(f"{echo_url}tidak-ada")
    assert found
    assert found.status == 404
    expect(browser_page).to_have_title("Rangkul · simulator")


def test_both_phones_are_seen_beside_each_other_and_messages_cross(
    owner: Phone, officer: Phone, addresses: tuple[str, str]
) -> None:
    expect(owner.frame).to_be_visible()
    expect(officer.frame).to_be_visible()
    expect(owner.page.get_by_role("tab")).to_have_count(0)
    owner.say(f"kabari {addresses[1]}")
    officer.wait_for("Ada calon peserta baru.")


def test_a_new_owner_starts_with_an_empty_phone_beside_the_same_officer(
    owner: Phone, officer: Phone, addresses: tuple[str, str]
) -> None:
    owner.say("halo")
    owner.wait_for("Anda menulis: halo")
    owner.page.get_by_role("button", name="Pemilik baru").click()
    owner.page.wait_for_url(f"**/?owner=pemilik-*&officer={addresses[1]}")
    expect(owner.bubbles()).to_have_count(0)
    owner.tap("Mulai")
    owner.wait_for("Anda menulis: /start")
    expect(owner.frame.locator(".row.own")).to_have_count(0)  # nobody has written it


def test_a_browser_finds_its_phones_again(owner: Phone, echo_url: str) -> None:
    owner.say("halo")
    owner.wait_for("Anda menulis: halo")
    owner.page.goto(echo_url)
    owner.wait_for("Anda menulis: halo")
    expect(owner.frame.get_by_text("Layar baru")).not_to_be_visible()


def test_only_a_phone_that_was_in_use_before_says_that_its_screen_is_new(browser_page: Page, echo_url: str) -> None:
    browser_page.goto(f"{echo_url}?owner=pemilik-lama-1&officer=petugas-7001")
    renewed = "Layar baru. Yang sudah dicatat tetap tersimpan."
    expect(Phone(browser_page, "Pemilik usaha").frame.get_by_text(renewed)).to_be_visible()
    expect(Phone(browser_page, "Petugas").frame.get_by_text(renewed)).not_to_be_visible()


def test_the_newest_message_stays_in_view_and_reading_older_ones_is_not_disturbed(owner: Phone) -> None:
    for number in range(4):
        owner.say(f"pesan {number} " + "panjang " * 90)
        owner.wait_for(f"Anda menulis: pesan {number} ")
    expect(owner.answers().last).to_be_in_viewport()
    scroller = owner.frame.locator(".scroller")
    scroller.evaluate("element => { element.scrollTop = -900 }")
    before = owner.answers().nth(2).bounding_box()
    other = Phone(owner.page, "Petugas")
    other.say(f"kabari {owner.frame.locator('.whose small').inner_text()}")
    owner.wait_for("Ada calon peserta baru.")
    expect(owner.answers().last).not_to_be_in_viewport()
    after = owner.answers().nth(2).bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2


def test_on_a_phone_one_phone_is_shown_and_the_other_tab_counts_what_arrives(
    pocket_page: Page, url: str, addresses: tuple[str, str]
) -> None:
    pocket_page.goto(url)
    owner, officer = Phone(pocket_page, "Pemilik usaha"), Phone(pocket_page, "Petugas")
    expect(officer.frame).not_to_be_visible()
    owner.say(f"kabari {addresses[1]}")
    tab = pocket_page.get_by_role("tab", name="Petugas")
    expect(tab.locator(".badge")).to_have_text("1")
    expect(pocket_page.get_by_text("Ada pesan baru di HP petugas")).to_be_visible()
    pocket_page.get_by_role("button", name="Lihat").click()
    expect(pocket_page.get_by_text("Ada pesan baru di HP petugas")).not_to_be_visible()
    pocket_page.reload()
    expect(officer.frame).to_be_visible()  # the tab that was open
    officer.tap("Ambil")
    expect(owner.frame).not_to_be_visible()
    expect(tab.locator(".badge")).not_to_be_visible()


def test_on_a_phone_nothing_needs_scrolling_sideways_and_everything_can_be_hit_with_a_thumb(
    pocket_page: Page, url: str
) -> None:
    pocket_page.goto(url)
    owner = Phone(pocket_page, "Pemilik usaha")
    owner.say("w" * 300)
    owner.wait_for("www")
    owner.say("tombol")
    owner.wait_for("Sudah punya pekerja?")
    assert pocket_page.evaluate("document.documentElement.scrollWidth") <= 390
    assert owner.frame.locator(".scroller").evaluate("element => element.scrollWidth <= element.clientWidth")
    for target in pocket_page.locator("button:visible, a.key:visible, textarea:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, target.inner_text()


@pytest.mark.long
def test_it_looks_as_it_should_to_whoever_opens_the_pictures(
    owner: Phone, officer: Phone, pocket_page: Page, url: str, screenshot: Screenshot
) -> None:
    owner.say("assalamualaikum, kulo gadhah warung soto wonten Laweyan, pekerjanya 3 orang")
    owner.wait_for("Anda menulis")
    owner.say("tombol")
    owner.wait_for("Sudah punya pekerja?")
    officer.tap("Jadikan HP ini petugas")
    officer.wait_for("PTG-4821")
    screenshot(owner.page, "simulator-1280x800")
    pocket_page.goto(url)
    Phone(pocket_page, "Pemilik usaha").wait_for("Sudah punya pekerja?")
    screenshot(pocket_page, "simulator-390x844")
