"""The main job in a real browser, on the real product: an owner registers, an officer is told and takes the lead.

It asks for no question by its words: it answers whatever is asked as the usual owner does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.browser.phone import Phone, register
from tests.owners import CODE

Screenshot = Callable[[Page, str], None]
PICTURES = {"consent": "opening", "program": "price", "confirm": "review"}  # taken when the question is open
DAY = re.compile(r"\b(Senin|Selasa|Rabu|Kamis|Jumat)\b")


def play(page: Page, url: str, size: str, screenshot: Screenshot) -> None:
    page.goto(f"{url}/?owner=pemilik-{size}&officer=petugas-{size}")
    owner, officer = Phone(page, "Pemilik usaha"), Phone(page, "Petugas")
    officer.tap("Jadikan HP ini petugas")
    officer.tap("Ya, saya")
    officer.wait_for("tugas")
    for question in register(owner):
        if question in PICTURES:
            screenshot(page, f"{PICTURES[question]}-{size}")
    owner.wait_for("RK-")
    told = owner.last()
    assert DAY.search(told), told  # the promise of a real office: the usual owner's regency has its officer
    screenshot(page, f"sent-{size}")
    officer.show()
    officer.wait_for(CODE.findall(told)[0])
    officer.tap("Ambil")
    officer.wait_for("sekarang tugas Anda")
    screenshot(page, f"taken-{size}")
    officer.tap("Catat hasil")
    officer.tap("Ada kemajuan")
    officer.tap("Berminat")
    officer.wait_for("catatan")
    officer.say("mau daftar Senin")
    officer.wait_for("Berminat")
    expect(page).to_have_title("Rangkul · simulator")


def test_the_main_job_on_a_phone(pocket_page: Page, served: Served, screenshot: Screenshot) -> None:
    play(pocket_page, served.url, "390", screenshot)


@pytest.mark.long
def test_the_main_job_on_a_laptop(browser_page: Page, served: Served, screenshot: Screenshot) -> None:
    play(browser_page, served.url, "1280", screenshot)
