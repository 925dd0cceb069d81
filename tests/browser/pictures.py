"""The pictures of the pages, made anew from the running product: ``python -m tests.browser.pictures``.

A day in a small office, on a working morning, whatever day it is here: two officers, two admins, four owners. Each picture is
taken when what it shows is on the screen, so whoever changes words or the page makes them again instead of by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.now import now
from conversations.rules.quiet_hours import WIB
from tests.browser.conftest import CHROMIUM, QUIET, ROOT, Served
from tests.browser.phone import Phone, register
from tests.dated.days import Day, environment
from tests.owners import CODE

PICTURES = ROOT / "docs" / "pictures"
MORNING = Day("a working morning", datetime(2026, 12, 1, 9, 30, tzinfo=WIB), "Asia/Jakarta")
FEW = 3  # people to whom an admin may write alone, in this office
WIDTH = 390
BAR = 260  # pixels of the page above and below a phone, at most
SHOP = {"name": "Bu Siti", "sector": "warung soto", "workers": "[2 orang dibayar]", "business_name": "Soto Bu Siti"}
NAMED = re.compile(r"^Kabar \d")  # the button of a broadcast
AT_QUESTION = {"consent": "pemilik-pembuka", "program": "pemilik-iuran", "confirm": "pemilik-periksa"}
BROADCAST = (
    "Halo {nama}, petugas kami ada di Pasar Gede Jumat besok, jam 9 sampai 12. Mampir saja, gratis. Sebut kode {kode}."
)


class Office:
    """The product, served, and a browser in which each person has a page of their own."""

    def __init__(self, served: Served, browser: Browser) -> None:
        self._served, self._browser = served, browser

    def page(self, width: int, height: int, phones: str) -> Page:
        """A page with these phones, in a browser without memory."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale="id-ID", reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{self._served.url}/?{phones}")
        return page

    def phone(self, who: str, kind: str = "owner") -> Phone:
        return Phone(self.page(WIDTH, 844, f"{kind}={who}"), "Pemilik usaha" if kind == "owner" else "Petugas")

    def hired(self, name: str, *options: str) -> Phone:
        """The phone of an officer who was invited and has sent the code."""
        invite = [sys.executable, "-m", "bot", "officers", "invite", "--name", name, *options]
        told = subprocess.run(
            invite, cwd=ROOT, env=self._served.environment, check=True, capture_output=True, text=True
        )
        code = re.search(r"PTG-\w+", told.stdout)
        assert code, told.stdout
        phone = self.phone(name.lower(), "officer")
        phone.show()
        phone.answer(code[0])
        phone.answer("[Ya, saya]")
        return phone


def take(phone: Phone, name: str, height: int) -> None:
    """A picture of this phone alone, so many pixels high, as docs/pictures/<name>.png."""
    phone.show()
    page = phone.page
    page.set_viewport_size({"width": WIDTH, "height": height + BAR})
    box = phone.frame.bounding_box()
    assert box
    page.set_viewport_size({"width": WIDTH, "height": round(height + BAR + height - box["height"])})
    page.mouse.move(0, 0)
    page.wait_for_timeout(600)  # what slides in has come to rest
    phone.frame.screenshot(path=PICTURES / f"{name}.png")


def registered(office: Office) -> tuple[Phone, str]:
    """One owner registers, picture by picture; the phone, and the code of the lead."""
    siti = office.phone("siti")
    for question in register(siti, **SHOP):
        if question in AT_QUESTION:
            take(siti, AT_QUESTION[question], 744)
    siti.wait_for("RK-")
    return siti, CODE.findall(siti.last())[0]


def both(office: Office) -> None:
    """The owner's phone and the officer's beside each other."""
    page = office.page(1000, 760, "owner=siti&officer=rina")
    page.wait_for_timeout(1_500)
    page.locator(".phones").screenshot(path=PICTURES / "dua-hp.png")


def noted(rina: Phone, budi: Phone) -> None:
    """An officer takes the lead and notes what came of it."""
    rina.tap("Ambil")
    rina.wait_for("sekarang tugas Anda")
    take(rina, "petugas-diambil", 460)
    take(budi, "petugas-lain", 330)
    rina.answer("[Catat hasil]")
    take(rina, "petugas-hasil", 600)
    rina.answer("[Belum tersambung]")
    rina.answer("[Ubah waktunya]")
    take(rina, "petugas-ingatkan", 460)
    rina.answer("besok jam 9")
    rina.answer("/tugas")
    take(rina, "petugas-tugas", 600)


def broadcast(dewi: Phone, bima: Phone) -> None:
    """An admin writes to all owners of a town, another agrees."""
    dewi.answer("/siaran")
    take(dewi, "siaran-mulai", 420)
    dewi.answer("[Siaran baru]")
    dewi.answer("[Kabar]")
    take(dewi, "siaran-untuk-siapa", 500)
    for said in ("[Pilih sendiri]", "Kota Surakarta", "[Semua jenis]", "[Semua program]", "[Semua status]", "[Semua tautan]",
                 "[Tanpa tombol]", BROADCAST):  # fmt: skip
        dewi.answer(said)
    dewi.answer("[Sekarang]")
    dewi.wait_for("rancangan")
    take(dewi, "siaran-rancangan", 744)
    dewi.answer("[Coba ke saya]")
    dewi.wait_for("Contohnya sudah dikirim")
    take(dewi, "siaran-coba", 744)
    dewi.answer("[Kirim sekarang]")
    bima.wait_for("menunggu persetujuan")
    take(bima, "siaran-setujui", 500)
    bima.answer("[Setujui]")
    take(bima, "siaran-jalan", 600)
    dewi.wait_for("disetujui")
    dewi.page.wait_for_timeout(20_000)  # until everybody has theirs
    dewi.answer("/siaran")
    dewi.answer(f"[{dewi.frame.get_by_role('button', name=NAMED).last.inner_text()}]")
    dewi.answer("[Laporan]")
    take(dewi, "siaran-laporan", 600)


def day(office: Office) -> None:
    """All pictures, in the order of the day."""
    rina = office.hired("Rina", "--regency", "33.72")
    take(rina, "petugas-bergabung", 460)
    budi = office.hired("Budi", "--regency", "33.72")
    dewi, bima = office.hired("Dewi", "--role", "admin"), office.hired("Bima", "--role", "admin")
    siti, code = registered(office)
    rina.wait_for(code)
    take(siti, "pemilik-kode", 744)
    take(rina, "petugas-kartu", 990)
    both(office)
    noted(rina, budi)
    siti.answer("[Ya, boleh]")
    siti.answer("lihat data")
    take(siti, "pemilik-lihat-data", 744)
    for name in ("Joko", "Tuti", "Wati"):
        owner = office.phone(name.lower())
        for _ in register(owner, name=name):
            pass
        owner.answer("[Ya, boleh]")
    broadcast(dewi, bima)
    owner.answer("berhenti")
    take(owner, "pemilik-berhenti", 500)


def main() -> None:
    os.environ.update(environment(MORNING, now()) | {"RANGKUL_BROADCAST_APPROVAL": str(FEW)})
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(Path(folder))
        served.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            day(Office(served, browser))
        finally:
            browser.close()
            served.stop()


if __name__ == "__main__":
    main()
