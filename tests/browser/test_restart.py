"""The server is killed and comes back while the page is open: nothing that stood or was typed there is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bot.office.usual import usual
from tests.browser.conftest import Served
from tests.browser.phone import Phone, register


def test_after_a_restart_an_owner_finds_the_screen_the_open_question_and_the_typed_words(
    browser_page: Page, served: Served
) -> None:
    browser_page.goto(f"{served.url}/?owner=pemilik-1&officer=petugas-1")
    owner, officer = Phone(browser_page, "Pemilik usaha"), Phone(browser_page, "Petugas")
    owner.tap("Mulai")
    owner.wait_for("Bapak/Ibu")
    waiting = register(owner, hello="halo")
    while next(waiting) != "name":
        pass
    expect(owner.frame.get_by_label(f"Dipilih: {usual()['consent'][1:-1]}")).to_be_visible()
    stood = owner.bubbles().all_inner_texts()
    area = owner.frame.get_by_role("textbox", name="Tulis pesan")
    area.press_sequentially("saya Siti")

    served.kill()
    expect(browser_page.get_by_text("Sambungan terputus.")).to_be_visible()
    served.start()
    expect(browser_page.get_by_text("Sambungan terputus.")).not_to_be_visible(timeout=30_000)
    expect(area).to_have_value("saya Siti")
    expect(area).to_be_focused()
    assert owner.bubbles().all_inner_texts() == stood
    expect(owner.frame.get_by_text("Layar baru")).not_to_be_visible()
    expect(officer.frame.get_by_text("Layar baru")).not_to_be_visible()
    expect(officer.frame.get_by_text("HP petugas lapangan")).to_be_visible()
    owner.answer("Siti Aminah")
    expect(owner.answers().last).to_contain_text("Siti")
