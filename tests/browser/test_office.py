"""The office's pages in a real browser: the way in, and every page as axe-core, a thumb and a desk find it.

A new page adds its path to ``PATHS``; what it does is tested over HTTP, without a browser (tests/console).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.phone import Phone, register
from tests.browser.test_accessible import violations

PATHS = (
    "/kantor/",
    "/kantor/calon",
    "/kantor/calon?bagian=untaken",
    "/kantor/tim",
    "/kantor/siaran",
    "/kantor/siaran/baru",
    "/kantor/kampanye",
    "/kantor/kampanye/pasar-gede",
    "/kantor/pengaturan",
    "/kantor/pengaturan/kantor",
    "/kantor/pengaturan/tarif",
    "/kantor/pengaturan/permintaan",
    "/kantor/pengaturan/catatan",
    "/kantor/pengaturan/masuk",
)
SHORT = {"/kantor/", "/kantor/calon"}  # looked at in every run; the others in `make test-long`
SIZES = {"390": (390, 844), "1280": (1280, 800)}
Screenshot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def office(browser: Browser, served: Served) -> Iterator[Page]:
    """A page on which the simulator's officer is signed in, by one press; one lead is taken, one is not."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="id-ID", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(served.url)
    owner, officer = Phone(page, "Pemilik usaha"), Phone(page, "Petugas")
    officer.tap("Jadikan HP ini petugas")
    officer.tap("Ya, saya")
    officer.wait_for("tugas")
    for _ in register(owner):
        pass
    officer.wait_for("RK-")
    page.get_by_role("button", name="Halaman kantor").click()
    expect(page).to_have_url(f"{served.url}/kantor/")
    yield page
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "path", [path if path in SHORT else pytest.param(path, marks=pytest.mark.long) for path in PATHS]
)
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    office: Page, served: Served, screenshot: Screenshot, path: str, size: str
) -> None:
    refused = list[str]()
    office.on("console", lambda message: refused.append(message.text))  # what the Content-Security-Policy refuses
    office.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    office.goto(f"{served.url}{path}")
    screenshot(office, f"{re.sub('[^a-z]+', '-', path).strip('-')}-{size}")
    assert violations(office) == []
    assert office.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert refused == []


@pytest.mark.parametrize("size", SIZES)
def test_one_lead_is_read_and_worked_on_at_a_desk_and_on_a_phone(
    office: Page, served: Served, screenshot: Screenshot, size: str
) -> None:
    office.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    office.goto(f"{served.url}/kantor/calon")
    office.locator("td a.whole").first.click()
    take = office.get_by_role("button", name="Ambil", exact=True)
    if take.count():
        screenshot(office, f"kantor-calon-baru-{size}")
        take.click()
    screenshot(office, f"kantor-calon-satu-{size}")
    assert violations(office) == []
    assert office.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    note = office.locator("form[action$='/catat']")
    note.get_by_label("Hasil").select_option("unreached")
    note.get_by_role("button", name="Catat").click()
    expect(office.get_by_role("status")).to_have_text("Sudah dicatat.")


def test_six_digits_sign_in_another_browser(browser: Browser, office: Page, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    desk = context.new_page()
    desk.goto(f"{served.url}/kantor/")
    desk.get_by_role("button", name="Tampilkan angka").click()
    digits = desk.locator(".digits").inner_text()
    office.goto(served.url)
    officer = Phone(office, "Petugas")
    officer.show()
    officer.say(digits)
    officer.tap("Ya, layar saya")
    officer.wait_for("tekan Masuk")
    desk.get_by_role("button", name="Masuk", exact=True).click()  # the page has asked for itself again
    expect(desk).to_have_url(f"{served.url}/kantor/")
    assert violations(desk) == []
    context.close()


def test_a_broadcast_is_shown_and_counted_while_it_is_written(office: Page, served: Served) -> None:
    office.goto(f"{served.url}/kantor/siaran/baru")
    office.get_by_label("Isi pesan").fill("Halo {nama}, sampai jumpa di pasar.")
    expect(office.locator("#rupa")).to_contain_text("Halo Bu Siti, sampai jumpa di pasar.")
    office.get_by_label("Petugas", exact=True).check()
    expect(office.locator("#jumlah")).to_contain_text("1 orang")
    expect(office.get_by_label("Wilayah")).to_be_visible()
    expect(office.get_by_label("Tautan asal")).to_be_hidden()
    assert violations(office) == []
