"""What is said when something else was told than what was asked: taken without an apology, and asked in short."""

from __future__ import annotations

import pytest

from tests.stepwise import Person
from tests.understanding import way


def at(question: str, said: str) -> Person:
    """Somebody who says this where the question is open."""
    return way.led(question).says(said)


@pytest.mark.parametrize(("question", "said"), [("regency", "warung soto"), ("sector", "0812 0000 7003")])
def test_what_was_told_at_another_question_is_taken_without_an_apology(question: str, said: str) -> None:
    person = at(question, said)
    assert "also_noted" in person.told
    assert f"registration.{question}.unclear" not in person.told
    assert f"registration.{question}.again" in person.told


@pytest.mark.parametrize("question", ["regency", "sector", "phone"])
def test_a_question_that_is_put_once_more_is_put_in_short(question: str) -> None:
    assert f"registration.{question}.again" in at(question, "hmm gitu").told


@pytest.mark.parametrize(
    ("said", "member"), [("dulu pernah", "once"), ("Sudah punya", "yes"), ("sudah", "no"), ("boleh deh", "no")]
)
def test_the_words_of_another_choice_put_the_answer_before_right(said: str, member: str) -> None:
    assert at("program", said).session.answers["member"] == member


@pytest.mark.parametrize(
    ("said", "part"), [("abis isya", "malam"), ("sore aja", "sore"), ("besok pagi", "pagi"), ("jam 9 ya", "pagi")]
)
def test_a_time_that_is_told_at_the_review_is_when_they_are_called(said: str, part: str) -> None:
    assert at("confirm", said).session.answers["contact_time"]["part"] == part


def test_who_wants_no_call_says_so_at_the_review() -> None:
    assert at("confirm", "jangan ditelpon ya").session.answers["contact_time"] == {"kind": "none"}


@pytest.mark.parametrize("said", ["sore", "malam pak", "selamat pagi", "kapan ditelpon"])
def test_a_greeting_or_a_question_at_the_review_is_no_time(said: str) -> None:
    assert "contact_time" not in at("confirm", said).session.answers


@pytest.mark.parametrize(("channel", "says"), [("simulator", "here"), ("whatsapp", "abroad"), ("telegram", "abroad")])
def test_the_notice_names_the_company_that_carries_what_is_said_only_where_there_is_one(
    channel: str, says: str
) -> None:
    person = Person("halo", channel=channel).says("data saya untuk apa")
    [notice] = [
        effect.text
        for effect in person.effects
        if getattr(effect, "text", None) and effect.text.key == "registration.notice"
    ]
    assert notice.fields["way"].key == f"registration.notice.{says}"


@pytest.mark.parametrize("said", ["Bu Narti", "Narti"])
def test_a_name_that_is_near_to_a_word_for_not_understanding_is_a_name(said: str) -> None:
    assert at("name", said).session.answers["name"]["name"] == "Narti"


@pytest.mark.parametrize(
    ("said", "name", "trade"),
    [("Pak Sarno mandor", "Sarno", "bangunan"), ("mbak Ani laundry", "Ani", "jasa_perorangan")],
)
def test_who_is_called_by_what_they_do_tells_both(said: str, name: str, trade: str) -> None:
    answers = at("name", said).session.answers
    assert (answers["name"]["name"], answers["sector"]["category"]) == (name, trade)


@pytest.mark.parametrize("said", ["warung soto", "mas bakso", "jual ayam goreng", "Barokah laundry"])
def test_a_trade_or_a_shop_alone_is_nobodys_name(said: str) -> None:
    assert "name" not in at("name", said).session.answers


@pytest.mark.parametrize("said", ["kadang dibantu anak", "kalo rame dibantu adik", "kadang sama istri"])
def test_one_of_the_family_who_helps_now_and_then_helps(said: str) -> None:
    assert at("workers", said).session.answers["workers"] == [1, 1]


@pytest.mark.parametrize("said", ["kadang ada kadang enggak", "kadang sendiri kadang sama istri", "kadang karyawan"])
def test_whether_somebody_helps_is_asked_where_now_and_then_nobody_does(said: str) -> None:
    assert "workers" not in at("workers", said).session.answers


@pytest.mark.parametrize(
    ("said", "program"),
    [("gak mau bilang penghasilan, yang dasar aja", "two"), ("gak usah dihitung, yang lengkap aja", "three")],
)
def test_the_programme_is_taken_from_behind_what_is_said_before_it(said: str, program: str) -> None:
    assert at("program", said).session.answers["program"] == program


def test_who_tells_what_comes_in_before_costs_is_asked_for_what_is_left_of_it() -> None:
    assert "registration.income.gross" in at("program", "120rb sehari kotor, bensin 30").told


def test_who_wants_no_call_is_written_to_in_the_chat() -> None:
    answers = at("phone", "lewat chat ini aja, jangan ditelpon").session.answers
    assert (answers["phone"]["kind"], answers["contact_time"]["kind"]) == ("none", "none")


def test_a_time_told_with_the_number_is_when_they_are_called() -> None:
    answers = at("phone", "0812 0000 7003, abis isya").session.answers
    assert (answers["phone"]["e164"], answers["contact_time"]["part"]) == ("+6281200007003", "malam")


@pytest.mark.parametrize("said", ["bpjs itu apa?", "apa itu bpjs"])
def test_what_it_is_is_told_to_who_asks_at_the_question_for_the_card(said: str) -> None:
    assert "faq.about" in at("member", said).told


def test_a_yes_of_somebody_in_a_hurry_is_a_yes() -> None:
    assert at("consent", "iya cepetan").session.answers["consent"] == "yes"
    assert at("consent", "cepetan").session.answers == {}


def test_a_refusal_at_the_review_is_no_choice_of_the_question_before() -> None:
    assert at("confirm", "gak usah").session.answers["phone"]["kind"] == "phone"


@pytest.mark.parametrize(
    ("said", "count"), [("tergantung, kadang 5 kadang 9, dibayar harian 130rb", [5, 9]), ("3 staff, all paid", [3, 3])]
)
def test_a_count_beside_what_is_paid_is_taken_with_it(said: str, count: list[int]) -> None:
    answers = at("workers", said).session.answers
    assert (answers["workers"], answers["wages"]) == (count, "all")


def test_what_a_day_brings_at_most_is_about_as_much() -> None:
    assert at("program", "sehari paling bersih 90").session.answers["income"]["high"] == 90_000


def test_money_of_one_trip_is_asked_for_by_the_month() -> None:
    assert "registration.income.per_month" in at("program", "sekali melaut 350rb").told


def test_who_wants_to_be_left_alone_at_the_review_is_left_alone() -> None:
    person = at("confirm", "jangan hubungi saya lagi")
    assert "stop.done" in person.told
    assert "contact_time" not in person.session.answers


def test_who_asks_when_somebody_comes_where_nobody_works_is_told_so() -> None:
    person = Person().goes_on().says("ya")
    assert "registration.done.nobody" in person.says("kapan petugasnya menghubungi?").told
