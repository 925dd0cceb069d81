"""What people ask on the way: answered where it is clear, else offered as buttons; the open question stands again below."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.render import text
from conversations.dialogues.book import BOOK
from conversations.engine.core import Button, Heard, Say
from conversations.engine.effects import ReportImpostor
from conversations.engine.topics import explain
from conversations.engine.turn_state import TurnState
from locales import Catalog
from storage.engine.database import Database
from storage.sealing.vault import Vault
from tests.conftest import WIB, Clock
from tests.owners import register
from tests.stepwise import NINE, Person, registered, upto
from tests.town import town

CATALOG = Catalog.load()
UNCLEAR = "nanti ke kantor bawa apa bayar berapa"  # near to several topics


def topics(person: Person) -> list[Button]:
    """The buttons of topics that were offered last."""
    return [button for button in person.buttons if button.press.question == "faq"]


def said(person: Person) -> str:
    return "\n".join(text(effect.text, CATALOG) for effect in person.effects if isinstance(effect, Say))


def answer(topic: str, day: datetime = NINE, person: Person | None = None) -> str:
    """The answer to this topic, on this day."""
    who = person or Person("halo")
    return text(explain(TurnState(who.session, Heard(), replace(who.world, now=day), BOOK), topic), CATALOG)


def test_a_question_that_is_not_clear_offers_the_nearest_topics_below_the_open_question() -> None:
    person = upto("sector").says(UNCLEAR)
    assert "which_topic" in person.told
    assert person.asked == "registration.sector"
    assert [button.press.value for button in topics(person)] == ["documents", "office_location", "cost"]


def test_one_tap_answers_and_the_open_question_stands_again_below() -> None:
    person = upto("sector").says(UNCLEAR)
    person.presses(topics(person)[2])
    assert "faq.cost" in person.told
    assert "registration.sector.again" in person.told
    assert not topics(person)


@pytest.mark.parametrize("typed", ["Iuran per bulan", "iuran per bulan"])
def test_the_label_of_an_offered_topic_is_as_good_as_its_button(typed: str) -> None:
    assert "faq.cost" in upto("sector").says(UNCLEAR).says(typed).told


def test_numbers_of_topics_follow_those_of_the_choices_and_mean_nothing_once_a_question_was_put_again() -> None:
    person = upto("program").says(UNCLEAR)
    choices = len(person.buttons) - len(topics(person))
    assert "faq.cost" in person.says(str(choices + 3)).told
    assert "faq.cost" not in person.says(str(choices + 3)).told


def test_the_third_question_in_a_row_that_is_not_clear_offers_a_person_too() -> None:
    person = upto("sector").says(UNCLEAR).says(UNCLEAR)
    assert "human" not in {button.press.question for button in person.buttons}
    person.says(UNCLEAR)
    assert "human" in {button.press.question for button in person.buttons}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("regency", "RT 2 RW 3 dekat kantor pos"),
        ("phone", "pas warung tutup saja"),
        ("member", "dulu pernah dari pabrik"),
        ("member", "belum pernah daftar apa apa"),
        ("workers", "kartu undangan saya cetak sendiri"),
        ("sector", "hari ini panas sekali di pasar"),
        ("program", "uang saya tadi jatuh di jalan"),
    ],
)
def test_who_asks_nothing_gets_no_answer_to_a_question(question: str, words: str) -> None:
    person = upto(question).says(words)
    assert not any(key.startswith("faq.") for key in person.told)


# ------------------------------------------------------------------------------------------------ which BPJS


@pytest.mark.parametrize(
    "words",
    [
        "bpjs saya nunggak setahun bagaimana",
        "denda bpjs berapa kalau telat",
        "mau aktifkan bpjs yang mati",
        "bpjs kelas dua bisa turun kelas?",
        "bpjs saya buat berobat kok ditolak?",
    ],
)
def test_arrears_and_classes_of_bpjs_alone_are_those_of_the_other_one(words: str) -> None:
    person = upto("program").says(words)
    assert "faq.other_bpjs" in person.told
    assert said(person).startswith("Kalau maksudnya *BPJS Kesehatan*".replace("*", "\ue000", 1).replace("*", "\ue001"))
    assert "denda" not in said(person)


def test_who_says_which_bpjs_is_answered_about_ours() -> None:
    assert "faq.payment_late" in upto("sector").says("kalau nunggak bpjs ketenagakerjaan kena denda?").told


# ------------------------------------------------------------------------------------------------ from dated rows


@pytest.mark.parametrize(
    ("day", "drivers", "others"),
    [("2026-11-30", True, True), ("2027-01-15", True, False), ("2027-04-01", False, False)],
)
def test_the_cut_is_told_as_long_as_its_row_holds(day: str, drivers: bool, others: bool) -> None:
    at = datetime.fromisoformat(day).replace(hour=9, tzinfo=WIB)
    for topic in ("cut", "cost"):
        told = answer(topic, at)
        assert ("50% sampai 31 Maret 2027" in told) is drivers
        assert ("50% sampai 31 Desember 2026" in told) is others
    assert ("tidak ada potongan" in answer("cut", at)) is not (drivers or others)


def test_what_a_worker_costs_is_told_as_long_as_its_rows_hold() -> None:
    assert "Rp12.000 sampai Rp45.000 per orang sebulan" in answer("workers_register")
    later = answer("workers_register", NINE.replace(year=2027))
    assert "per orang sebulan" not in later
    assert "\n\n" not in later


# ------------------------------------------------------------------------------------------------ who is who


@pytest.mark.parametrize("words", ["do you speak English?", "english please", "bisa bahasa inggris?"])
def test_who_asks_for_english_is_told_so_in_english_and_loses_no_place(words: str) -> None:
    person = upto("workers").says(words)
    assert "Short answers in English are often understood" in said(person)
    assert person.asked == "registration.workers"
    assert "Jawa" not in said(person)


def test_who_runs_this_is_told_by_name_and_the_officer_once_somebody_has_the_lead() -> None:
    assert "Kantor Percontohan" in answer("who_runs")
    assert "Kantor Percontohan" in answer("scam_official")
    owner = registered()
    owner.world = replace(owner.world, leads=(replace(owner.world.leads[0], officer="Rini", status="taken"),))
    assert "Rini" not in answer("who_runs")
    assert "Rini" in answer("who_runs", person=owner)


def test_the_office_is_named_where_it_is_known_which_one_it_is() -> None:
    assert answer("office_location").startswith("Alamat")
    assert "kantor BPJS Ketenagakerjaan Surakarta" in answer("office_location", person=upto("sector"))
    assert "175" in answer("office_location", person=upto("sector"))


@pytest.mark.parametrize("words", ["ada yang ngaku petugas minta transfer", "petugasnya minta kode otp, gimana ini?"])
def test_a_false_officer_is_reported_before_and_after_the_lead_was_sent(words: str) -> None:
    before, after = upto("sector").says(words), registered().says(words)
    assert before.did(ReportImpostor) == [ReportImpostor("", "33.72")]
    assert after.did(ReportImpostor) == [ReportImpostor(after.world.leads[0].code, "33.72")]
    assert "faq.impostor" in before.told & after.told


async def test_the_coordinator_hears_of_a_false_officer_and_the_owner_that_they_do(
    sqlite_database: Database, vault: Vault, clock: Clock
) -> None:
    async with town(sqlite_database, vault, clock) as there:
        code = await register(there, "Siti")
        await there.say("Siti", "tidak")
        asked = "ada yang ngaku petugas minta transfer"
        assert "Koordinator" not in await there.say("Siti", asked), "there is none yet"
        await there.hire("Kris", role="coordinator")
        told = await there.say("Siti", asked)
        assert "Jangan dilayani" in told
        assert "Koordinator petugas juga sudah kami beri tahu" in told
        assert "Laporan petugas palsu" in there.last("Kris")
        assert code in there.last("Kris")


# ------------------------------------------------------------------------------------------------ what people ask


@pytest.mark.parametrize(
    ("question", "words", "topic"),
    [
        ("name", "lha manfaatnya buat penjual kayak saya opo", "about"),
        ("program", "diskonnya berlaku nganti kapan to", "cut"),
        ("sector", "password jmo saya kelupaan", "account"),
        ("sector", "pkh saya kena coret gak nanti", "bansos"),
        ("program", "uang iurannya nanti dikorupsi pejabat gak", "money_safe"),
        ("regency", "sing nduwe layanan iki sopo", "who_runs"),
        ("program", "habis dipecat pabrik saya dapat apa", "job_loss"),
        ("sector", "artinya bpu apa sih", "pu_bpu"),
        ("regency", "ngapain sih tanya alamat saya", "why_asked"),
        ("name", "dapet nomerku dari siapa", "our_number"),
        ("sector", "kantornya tutup jam piro", "office_location"),
        ("workers", "per karyawan nambah berapa iurannya", "workers_register"),
        ("sector", "nanti ditagih gak", "registration_free"),
        ("program", "kalo sakit ditanggung?", "bpjs_kesehatan"),
    ],
)
def test_the_topics_that_strangers_missed_are_there(question: str, words: str, topic: str) -> None:
    assert f"faq.{topic}" in upto(question).says(words).told
