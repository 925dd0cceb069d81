"""What words mean depends on the question that is open: kinds of words that were once taken for something else."""

from __future__ import annotations

from typing import Any

import pytest

from conversations.engine.effects import StopMessages
from tests.understanding.owners import Played, played
from tests.understanding.way import led


def said(at: str, words: str, **pre: str) -> Played:
    return played({"at": at, "say": words, "pre": pre})


def kept(at: str, words: str, **pre: str) -> dict[str, Any]:
    return dict(said(at, words, **pre).it.stored)


@pytest.mark.parametrize("at", ["confirm", "phone", "contact_time", "workers"])
@pytest.mark.parametrize("words", [
    "berhenti, jangan hubungi saya", "stop jangan hubungi saya lagi", "berhenti jangan telepon", "stop, gak usah ditelpon",
    "udah stop aja jangan wa", "mandeg, ojo telpon",
])  # fmt: skip
def test_a_word_for_stopping_beside_a_wish_about_contact_ends_all_messages(at: str, words: str) -> None:
    person = led(at)
    assert any(isinstance(effect, StopMessages) for effect in person.says(words).effects)


@pytest.mark.parametrize(
    "words", ["jangan telepon, chat saja", "chat aja, jangan telpon", "gak usah ditelpon", "wa saja jangan telp"]
)
def test_without_one_it_is_how_the_owner_wants_to_be_contacted(words: str) -> None:
    assert kept("confirm", words) == {"contact_time": {"kind": "none"}}


@pytest.mark.parametrize("at", ["workers", "income", "sector"])
@pytest.mark.parametrize("word", ["banyak", "akeh", "banyak banget", "lumayan banyak", "agak lama"])
def test_a_word_of_how_much_is_never_a_topic(at: str, word: str) -> None:
    assert not said(at, word).it.topics


@pytest.mark.parametrize(
    "words",
    ["wa saya 081200004321", "wa 081200004321", "081200004321 wa", "wa ku 0812 0000 4321", "wa saya: 081200004321"],
)
def test_whose_whatsapp_a_number_is_says_nothing_of_calls(words: str) -> None:
    assert kept("phone", words).keys() == {"phone"}


def test_only_writing_says_that_no_call_is_wanted() -> None:
    assert kept("phone", "081200004321 wa saja")["contact_time"] == {"kind": "none"}


@pytest.mark.parametrize("words", [
    "buat apa nanya penghasilan", "ngapain nanya gaji", "kok nanya gaji segala", "kenapa tanya penghasilan",
    "buat apa nanya", "ngapain tanya-tanya pendapatan",
])  # fmt: skip
def test_who_asks_why_the_income_is_asked_is_answered(words: str) -> None:
    it = said("income", words).it
    assert it.topics & {"why_income", "why_asked"}
    assert not it.stored


@pytest.mark.parametrize(
    "words", ["bandung", "jl mawar 12", "gang kelinci", "jln anggrek no 3", "perum melati indah", "jalan kambing"]
)
def test_a_town_or_street_is_no_trade(words: str) -> None:
    assert not kept("regency", words)


OLD, MEMBER = {"member": "sudah 65 tahun"}, {"member": "sudah punya bpjs ketenagakerjaan"}


@pytest.mark.parametrize(
    "words",
    [
        "tanyakan petugas saja",
        "biar petugas cek",
        "petugas saja yang cek",
        "ditanyakan petugas dulu ya",
        "tolong dicekkan petugasnya",
    ],
)
@pytest.mark.parametrize(("at", "pre"), [("over_age", OLD), ("member_next", MEMBER)])
def test_an_officer_shall_look_at_it_is_that_way_on(at: str, pre: dict[str, str], words: str) -> None:
    assert kept(at, words, **pre)[at] == "officer"


