"""The main job in a real browser, on the real product: an owner registers, an officer is told and takes the lead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, environment, free_port, wait_until_served
from tests.browser.phone import Phone


@pytest.fixture(scope="module")
def product_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``rangkul serve`` as a newcomer runs it, on a database of its own."""
    folder: Path = tmp_path_factory.mktemp("product")
    port = free_port()
    ours = environment(
        RANGKUL_DATABASE_URL=f"sqlite:///{folder / 'rangkul.db'}",
        RANGKUL_KEY_FILE=str(folder / "rangkul.key"),
        RANGKUL_DELETIONS_FILE=str(folder / "rangkul.deletions"),
        RANGKUL_PORT=str(port),
    )
    process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=ours)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_served(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def play(page: Page, url: str, size: str, screenshot: object) -> None:
    page.goto(f"{url}/?owner=pemilik-{size}&officer=petugas-{size}")
    owner, officer = Phone(page, "Pemilik usaha"), Phone(page, "Petugas")
    officer.tap("Jadikan HP ini petugas")
    officer.tap("Ya, saya")
    officer.wait_for("tugas")
    owner.say("halo")
    owner.wait_for("Boleh kami simpan")
    screenshot(page, f"opening-{size}")  # type: ignore[operator]  # a fixture: see conftest
    owner.tap("Ya, boleh")
    for said, answer in (
        ("Bu Siti", "kabupaten atau kota"),
        ("kartosuro", "Usahanya apa"),
        ("warung soto", "berapa orang"),
        ("2 orang", "dibayar"),
    ):
        owner.say(said)
        owner.wait_for(answer)
    owner.tap("Semua dibayar")
    owner.wait_for("65 tahun")
    owner.tap("Di bawah 65 tahun")
    owner.wait_for("sudah jadi peserta")
    owner.tap("Belum")
    owner.wait_for("penghasilan")
    owner.say("dua juta setengah")
    owner.wait_for("Rp2.500.000")
    screenshot(page, f"price-{size}")  # type: ignore[operator]  # a fixture: see conftest
    owner.tap("Dasar (JKK+JKM)")
    owner.wait_for("nama usaha")  # the district was said with the regency, so it is not asked again
    owner.say("Soto Bu Siti")
    owner.wait_for("Nomor berapa")
    owner.share_number()
    owner.wait_for("Kapan")
    owner.tap("Pagi")
    owner.wait_for("Soto Bu Siti")
    screenshot(page, f"review-{size}")  # type: ignore[operator]  # a fixture: see conftest
    owner.tap("Kirim")
    owner.wait_for("RK-")
    screenshot(page, f"sent-{size}")  # type: ignore[operator]  # a fixture: see conftest
    officer.show()
    officer.wait_for("Soto Bu Siti")
    officer.tap("Ambil")
    officer.wait_for("sekarang tugas Anda")
    screenshot(page, f"taken-{size}")  # type: ignore[operator]  # a fixture: see conftest
    officer.tap("Catat hasil")
    officer.tap("Berminat")
    officer.wait_for("catatan")
    officer.say("mau daftar Senin")
    officer.wait_for("Berminat")
    expect(page).to_have_title("Rangkul · simulator")


def test_the_main_job_on_a_phone(pocket_page: Page, product_url: str, screenshot: object) -> None:
    play(pocket_page, product_url, "390", screenshot)


@pytest.mark.long
def test_the_main_job_on_a_laptop(browser_page: Page, product_url: str, screenshot: object) -> None:
    play(browser_page, product_url, "1280", screenshot)
