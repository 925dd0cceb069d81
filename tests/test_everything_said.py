"""Whatever people do, in whatever order: what the program says has words, with the fields that are declared for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from bot.channels import whatsapp
from bot.channels.base import Limits
from bot.labels import OnButtons
from bot.render import outgoing
from conversations.dialogues import linking
from conversations.dialogues.book import BOOK, first_session
from conversations.dialogues.lead_lists import Page, UntakenLead, task_list, untaken_list
from conversations.dialogues.remind_me import asks_for_codes
from conversations.engine.attachments import OTHER
from conversations.engine.core import Button, Contact, Heard, Press, Say, Session, Text, Toast
from conversations.engine.effects import (
    ChangeLead,
    ChooseLanguage,
    ForgetMe,
    GiveConsent,
    ListTasks,
    ListUntaken,
    SubmitLead,
)
from conversations.engine.knowledge import Knowledge
from conversations.engine.ladder import step
from conversations.engine.world import Lead, Officer, OtherChat, Visit, World
from conversations.rules.outcomes import OUTCOMES, PAID, STATUS_AFTER
from locales import BOLD_OFF, BOLD_ON, Catalogs
from storage import reference
from tests.ear import ear
from tests.said_fields import FIELDS
from tests.stepwise import inside

CATALOGS = Catalogs.load()
CHANNELS = {
    "telegram": Limits(text=4096, buttons=100, label=64),
    "whatsapp": whatsapp.LIMITS,
    "terminal": Limits(text=4000, buttons=0, label=80),
}
OWNERS, OFFICERS = 120, 40  # walks
CODES = (linking.ASKS, linking.OK, linking.BAD, linking.OFFICE, linking.PARTED, linking.NOT_PARTED)
NOW = datetime(2026, 11, 25, 9, tzinfo=timezone(timedelta(hours=7)))
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "name": ("Bu Siti", "Pak Joko", "Mas Budi", "Mbak Rini", "Sri Lestari"),
    "regency": ("Solo", "Kabupaten Klaten", "Kota Semarang", "Laweyan", "Surabaya", "Semarang", "Magelang"),
    "district": ("Laweyan", "Klaten Utara", "Banyumanik", "Jebres"),
    "sector": ("warung makan", "tukang bangunan", "ojek online", "jahit baju", "jual sayur", "kerja di pabrik", "jual", "bengkel",
               "salon", "foto", "les privat", "pijat bayi", "rosok", "bikin tempe", "ternak ayam", "mebel", "warung"),
    "workers": ("2", "0", "1", "bertiga", "banyak", "5 sampai 7 orang", "lebih dari 3", "saya dan adik", "3 tukang"),
    "income": ("2 juta", "100 ribu sehari", "500 ribu seminggu", "1,5 sampai 2 juta", "di atas 10 juta", "tidak tentu",
               "paling 2 juta", "24 juta setahun", "25", "2 juta sekali panen", "lewati"),
    "work_days": ("26", "4", "kadang kadang", "saben dino", "libur 2 hari"),
    "program": ("hemat", "lengkap", "JKK saja", "terserah"),
    "business_name": ("Warung Bu Sri", "lewati", "!!!"),
    "phone": ("0812 0000 1234", "0271 000000", "+65 8000 0000", "nomor ini", "tidak punya hp", "0812",
              "0812 0000 1234 atau 0813 0000 1234"),
    "contact_time": ("besok pagi", "Senin jam 2 siang", "hari kerja", "akhir pekan sore", "jangan ditelepon", "malam",
                     "kapan saja", "0813 0000 1234"),
    "confirm": ("kirim", "ubah", "ubah pekerja", "ada yang salah"),
    "note": ("minta ditelepon lagi", "lewati"),
    "outcome": ("tidak diangkat", "berminat"),
    "remind": ("besok jam 9", "2 jam lagi", "kapan-kapan", "lewati"),
    "when": ("besok jam 9", "sekarang", "Senin sore WITA", "kemarin", "hari kerja"),
    "allow": ("boleh", "jangan", "mungkin"),
    "purpose": ("pengingat", "kabar", "entah"),
    "audience": ("semua", "belum selesai", "petugas", "sendiri", "entah"),
    "status": ("aktif", "berminat", "lewati"),
    "campaign": ("pasar-gede", "dua kata", "lewati"),
    "button": ("lanjutkan", "lewati", "entah"),
    "words": ("Halo {nama}", "Halo {nik}", "x" * 3600, "{usaha} {kode}"),
    "wages": ("semua dibayar", "sebagian", "keluarga"),
}  # fmt: skip
TYPED = (
    "ya", "tidak", "belum", "12345", "ubah", "ubah nama", "kembali", "batal", "bantuan", "status", "lihat data", "hapus data",
    "petugas", "berhenti", "mulai", "daftar", "iurannya berapa?", "apa bedanya dengan BPJS Kesehatan?", "halo", "makasih",
    "xyzzy", "/tugas", "/libur", "/masuk", "ingatkan besok jam 9", "ingatkan RK-00012 lusa",
    "bahasa", "basa jawa", "bahasa indonesia", "tidak yakin", "{code} *tebal* \ue000", "3 eh iurannya brp",
)  # fmt: skip


@pytest.fixture(scope="module")
def knows() -> Knowledge:
    office = "Dinas Koperasi Kota Surakarta"
    return Knowledge(ear(), reference.rates(), reference.offices(), office, labels=OnButtons(*CATALOGS))


@pytest.fixture(scope="module")
def officer() -> Officer:
    return Officer(7, "Rini", "officer")


class NotRead(tuple[str, ...]):
    """Codes that were not read for this turn: whoever looks at them has not said so in ``asks_for_codes``."""

    __slots__ = ()

    def _looked_at(self, *_: Any) -> Any:
        raise AssertionError("the codes of an officer's open leads were not read")

    __iter__ = __contains__ = __getitem__ = __bool__ = __len__ = _looked_at


NOT_READ = NotRead()


class Walk:
    """One person who does this and that: an owner, or with ``stock`` an officer who has these leads to look after."""

    def __init__(
        self, knows: Knowledge, chance: Random, stock: tuple[Lead, ...] = (), officer: Officer | None = None
    ) -> None:
        self.chance, self.stock = chance, stock
        self.leads: tuple[Lead, ...] = ()
        channel = chance.choice(("telegram", "whatsapp", "simulator", "terminal"))
        now = NOW.replace(year=2028) if chance.random() < 0.2 else NOW  # by then every dated cut has ended
        phone = "+6281200001234" if chance.random() < 0.3 else ""
        self.world = World(now, knows, channel=channel, phone=phone, officer=officer, stopped=not phone,
                           profile="Siti 🌸" if phone else "")  # fmt: skip
        self.session: Session = first_session(self.world)
        self.buttons: tuple[Button, ...] = ()
        self.told_who_we_are = False

    def turns(self, count: int) -> Iterator[tuple[Any, ...]]:
        for number in range(count):
            heard = self._heard()
            about = heard.pressed.value if heard.pressed and heard.pressed.dialogue == "lead" else self.session.about
            asked = asks_for_codes(self.session, heard, self.world.knows.ear)
            self.world = replace(
                self.world,
                task_count=len(self.stock),
                task_codes=tuple(lead.code for lead in self.stock) if asked else NOT_READ,
                now=self.world.now + timedelta(minutes=1),
                fresh=f"RK-{number:04}",
                staffed=frozenset({"33.72"} if self.chance.random() < 0.5 else ()),
                lead=next((lead for lead in (*self.leads, *self.stock) if lead.code == about), None),
                leads=self.leads,
                invitation=self.chance.choice(("ok", "bad")) if heard.start == "invitation" else "",
                invited=self.chance.choice(
                    (None, Officer(9, "Rina", "officer", ("33.72",)), Officer(9, "Rina", "admin"))
                ),
                join_code=self.chance.choice(CODES) if heard.text.startswith("SB-") else "",
                other=self.chance.choice((None, OtherChat("telegram", NOW), OtherChat("whatsapp", NOW, "001"))),
            )
            turn = step(self.session, heard, self.world, BOOK)
            self.session = turn.session
            effects = tuple(self._listed(effect) for effect in turn.effects)
            for effect in effects:
                self._follow(effect)
            yield effects

    def _listed(self, effect: Any) -> Any:
        """A list that an officer asked for as the shell says it; every other effect as it is."""
        if not isinstance(effect, ListTasks | ListUntaken):
            return effect
        page = Page(effect.page, only=effect.only if isinstance(effect, ListTasks) else "")
        stock = self.stock[page.skip :][: page.size]
        if isinstance(effect, ListTasks):
            return task_list(len(self.stock), stock, page, self.world, untaken=len(self.buttons))
        waiting = [UntakenLead(lead.code, lead.answers["regency"], lead.created) for lead in stock]
        return untaken_list(len(self.stock), waiting, page, self.world)

    def _heard(self) -> Heard:
        what = self.chance.random()
        if self.buttons and what < (0.8 if self.stock else 0.45):
            return Heard(pressed=self.chance.choice(self.buttons).press)
        if what < 0.48:
            return self.chance.choice(self._odd())
        fitting = ANSWERS.get(self.session.asked, TYPED) if what < 0.92 else TYPED
        return Heard(text=self.chance.choice(fitting))

    def _odd(self) -> tuple[Heard, ...]:
        verb, code = self.chance.choice(("take", "note", "show", "remind")), self.chance.choice(("RK-0001", "RK-0009"))
        return (
            Heard(other=self.chance.choice((*OTHER, "hologram"))),
            Heard(text="nik saya ################", masked=True),
            Heard(contact=Contact("+6281200001234", own=self.chance.random() < 0.7)),
            Heard(start=self.chance.choice(("pasar-gede", "invitation"))),
            Heard(text="SB-22222222"),
            Heard(pressed=Press("registration", "workers", "2", "old")),
            Heard(pressed=Press("lead", verb, code)),
            Heard(pressed=Press("command", "siaran", "new")),
            Heard(pressed=Press("command", "untaken", self.chance.choice(("", "1", "9")))),
        )

    def _follow(self, effect: Any) -> None:
        if isinstance(effect, Say) and effect.buttons:
            self.buttons = effect.buttons
        if isinstance(effect, SubmitLead):
            sent = Lead(effect.code, effect.status, NOW, effect.answers, estimate=effect.estimate)
            self.leads += (later(sent, self.chance),)
        if isinstance(effect, Say):
            self.told_who_we_are |= any(text.key == "registration.consent.ask" for text in inside(effect.text))
        if isinstance(effect, GiveConsent) and effect.purpose == "data" and effect.given:
            assert self.told_who_we_are, "consent to words that nobody was shown is none"
        if isinstance(effect, ChooseLanguage):
            self.world = replace(self.world, language=effect.language)
        if isinstance(effect, ForgetMe):
            self.leads, self.told_who_we_are = (), False


def later(lead: Lead, chance: Random) -> Lead:
    """The lead as it may look some days on: nobody's still (perhaps the officer's own), or in the hands of one of two."""
    if lead.status == "waiting" or chance.random() < 0.3:
        return replace(lead, owner_id=chance.choice((None, 7)))
    status = chance.choice(("taken", "withdrawn", *filter(None, STATUS_AFTER.values())))
    name, number = chance.choice((("Rini", 7), ("Agus", 8)))
    outcome = chance.choice((*OUTCOMES, PAID))
    return replace(
        lead, status=status, officer=name, officer_id=number, history=(Visit(outcome, NOW, name, "catatan"),)
    )


def spoken(effects: tuple[Any, ...]) -> list[Say]:
    """What a turn says, to the person or, through the shell, to an officer."""
    says = [
        Say(effect.text) if isinstance(effect, Toast) else effect
        for effect in effects
        if isinstance(effect, Say | Toast)
    ]
    changes = [effect for effect in effects if isinstance(effect, ChangeLead)]
    return [*says, *(Say(Text("card.note_changed", {"code": each.code, "changes": each.changes})) for each in changes)]


def check(effects: tuple[Any, ...], fields: dict[str, set[str]]) -> None:
    """All of it has words; bold is closed; no line is empty twice; labels differ and are whole: on every channel, and in
    every language on the one with the least room."""
    says = spoken(effects)
    for say in says:
        for said in (*inside(say.text), *(one for button in say.buttons for one in inside(button.label))):
            fields.setdefault(said.key, set()).update(said.fields)
    spoken_so = [(CATALOGS.source, limits) for limits in CHANNELS.values()]
    spoken_so += [(catalog, CHANNELS["whatsapp"]) for catalog in CATALOGS if catalog is not CATALOGS.source]
    for catalog, limits in spoken_so:
        for message in outgoing(says, catalog, limits):
            marks = "".join(mark for mark in message.text if mark in (BOLD_ON, BOLD_OFF))
            assert marks == (BOLD_ON + BOLD_OFF) * (len(marks) // 2), message.text
            assert "\n\n\n" not in message.text
            labels = [key.label for row in message.keys for key in row]
            assert len(labels) == len(set(labels)), labels
            assert not any(label.endswith("…") for label in labels), labels


def test_no_walk_through_the_conversations_meets_missing_words_or_broken_buttons(
    knows: Knowledge, officer: Officer
) -> None:
    """Chats at random, the same ones every time, on every channel: owners first, then officers with their leads."""
    met: dict[str, set[str]] = {}
    leads: list[Lead] = []
    for seed in range(OWNERS):
        walk = Walk(knows, Random(seed))
        for effects in walk.turns(40):
            check(effects, met)
        leads += (replace(lead, code=f"RK-{seed:03}{lead.code[-2:]}", status="new", officer="", officer_id=None, history=())
                  for lead in walk.leads if lead.status != "waiting" or seed % 4 == 0)  # fmt: skip
    for seed in range(OFFICERS):
        chance = Random(seed)
        role = "admin" if seed % 4 == 0 else "officer"
        at_work = replace(officer, absent=chance.random() < 0.5, role=role)
        stock = tuple(later(lead, chance) for lead in chance.sample(leads, chance.choice((0, 2, 12))))
        for effects in Walk(knows, chance, stock, at_work).turns(40):
            check(effects, met)
    ours = {key: names for key, names in met.items() if not key.startswith("faq.")}
    assert {key: names for key, names in ours.items() if names != FIELDS.get(key, set())} == {}
    assert len(ours) > 270, "the walks see most of what there is to say"


@pytest.mark.parametrize("first", ["ya", "boleh", "1", "tidak", "kirim", "halo", "mau daftar", "iurannya berapa?"])
def test_whatever_the_first_message_says_the_opening_comes_before_any_consent(knows: Knowledge, first: str) -> None:
    """Nobody can agree to, or refuse, what they have not been asked."""
    world = World(NOW, knows)
    turn = step(first_session(world), Heard(text=first), world, BOOK)
    assert not any(isinstance(effect, GiveConsent) for effect in turn.effects)
    assert "registration.consent.ask" in {text.key for say in spoken(turn.effects) for text in inside(say.text)}