@pytest.mark.parametrize(
    "words",
    ["karyawan saya saja yang didaftarkan", "yang didaftarkan karyawannya aja", "pegawaiku wae", "anak buah saja"],
)
@pytest.mark.parametrize(("at", "pre"), [("over_age", OLD), ("member_next", MEMBER)])
def test_the_workers_alone_is_that_way_on(at: str, pre: dict[str, str], words: str) -> None:
    assert kept(at, words, workers="2 dibayar", **pre)[at] == "workers"


@pytest.mark.parametrize("words", ["jangan tanya petugas", "stop, jangan petugas hubungi", "petugasnya siapa"])
def test_what_is_denied_or_asked_is_no_way_on(words: str) -> None:
    assert "over_age" not in kept("over_age", words, **OLD)


@pytest.mark.parametrize(("words", "kin", "name"), [
    ("ini untuk ibu saya, bu Lasmi", "parent", "Lasmi"), ("saya daftarkan suami saya, namanya Paijo", "husband", "Paijo"),
    ("untuk bapak saya, pak Karto", "parent", "Karto"), ("suami saya namanya Paijo", "husband", "Paijo"),
    ("mau daftarin ibu saya namanya Lasmi", "parent", "Lasmi"), ("buat istri, namanya Siti", "wife", "Siti"),
])  # fmt: skip
def test_another_person_is_registered_by_name(words: str, kin: str, name: str) -> None:
    person = led("name")
    person.says(words)
    assert person.session.answers["name"]["name"] == name
    assert person.session.notes["kin"] == kin


@pytest.mark.parametrize("words", ["nama saya Ani, suami saya Pak Heru", "saya Slamet, istri saya Sri"])
def test_of_two_names_it_is_asked_whose(words: str) -> None:
    assert not kept("name", words)


@pytest.mark.parametrize("words", ["belum 65", "blm 65", "belum 65 kok", "durung 65", "saya belum 65"])
def test_belum_beside_65_tells_the_age_and_nothing_of_the_card(words: str) -> None:
    assert kept("member", words) == {"under_65": "yes"}


def test_the_place_is_changed_by_where_it_is() -> None:
    assert kept("confirm", "tempatnya di karanganyar")["regency"] == "33.13"


@pytest.mark.parametrize(
    "words", ["alamat kantor karanganyar", "nomor telepon kantor bpjs klaten", "alamat kantor cabang sragen"]
)
def test_our_office_is_no_place_of_the_business(words: str) -> None:
    assert not kept("confirm", words)


@pytest.mark.parametrize(
    "words", ["selamat malam, mohon info cara hapus akun", "info hapus data", "mohon petunjuk cara hapus data saya"]
)
@pytest.mark.parametrize("at", ["consent", "member", "home"])
def test_how_to_delete_is_a_wish_to_be_deleted(at: str, words: str) -> None:
    assert "delete_data" in said(at, words).it.done


@pytest.mark.parametrize(("at", "words", "pay"), [
    ("wages", "bagi hasil", "share"), ("wages", "borongan", "piece"), ("wages", "sistem bagi hasil pak", "share"),
    ("wages", "dibayar per potong", "piece"), ("workers", "3 orang, bagi hasil", "share"), ("workers", "2 borongan", "piece"),
])  # fmt: skip
def test_how_workers_are_paid_is_noted_for_the_officer(at: str, words: str, pay: str) -> None:
    person = led(at)
    person.says(words)
    person.goes_on("confirm")
    assert f"notes.pay.{pay}" in person.told


def test_nothing_is_noted_of_plain_pay_or_none() -> None:
    for words in ("digaji semua", "keluarga", "harian"):
        person = led("wages")
        person.says(words)
        assert "pay" not in person.session.notes


def test_an_employer_reads_beside_the_price_what_a_worker_costs() -> None:
    assert "registration.program.worker" in led("program", workers="2 dibayar").told
    assert "registration.program.worker" not in led("program", workers="sendiri").told


