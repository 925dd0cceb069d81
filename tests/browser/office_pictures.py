"""The pictures of days at the office, made anew from the running product: ``python -m tests.browser.office_pictures``.

A coordinator, two officers, three owners. The product is served on one day and then on later ones, so that what comes with
time is shown as it comes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.now import now
from conversations.rules.quiet_hours import WIB
from tests.browser.conftest import CHROMIUM, QUIET, ROOT, Served
from tests.browser.phone import Phone, register
from tests.browser.pictures import MORNING, SHOP, Office, take
from tests.dated.days import Day, environment
from tests.owners import CODE

MOVED_BY = "DATE_MOVED_BY"
BEFORE_MEETING = Day("the afternoon before a meeting", datetime(2026, 12, 2, 16, 5, tzinfo=WIB), "Asia/Jakarta")
MONDAY = Day("a Monday morning", datetime(2026, 12, 7, 8, 5, tzinfo=WIB), "Asia/Jakarta")
BY_CHAT = {"name": "Bu Wati", "phone": "lewat chat ini saja"}


class Desk:
    """The phones of an office, on a day."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.phones: dict[str, Phone] = {}

    def of(self, who: str, kind: str = "officer") -> Phone:
        """Somebody's phone, opened by the first look."""
        if who not in self.phones:
            self.phones[who] = self.office.phone(who, kind)
        return self.phones[who]

    def hired(self, name: str, *options: str) -> Phone:
        self.phones[name.lower()] = found = self.office.hired(name, "--regency", "33.72", *options)
        return found

    def lead(self, who: str, **answers: str) -> str:
        """This owner registers; the code of the lead."""
        owner = self.of(who, "owner")
        for _ in register(owner, **answers):
            pass
        owner.wait_for("RK-")
        code = str(CODE.findall(owner.last())[0])
        owner.answer("[Ya, boleh]")
        return code


def first_day(desk: Desk) -> None:
    """What happens within a morning."""
    kris, rina, budi = desk.hired("Kris", "--role", "coordinator"), desk.hired("Rina"), desk.hired("Budi")
    code, siti = desk.lead("siti", **SHOP), desk.of("siti", "owner")
    rina.wait_for(code)
    rina.answer("[Ambil]")
    budi.wait_for("tidak bisa diambil lagi")
    handed(rina, budi)
    followed(rina, code)
    siti.answer("petugasnya kasar, mau ganti petugas")
    kris.wait_for("Keluhan")
    take(kris, "koordinator-keluhan", 460)
    kris.answer("/tim")
    take(kris, "koordinator-tim", 460)
    by_chat(desk, budi)
    desk.lead("joko", name="Pak Joko")
    budi.wait_for("Pak Joko")
    budi.answer("[Ambil]")
    rina.answer("izin sakit")
    rina.answer("sampai besok")
    take(rina, "petugas-libur", 560)


def handed(rina: Phone, budi: Phone) -> None:
    """A lead is offered to a colleague, who gives it back."""
    for said in ("[Tindakan lain]", "[Serahkan]", "[Budi]"):
        rina.answer(said)
    take(rina, "petugas-serahkan", 460)
    budi.wait_for("ingin menyerahkannya")
    take(budi, "petugas-diserahi", 990)
    budi.answer("[Kembalikan]")
    rina.wait_for("mengembalikan")


def followed(rina: Phone, code: str) -> None:
    """A wrong press is taken back, the next step is said in words, and a meeting is set."""
    for said in (code, "[Catat hasil]", "[Tidak lanjut]", "[Nomor salah]", "[Batalkan]"):
        rina.answer(said)
    rina.wait_for("Dibatalkan")
    take(rina, "petugas-batalkan", 560)
    rina.answer("ingatkan minggu depan")
    take(rina, "petugas-kapan", 460)
    for said in (code, "[Catat hasil]", "[Ada kemajuan]", "[Janji temu]", "kamis jam 10"):
        rina.answer(said)
    rina.wait_for("Dicatat")
    take(rina, "petugas-janji", 600)
    rina.answer("di warungnya")


def by_chat(desk: Desk, budi: Phone) -> None:
    """Officer and owner write to each other through the bot."""
    code, wati = desk.lead("wati", **BY_CHAT), desk.of("wati", "owner")
    budi.wait_for(code)
    budi.answer("[Ambil]")
    budi.answer("[Tulis lewat bot]")
    budi.say("Selamat pagi Bu Wati, saya Budi. Kapan bisa saya mampir?")
    wati.wait_for("Kapan bisa saya mampir")
    wati.say("Sore saja Pak, jam 4")
    budi.wait_for("Sore saja Pak")
    take(budi, "petugas-lewat-bot", 600)
    take(wati, "pemilik-lewat-bot", 600)
    budi.say("selesai")
    budi.wait_for("sudah berakhir")


def leaves(desk: Desk, served: Served) -> None:
    """An officer leaves; what they had is free again."""
    command = [sys.executable, "-m", "bot", "officers"]

    def run(*how: str) -> str:
        return subprocess.run(
            [*command, *how], cwd=ROOT, env=served.environment, check=True, capture_output=True, text=True
        ).stdout

    run("remove", next(line for line in run("list").splitlines() if "Rina" in line).split()[0])
    desk.of("budi").wait_for("belum ada yang memegang")
    take(desk.of("budi"), "petugas-keluar", 990)


def main() -> None:
    os.environ.update(environment(MORNING, now()))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))

        def on(day: Day) -> Desk:
            """The office on this day."""
            os.environ.pop(MOVED_BY, None)
            served.environment[MOVED_BY] = environment(day, now())[MOVED_BY]
            served.start()
            return Desk(Office(served, browser))

        try:
            first_day(on(MORNING))
            served.stop()
            desk = on(BEFORE_MEETING)
            desk.of("siti", "owner").wait_for("Pengingat")
            take(desk.of("siti", "owner"), "pemilik-janji", 420)
            served.stop()
            desk = on(MONDAY)
            desk.of("kris").wait_for("Minggu yang mulai")
            take(desk.of("kris"), "koordinator-senin", 744)
            desk.of("joko", "owner").wait_for("Mohon maaf")
            take(desk.of("joko", "owner"), "pemilik-maaf", 420)
            leaves(desk, served)
        finally:
            browser.close()
            served.stop()


if __name__ == "__main__":
    main()
