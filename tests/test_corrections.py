"""A sentence that corrects changes exactly its answer: at any question, at the review, and after the lead was sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.dialogues.registration import registration
from conversations.engine.effects import ChangeLead, ForgetMe
from conversations.engine.turn_state import scene_of
from tests.stepwise import Person, registered, upto

PHONE = {"kind": "phone", "e164": "+6285700003333", "source": "typed"}
SOLO, KLATEN = "33.72", "33.10"

SENTENCES: list[tuple[str, str, Any]] = [
    ("eh pegawainya 4 bukan 2", "workers", [4, 4]),
    ("pegawainya salah, harusnya 4", "workers", [4, 4]),
    ("4 bukan 2", "workers", [4, 4]),
    ("ubah jumlah karyawan jadi 4", "workers", [4, 4]),
    ("kecamatannya salah harusnya jebres", "district", "33.72.04"),
    ("jebres bukan laweyan", "district", "33.72.04"),
    ("ubah nama jadi Budi Santoso", "name", {"name": "Budi Santoso", "address": "Ibu"}),
    ("bukan bu siti tapi bu tumini", "name", {"name": "Tumini", "address": "Ibu"}),
    ("nama saya keliru, yang benar bu tumini", "name", {"name": "Tumini", "address": "Ibu"}),
    ("ubah nomor jadi 0857 0000 3333", "phone", PHONE),
    ("nomornya diganti 0857-0000-3333 ya", "phone", PHONE),
    ("ganti jenis usaha jadi katering", "sector", {"category": "kuliner", "said": "katering"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "key", "value"), SENTENCES)
def test_at_the_review_a_sentence_changes_exactly_its_answer(said: str, key: str, value: Any) -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says(said)
    assert dict(person.session.answers) == {**before, key: value}
    assert "put_right" in person.told
    assert person.asked == "registration.confirm"


@pytest.mark.parametrize(
    ("said", "key", "value"),
    [
        ("kok 2, saya kan punya 4 pegawai", "workers", [4, 4]),
        ("lho kok 2 orang, yang bantu kan 4", "workers", [4, 4]),
        ("pegawai saya kan 4", "workers", [4, 4]),
        ("programnya yang lengkap saja deh", "program", "three"),
    ],
)
@pytest.mark.parametrize("question", ["phone", "confirm"])
def test_who_wonders_at_an_answer_puts_it_right(question: str, said: str, key: str, value: Any) -> None:
    person = upto(question)
    before = dict(person.session.answers)
    person.says(said)
    assert dict(person.session.answers) == {**before, key: value}


@pytest.mark.parametrize(
    "said", ["gak bener itu, pegawainya 4", "belum benar, pegawainya 4", "kurang tepat, yang bantu 4"]
)
def test_at_the_review_what_is_right_may_stand_behind_a_denial(said: str) -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says(said)
    assert dict(person.session.answers) == {**before, "workers": [4, 4]}


@pytest.mark.parametrize(
    "said",
    [
        "kok belum dikirim, kan sudah lengkap",
        "kok lama, saya kan buru-buru",
        "kan sudah saya isi",
        "usaha saya kan kecil",
    ],
)
def test_who_wonders_at_something_else_changes_nothing(said: str) -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says(said)
    assert dict(person.session.answers) == before


def test_who_complains_after_sending_changes_nothing() -> None:
    person = registered()
    person.says("kok belum ditelpon, kan sudah 3 hari")
    assert not person.did(ChangeLead)
    assert person.session.dialogue == "home"


@pytest.mark.parametrize(("said", "key", "value"), [one for one in SENTENCES if "bukan" not in one[0]])
def test_after_sending_the_lead_is_changed_at_once_and_can_be_changed_back(said: str, key: str, value: Any) -> None:
    person = registered()
    before = dict(person.world.leads[0].answers)
    person.says(said)
    assert [dict(change.answers) for change in person.did(ChangeLead)] == [{**before, key: value}]
    assert {"put_right", "registration.changed"} <= person.told
    assert person.session.dialogue == "home"
    assert person.button("correct").press.value == key


def test_a_known_town_is_the_place_whatever_it_is_called_and_the_trade_stays() -> None:
    for said in (
        "eh salah, usahanya di klaten bukan solo",
        "usahanya bukan di solo tapi di klaten",
        "alamatnya harusnya klaten",
    ):
        person = upto("confirm")
        trade = person.session.answers["sector"]
        person.says(said)
        assert person.session.answers["regency"] == KLATEN, said
        assert person.session.answers["sector"] == trade


def test_a_new_town_makes_the_district_void_and_nothing_else() -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says("usahanya di klaten bukan solo")
    assert set(before) - set(person.session.answers) == {"district"}
    assert person.asked != "registration.confirm"


def test_the_open_question_stays_open_after_a_correction() -> None:
    person = upto("phone").says("eh pegawainya 4 bukan 2")
    assert person.session.answers["workers"] == [4, 4]
    assert person.asked == "registration.phone"


def test_without_a_name_it_is_the_last_answer_that_was_wrong() -> None:
    person = upto("wages").says("eh salah, 4 orang")
    assert person.session.answers["workers"] == [4, 4]


def test_at_the_review_a_name_is_enough() -> None:
    person = upto("confirm").says("nama saya bu tumini")
    assert person.session.answers["name"] == {"name": "Tumini", "address": "Ibu"}


def test_another_number_at_the_review_is_the_number_to_call() -> None:
    person = upto("confirm").says("tapi hubungi ke nomor suami saya aja 0857 0000 3333")
    assert person.session.answers["phone"] == PHONE


def test_on_a_channel_that_shows_the_number_another_one_can_be_named() -> None:
    person = Person(phone="+6281200007001").goes_on("confirm")
    person.says("hubungi ke nomor suami saya aja 0857 0000 3333")
    assert person.session.answers["phone"] == PHONE
    assert person.says("kirim").world.leads[0].answers["phone"] == PHONE


def test_what_has_no_value_opens_the_question_as_before() -> None:
    person = upto("confirm").says("nomornya salah")
    assert person.asked == "registration.phone"


def test_telling_an_answer_once_more_changes_nothing() -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says("ubah nama jadi Bu Siti")
    assert dict(person.session.answers) == before
    assert "kept_as_it_was" in person.told


@pytest.mark.parametrize(
    "said",
    ["kenapa jadi 4 bukan 2?", "bukan gitu maksud saya", "saya bukan robot", "gak ada yang salah", "sudah benar semua"],
)
def test_what_corrects_nothing_changes_nothing(said: str) -> None:
    person = upto("confirm")
    before = {k: v for k, v in person.session.answers.items() if k != "confirm"}
    person.says(said)
    assert {k: v for k, v in person.session.answers.items() if k in before} in ({}, before)


@pytest.mark.parametrize("no", ["lewati", "gak usah", "tidak jadi", "batal", "kembali"])
@pytest.mark.parametrize("key", ["nama", "nomor", "kecamatan", "waktu", "karyawan"])
def test_whoever_leaves_a_change_leaves_the_answer_as_it_was_and_is_told_so(no: str, key: str) -> None:
    person = upto("confirm")
    before = registration.applying(scene_of(person.session, person.world))
    person.says(f"ubah {key}").says(no)
    assert registration.applying(scene_of(person.session, person.world)) == before
    assert "kept_as_it_was" in person.told
    assert not person.did(ForgetMe)


def test_leaving_a_change_after_sending_keeps_the_number() -> None:
    person = registered().says("ubah nomor").says("lewati")
    assert person.session.answers["phone"]["e164"] == "+6281200007001"


def test_going_back_says_where_to() -> None:
    assert "back.to" in upto("workers").says("kembali").told


@given(
    st.sampled_from(("workers", "district", "name", "phone")),
    st.sampled_from(("jadi {}", "salah, harusnya {}", "diganti {}", "harusnya {} ya mas")),
    st.integers(0, 3),
)
def test_a_correction_changes_only_its_field(key: str, form: str, which: int) -> None:
    names = {"workers": "jumlah karyawan", "district": "kecamatan", "name": "nama", "phone": "nomor hp"}
    values = {
        "workers": ("1", "3 orang", "enam", "12"),
        "district": ("jebres", "Banjarsari", "serengan", "pasar kliwon"),
        "name": ("Pak Joko", "Bu Wati", "Mbak Rini", "Suparno"),
        "phone": ("0857 0000 3333", "085700004444", "0857-0000-5555", "+62 857 0000 6666"),
    }
    person = upto("confirm")
    before = dict(person.session.answers)
    start = "ubah " if form.startswith("jadi") else ""
    person.says(start + names[key] + " " + form.format(values[key][which]))
    after = dict(person.session.answers)
    assert {k for k in {**before, **after} if before.get(k) != after.get(k)} == {key}


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("karyawannya bukan 2, tapi 6", "workers"),
        ("mas yang benar pegawai saya 5 orang", "workers"),
        ("nomor hp saya ganti 0857 0000 3333", "phone"),
        ("pakai nomor anak saya aja 0857 0000 3333", "phone"),
        ("telponnya jangan pagi, sore aja", "contact_time"),
        ("usahanya bukan warung, laundry", "sector"),
        ("programnya yang lengkap aja", "program"),
        ("upahnya salah, tidak dibayar", "wages"),
        ("kabupatennya sukoharjo", "regency"),
    ],
)
def test_people_correct_in_many_ways(said: str, key: str) -> None:
    person = upto("confirm")
    before = dict(person.session.answers)
    person.says(said)
    assert person.session.answers[key] != before.get(key)
    follows = {"district", "outside"} if key == "regency" else set()
    assert {k for k in before if before[k] != person.session.answers.get(k)} <= {key, *follows}