def test_the_number_of_a_choice_is_no_piece_of_the_number_told_next() -> None:
    person = led("program")
    person.says("1")
    turn = person.says("0062 812 0000 1013")
    assert "keep_your_nik" not in person.told, turn
    assert person.session.answers["phone"]["e164"] == "+6281200001013"


WHY_IT_STOPPED = [
    "kok pesannya berhenti", "kenapa pesannya berhenti", "pesannya kok berhenti ya", "ngopo pesane mandek",
    "kok wa nya berhenti", "pesannya berhenti kenapa", "lho kok berhenti", "knp pesannya tiba-tiba berhenti?",
]  # fmt: skip


@pytest.mark.parametrize("at", ["name", "workers", "member", "income", "home"])
@pytest.mark.parametrize("words", WHY_IT_STOPPED)
def test_who_asks_why_messages_stopped_does_not_stop_them(at: str, words: str) -> None:
    person = led(at)
    assert not any(isinstance(effect, StopMessages) for effect in person.says(words).effects)
    assert not kept(at, words)


@pytest.mark.parametrize("at", ["workers", "home"])
@pytest.mark.parametrize(
    "words", ["hujannya gak mau berhenti", "berhenti jualan saya", "petugasnya sudah wa saya lagi"]
)
def test_something_else_that_stops_is_no_wish_about_messages(at: str, words: str) -> None:
    assert not any(isinstance(effect, StopMessages) for effect in led(at).says(words).effects)


@pytest.mark.parametrize("at", ["workers", "home"])
@pytest.mark.parametrize("words", [
    "berhenti", "berhenti kok", "tolong pesannya berhenti", "pesannya berhenti aja", "kok wa terus sih, berhenti",
    "kenapa wa saya terus, tolong berhenti", "sampun wa kula malih", "sampun wa kulo malih pak",
])  # fmt: skip
def test_a_wish_for_no_more_messages_is_heard_beside_a_why_and_in_krama(at: str, words: str) -> None:
    assert any(isinstance(effect, StopMessages) for effect in led(at).says(words).effects)


@pytest.mark.parametrize("words", [
    "saldo saya gak bertambah", "duitnya gak ilang kan", "uangnya gak hilang kan", "duit saya gak cair", "iya masih",
    "kartunya gak ilang kan", "saldo jht saya gak nambah",
])  # fmt: skip
def test_money_on_the_card_says_nothing_of_having_one(words: str) -> None:
    assert not kept("member", words)


@pytest.mark.parametrize(
    ("words", "card"),
    [
        ("belum punya duit", "no"),
        ("belum, saldo gak ada", "no"),
        ("uangnya sudah diambil", "once"),
        ("iya masih aktif", "yes"),
    ],
)
def test_beside_it_the_card_is_heard(words: str, card: str) -> None:
    assert kept("member", words)["member"] == card


@pytest.mark.parametrize("words", ["dapat bantuan 600 ribu ga", "dapat bantuan 600 ribu", "santunannya 2 juta ya"])
@pytest.mark.parametrize("at", ["program", "income"])
def test_money_that_is_given_is_no_income(at: str, words: str) -> None:
    assert not kept(at, words)


@pytest.mark.parametrize(("words", "told"), [
    ("sudah 66 pak", {"under_65": "no"}), ("udah 67 bu", {"under_65": "no"}), ("saya sudah punya ternyata", {"member": "yes"}),
    ("ternyata saya sudah punya", {"member": "yes"}), ("dulu pernah maksudnya", {"member": "once"}),
])  # fmt: skip
def test_the_card_is_put_right_at_the_programme_whatever_says_why(words: str, told: dict[str, str]) -> None:
    assert kept("program", words).items() >= told.items()


@pytest.mark.parametrize("words", ["dasar", "dasar aja", "yang dasar", "program dasar"])
def test_a_programme_named_after_sending_is_explained(words: str) -> None:
    it = said("home", words).it
    assert it.topics == {"program_difference"}
    assert not it.stored
