"""The rules of registering, each in a sentence; whole conversations are in ``tests/chats``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.dialogues.registration import registration
from conversations.engine.core import Contact, Heard, Say, Scene
from conversations.engine.effects import (
    AllowNews,
    CallHuman,
    ChangeLead,
    ForgetMe,
    GiveConsent,
    SubmitLead,
)
from conversations.rules.pricing import brackets
from tests.stepwise import Person, registered, upto


def fields(person: Person, key: str) -> Any:
    """The fields of the words that were said under this key."""
    return next(e.text.fields for e in person.effects if isinstance(e, Say) and e.text.key == key)


# ------------------------------------------------------------------------------------------------ consent


def test_consent_is_written_down_before_the_first_personal_question() -> None:
    person = Person("halo", "ya")
    assert [(c.purpose, c.given) for c in person.did(GiveConsent)] == [("data", True)]
    assert person.asked == "registration.name"


def test_without_consent_nothing_is_kept() -> None:
    person = Person("halo", "tidak")
    assert person.did(ForgetMe)
    assert [c.given for c in person.did(GiveConsent)] == [False]


def test_the_full_notice_is_one_tap_away_and_the_question_stays() -> None:
    person = Person("halo")
    person.presses(person.button("notice"))
    assert {"registration.notice", "registration.consent.again"} <= person.told


# ------------------------------------------------------------------------------------------------ what is asked of whom


def test_who_works_alone_is_not_asked_about_wages() -> None:
    assert "wages" not in upto("under_65", workers="0").session.answers


def test_only_builders_with_workers_are_asked_about_one_building_job() -> None:
    builder = {"sector": "borongan bangunan"}
    assert "project" in upto("under_65", **builder, workers="4").session.answers
    assert "project" not in upto("under_65", **builder, workers="0").session.answers
    assert "project" not in upto("under_65", workers="4").session.answers


def test_more_than_five_workers_are_asked_for_their_number() -> None:
    person = upto("workers")
    person.presses(person.button("more"))
    assert "registration.workers.how_many" in person.told
    assert person.says("8").session.answers["workers"] == [8, 8]


def test_a_members_card_or_65_years_lead_to_another_offer_and_no_price() -> None:
    assert upto("member").says("sudah").asked == "registration.member_next"
    person = upto("member").says("sudah 70")
    assert person.asked == "registration.over_age"
    answers = person.says("untuk pekerja saya").goes_on("phone").session.answers
    assert not {"member", "income", "program"} & answers.keys()


def test_a_daily_income_leads_to_one_question_about_days_and_is_not_converted_silently() -> None:
    person = upto("income").says("100rb sehari")
    assert person.asked == "registration.work_days"
    assert person.says("25").session.answers["income"]["low"] == 100_000


@pytest.mark.parametrize(("said", "days"), [("prei yen minggu", 26), ("yo meh saben dino", 26), ("saben dino", 30)])
def test_days_off_tell_the_working_days_and_are_read_back(said: str, days: int) -> None:
    person = upto("income").says("100rb sehari").says(said)
    assert person.session.answers["work_days"] == days
    assert "read_back" in person.told


def test_a_number_of_days_off_is_no_number_of_working_days() -> None:
    for income, said in (("100rb sehari", "libur 2 hari"), ("500rb seminggu", "prei yen minggu")):
        person = upto("income").says(income).says(said)
        assert "work_days" not in person.session.answers
        assert "registration.work_days.days_off" in person.told


def test_prei_means_free_of_charge_where_no_days_are_asked() -> None:
    assert "faq.registration_free" in upto("income").says("iki prei to").told


def test_a_yearly_income_is_read_back_as_said_and_priced_by_the_month() -> None:
    person = upto("income").says("24 juta setahun")
    assert person.session.answers["income"] == {"low": 24_000_000, "high": 24_000_000, "period": "year"}
    assert brackets(Scene(person.session.answers, person.world)) == (6, 6)


@pytest.mark.parametrize("said", ["1", "4", "25"])
def test_a_bare_number_at_the_income_is_asked_back_for_it_may_be_a_button_or_millions(said: str) -> None:
    assert "income" not in upto("income").says(said).session.answers


def test_a_skipped_income_gives_prices_that_begin_somewhere() -> None:
    person = upto("income").says("lewati")
    assert "money.from" in person.told


def test_an_employee_is_told_of_175_and_asked_again() -> None:
    person = upto("sector").says("karyawan pabrik")
    assert "registration.sector.employee" in person.told
    assert person.asked == "registration.sector"


def test_from_outside_the_area_a_lead_is_kept_only_if_wanted_and_waits() -> None:
    person = Person("halo", "ya", "Rudi", "surabaya")
    assert person.asked == "registration.outside"
    person.says("simpan dulu").says("0812 0000 7001").says("kapan saja").says("kirim")
    assert [lead.status for lead in person.did(SubmitLead)] == ["waiting"]
    assert Person("halo", "ya", "Rudi", "surabaya", "tidak usah").did(ForgetMe)


def test_a_channel_that_knows_the_number_is_not_asked_for_it() -> None:
    person = Person(phone="+6281200007001").goes_on("confirm")
    assert person.session.answers["phone"] == {"kind": "phone", "e164": "+6281200007001", "source": "channel"}
    person.says("kirim")
    assert person.world.leads[0].answers["phone"]["e164"] == "+6281200007001"


def test_the_number_that_a_channel_knows_is_shown_in_the_review_and_can_be_another() -> None:
    person = Person(phone="+6281200007001").goes_on("confirm")
    assert "registration.phone.of_chat" in person.told
    assert person.says("ubah nomor").asked == "registration.phone"
    person.says("085733334444")
    assert person.asked == "registration.confirm"
    assert "registration.phone.of_chat" not in person.told
    assert person.says("kirim").world.leads[0].answers["phone"]["e164"] == "+6285733334444"
    person.says("tidak").says("ubah nomor").says("nomor ini").says("kirim")
    assert person.world.leads[0].answers["phone"]["e164"] == "+6281200007001"


def test_back_passes_over_the_number_that_was_never_asked_for() -> None:
    person = Person(phone="+6281200007001").goes_on("confirm").says("kembali")
    assert person.asked == "registration.program"


# ------------------------------------------------------------------------------------------------ back and forth


def test_back_forgets_the_last_answer_and_stops_at_the_first_question() -> None:
    person = upto("sector").says("kembali")
    assert person.asked == "registration.district"
    person.says("kembali").says("kembali").says("kembali")
    assert person.asked == "registration.name"
    assert "back.first" in person.told


def test_back_undoes_a_change_that_was_begun() -> None:
    person = upto("confirm").says("ubah nama").says("kembali")
    assert person.asked == "registration.confirm"
    assert person.session.answers["name"]["name"] == "Siti"


def test_after_a_change_the_person_lands_where_they_were() -> None:
    person = upto("member").says("ubah nama").says("Bu Sri")
    assert person.asked == "registration.member"


@pytest.mark.parametrize("question", ["contact_time", "confirm"])
@pytest.mark.parametrize(
    "said", ["081200001234", "eh nomornya 0812 0000 1234 ya", "salah nomer, sing bener 081200001234"]
)
def test_another_number_sent_after_the_number_replaces_it_and_the_open_question_comes_again(
    question: str, said: str
) -> None:
    person = upto(question).says(said)
    assert person.session.answers["phone"] == {"kind": "phone", "e164": "+6281200001234", "source": "typed"}
    assert person.told & {"put_right", "registration.contact_time.unclear", "registration.confirm.unclear"} == {
        "put_right"
    }
    assert person.asked == f"registration.{question}"


def test_a_time_and_another_number_in_one_message_are_both_taken() -> None:
    person = upto("contact_time").says("besok jam 9 ke 081200001234")
    assert person.session.answers["phone"]["e164"] == "+6281200001234"
    assert person.session.answers["contact_time"]["time"] == "09:00"
    assert "also_noted" in person.told


def test_nothing_is_sent_with_a_number_that_the_review_did_not_show() -> None:
    person = upto("confirm").says("ya kirim ke 081200001234")
    assert not person.did(SubmitLead)
    assert person.session.answers["phone"]["e164"] == "+6281200001234"


def test_a_number_in_words_that_ask_for_erasure_replaces_none() -> None:
    before = upto("contact_time").session.answers["phone"]
    person = upto("contact_time").says("hapus nomor 081200001234")
    assert (person.session.answers["phone"], person.asked) == (before, "registration.contact_time")


@pytest.mark.parametrize("said", ["lho jenengku mini dudu siti", "namaku bukan bu siti tapi mini", "mini dudu siti"])
def test_another_name_beside_a_no_to_the_noted_one_changes_it(said: str) -> None:
    person = upto("confirm").says(said)
    assert person.session.answers["name"] == {"name": "Mini", "address": "Ibu"}
    assert "put_right" in person.told
    assert person.asked == "registration.confirm"


@pytest.mark.parametrize("said", ["mini", "bukan siti", "warung mini bukan warung budi", "mini dudu sri"])
def test_a_name_is_not_changed_on_less(said: str) -> None:
    assert upto("confirm").says(said).session.answers.get("name") in ({"name": "Siti", "address": "Ibu"}, None)


def test_another_regency_makes_the_district_void() -> None:
    person = upto("confirm").says("ubah kota").says("klaten")
    assert person.asked == "registration.district"
    assert "district" not in person.session.answers


def test_the_same_regency_again_keeps_the_district() -> None:
    assert upto("confirm").says("ubah kota").says("solo").asked == "registration.confirm"


def test_another_income_asks_for_the_programme_again_because_its_price_differs() -> None:
    assert upto("confirm").says("ubah penghasilan").says("5 juta").asked == "registration.program"


def test_an_answer_that_no_longer_applies_never_reaches_the_lead() -> None:
    person = upto("confirm").says("ubah pekerja").says("0").says("kirim")
    assert "wages" not in person.did(SubmitLead)[0].answers


def test_a_question_that_was_never_answered_cannot_be_changed() -> None:
    assert "correct.which" in upto("sector").says("ubah program").told


def test_cancelling_erases_somebody_who_has_no_lead_and_keeps_a_lead_that_was_sent() -> None:
    assert upto("member").says("batal").did(ForgetMe)
    assert not registered().says("ubah data").says("batal").did(ForgetMe)


# ------------------------------------------------------------------------------------------------ sending


def test_of_the_income_only_the_bracket_is_kept() -> None:
    person = Person().goes_on(income="2 juta")
    answers = person.did(SubmitLead)[0].answers
    assert answers["income"] == [6, 6], "two million a month"
    assert "work_days" not in answers


def test_a_weekday_is_promised_only_where_an_officer_is() -> None:
    assert "registration.done.nobody" in Person().goes_on().told
    assert "registration.done.above" in Person(above=True).goes_on().told
    assert "registration.done.by" in Person(staffed=frozenset({"33.72"})).goes_on().told


@pytest.mark.parametrize(
    ("said", "promise"),
    [
        ("Jumat sore", "registration.done.on"),
        ("Sabtu pagi", "registration.done.wish"),  # no officer works then
        ("Senin malam", "registration.done.wish"),
        ("habis subuh jam 5", "registration.done.wish"),
        ("akhir pekan saja", "registration.done.wish"),
        ("besok", "registration.done.on"),
        ("pagi", "registration.done.by"),
        ("tidak usah ditelepon", "registration.done.quiet"),
    ],
)
def test_a_promise_is_what_the_owner_asked_for_as_far_as_an_officer_can_keep_it(said: str, promise: str) -> None:
    person = Person(staffed=frozenset({"33.72"})).goes_on(contact_time=said)
    assert promise in person.told
    assert [effect.promised for effect in person.did(SubmitLead)] == [promise != "registration.done.quiet"]


def test_news_are_asked_for_once_and_apart() -> None:
    person = Person().goes_on()
    assert person.asked == "news.allow"
    assert [n.allowed for n in person.says("tidak").did(AllowNews)] == [False]
    person.says("ubah nama").says("Bu Sri").says("kirim")
    assert person.asked == "home.start", "who has answered is not asked again"


# ------------------------------------------------------------------------------------------------ after sending


def test_a_changed_lead_says_what_changed_and_stays_one_lead() -> None:
    person = registered().says("ubah nomor hp").says("0812 0000 7009").says("kirim")
    [change] = person.did(ChangeLead)
    assert len(change.changes) == 1
    assert len(person.world.leads) == 1


def test_a_lead_that_comes_into_the_area_is_new_and_no_longer_waits() -> None:
    person = registered(regency="surabaya")
    person.says("ubah kota").says("solo").goes_on()
    assert [change.status for change in person.did(ChangeLead)] == ["new"]


def test_a_change_without_a_change_tells_nobody() -> None:
    person = registered().says("ubah data").says("kirim")
    assert not person.did(ChangeLead)
    assert "registration.changed" in person.told


def test_another_business_asks_nothing_that_is_known_of_the_person() -> None:
    person = registered()
    another = person.button("another")
    person.presses(another)
    assert person.asked == "registration.regency"
    person.says("klaten").presses(another)
    assert person.session.answers["regency"] == "33.10", "the button again loses nothing"


def test_a_lead_opened_for_change_lets_an_unfinished_registration_wait_below() -> None:
    person = registered()
    change = person.button("change_lead")
    person.presses(person.button("another")).says("klaten").presses(change)
    assert person.asked == "registration.confirm"
    person.says("kirim")
    assert person.asked == "registration.district"
    assert person.session.answers["regency"] == "33.10"


def test_an_old_button_of_the_reminder_begins_no_second_lead() -> None:
    person = registered()
    person.presses(person.button("another").press._replace(question="restart"))
    assert "again.ask" in person.told


def test_who_asks_for_a_person_is_heard_by_the_officers_once_there_is_a_lead() -> None:
    assert "human.none" in upto("sector").says("petugas").told
    assert registered().says("petugas").did(CallHuman)


def test_erasure_is_asked_once_and_a_no_returns_to_the_open_question() -> None:
    person = upto("member").says("hapus data").says("hapus data")
    assert person.asked == "deletion.sure"
    assert person.says("tidak").asked == "registration.member"
    assert [f.why for f in person.says("hapus data").says("ya").did(ForgetMe)] == ["asked"]


def test_everything_that_is_kept_can_be_seen_at_any_question() -> None:
    assert "data.open" in upto("member").says("lihat data").told
    assert "data.lead" in registered().says("lihat data").told


# ------------------------------------------------------------------------------------------------ told by the way


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("warung makan bu sri di laweyan, 3 orang",
         {"workers": [3, 3], "district": "33.72.01", "business_name": "warung makan bu sri"}),
        ("jahit baju di jebres", {"district": "33.72.04"}),
        ("bengkel motor, karyawan 2", {"workers": [2, 2]}),
        ("laundry kiloan tiga karyawan", {"workers": [3, 3]}),
        ("warung makan 10 tahun, 3 orang", {"workers": [3, 3]}),
        # in doubt, so nothing is taken:
        ("warung makan", {}),
        ("warung makan di kartasura", {}),  # not in the regency that was said
        ("warung makan sama istri 3 orang", {}),
        ("warung makan kami 3 orang", {}),
        ("warung makan 10 tahun 3 orang", {}),
        ("jual bakso depan toko pak no", {}),
        ("jual sayur, anak 3 orang", {}),
        ("kerja di warung bu sri", {}),
        ("warung makan, dulu 3 karyawan", {}),
        ("warung makan 3 cabang", {}),
        ("warung makan buat 20 orang pelanggan", {}),
    ],
)  # fmt: skip
def test_beside_the_trade_only_what_cannot_be_misread_is_taken(said: str, taken: dict[str, Any]) -> None:
    person = upto("sector", district="lewati")
    before = person.session.answers
    person.says(said)
    found = {k: v for k, v in person.session.answers.items() if v != before.get(k) and k != "sector"}
    assert found == taken
    if taken:
        assert "," not in person.session.answers["sector"]["said"], "the trade alone, without what stands beside it"
    assert ("also_noted" in person.told) == bool(taken)


def test_what_was_told_with_the_name_is_not_asked_again() -> None:
    person = upto("name").says("nama saya Bu Ratmi, jualan gorengan di Banyumanik semarang, karyawan 2 orang")
    assert person.session.answers["name"]["name"] == "Ratmi"
    assert person.session.answers["regency"] == "33.74"
    assert person.session.answers["sector"] == {"category": "kuliner", "said": "jualan gorengan"}
    person.goes_on("wages")
    before = [question.key for question in registration.questions].index("wages") - 1
    assert person.says("kembali").asked == f"registration.{registration.questions[before].key}", (
        "back goes to the question before, not to the last told"
    )


def test_where_somebody_lives_is_not_where_the_business_is() -> None:
    assert "regency" not in upto("name").says("saya Siti di Klaten").session.answers


def test_what_was_told_beside_an_unclear_answer_stays() -> None:
    person = upto("sector").says("warung bu sri di laweyan, 3 orang")
    assert person.asked == "registration.sector"
    assert person.session.answers["workers"] == [3, 3]
    assert person.says("makanan").asked != "registration.workers"


def test_a_district_that_came_with_the_regency_is_told_back() -> None:
    person = upto("regency").says("kartosuro")
    assert person.session.answers["district"] == "33.11.12"
    assert "also_noted" in person.told


def test_somebody_elses_contact_does_not_replace_ones_own() -> None:
    stranger = Contact("+6281300000000", own=False)
    person = upto("contact_time").does(Heard(contact=stranger))
    assert person.session.answers["phone"]["e164"] == "+6281200007001"


STORY = st.lists(
    st.sampled_from(
        ("warung", "bu sri", "di", "laweyan", "solo", ",", "3", "orang", "karyawan", "jualan", "bakso", "klaten", "kec", "toko",
         "pak", "2", "saya", "dan", "\u202e", "😀", "(", "[", "\\", "?", "tiga")
    ),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(st.one_of(STORY, st.text(max_size=250)), st.sampled_from(("name", "regency", "sector")))
def test_whatever_is_told_by_the_way_leaves_answers_that_can_be_shown_and_agree(text: str, question: str) -> None:
    person = upto(question)
    before = person.session.answers
    person.does(Heard(text=text or "?"))
    answers = person.session.answers
    if "district" in answers:
        assert answers["district"].startswith(answers["regency"] + ".")
    for key in answers.keys() - before.keys():
        asked = registration.question(key)
        assert asked is not None
        asked.show(answers[key], Scene(answers, person.world))
