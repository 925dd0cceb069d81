"""How much is asked: few questions, most of them answered by one tap, and nobody is asked what need not be known."""

from __future__ import annotations

from typing import Any

import pytest

from bot.office.usual import open_question
from conversations.dialogues.registration import MOST_DISTRICTS, registration
from conversations.engine.core import Say, Scene
from conversations.engine.effects import SubmitLead
from conversations.engine.turn_state import scene_of
from conversations.hear.readers import COMMON_TRADES, OTHER_TRADE
from conversations.hear.trades import Trade
from tests.stepwise import NINE, Person, registered, upto
from tests.test_registration import fields
from tests.town import known

MOST_QUESTIONS = 10  # from hello to code, of an owner alone
WITH_WORKERS = 11
MOST_MESSAGES = 12  # of the bot, on WhatsApp
ON_WHATSAPP: dict[str, Any] = {"phone": "+6281200007001"}  # a channel that shows the number
TYPED = {"name": "Bu Siti", "regency": "Laweyan, Solo"}  # what no button can offer
BARE = {"workers": "2"}  # a number alone leaves open whether they are paid

Tapped = {"consent": "yes", "name": "profile", "sector": "eatery", "workers": "0", "wages": "all", "member": "no",
          "program": "two", "confirm": "send"}  # fmt: skip


def straight(person: Person, **typed: str) -> tuple[list[str], list[bool], int]:
    """Somebody without a misunderstanding, from hello to the question after the code: the questions they are asked,
    whether each was answered by one tap, and how many messages they got."""
    person.says("/start")
    asked, taps, messages = [], [], 1
    while not person.did(SubmitLead):
        question = open_question(person.session, person.world)
        assert question
        said = {**TYPED, **typed}.get(question.key) or None
        asked.append(question.key)
        taps.append(said is None)
        if said is None and question.wants_contact:
            person.says("0812 0000 7001")  # the channel's own button shares it
        elif said is None:
            person.presses(person.button(Tapped[question.key]))
        else:
            person.says(said)
        messages += 1
    taps.append(True)
    person.presses(person.button("yes"))  # may we send news?
    return asked, taps, messages + 1


@pytest.mark.parametrize("world", [{}, ON_WHATSAPP], ids=["like Telegram", "like WhatsApp"])
@pytest.mark.parametrize(("typed", "most"), [({}, MOST_QUESTIONS), (BARE, WITH_WORKERS)], ids=["alone", "with workers"])
def test_from_hello_to_the_code_there_are_few_questions_and_messages(
    world: dict[str, Any], typed: dict[str, str], most: int
) -> None:
    asked, _, messages = straight(Person(**world), **typed)
    assert len(asked) <= most
    assert messages <= MOST_MESSAGES


@pytest.mark.parametrize("world", [{}, ON_WHATSAPP], ids=["like Telegram", "like WhatsApp"])
def test_four_of_five_answers_are_one_tap_where_the_profile_tells_a_name(world: dict[str, Any]) -> None:
    asked, taps, _ = straight(Person(profile="Siti", **world), name="")
    assert sum(taps[: len(asked)]) / len(asked) >= 0.8


@pytest.mark.parametrize("world", [{}, ON_WHATSAPP], ids=["like Telegram", "like WhatsApp"])
def test_four_of_five_questions_have_their_answer_below_them_where_officers_work(world: dict[str, Any]) -> None:
    person = Person(staffed=frozenset({"33.72"}), **world).says("/start")
    asked = buttons = 0
    while question := open_question(person.session, person.world):
        asked += 1
        buttons += bool(question.wants_contact or question.choices(scene_of(person.session, person.world)))
        assert person.answers(workers="0", regency="Laweyan, Solo")
    assert buttons / asked >= 0.8


def test_whoever_works_alone_is_asked_nine_questions_and_eight_where_the_number_is_known() -> None:
    assert straight(Person())[0] == [
        "consent", "name", "regency", "sector", "workers", "member", "program", "phone", "confirm",
    ]  # fmt: skip
    assert "phone" not in straight(Person(**ON_WHATSAPP))[0]


# ------------------------------------------------------------------------------------------------ two in one


def test_a_town_alone_is_asked_for_its_district_at_once_and_both_together_are_not() -> None:
    assert upto("regency").says("solo").asked == "registration.district"
    both = upto("regency").says("Laweyan, Solo")
    assert both.asked == "registration.sector"
    assert both.session.answers["district"] == "33.72.01"


def test_a_district_that_nobody_knows_is_passed_and_the_officer_sees_so() -> None:
    person = upto("district").says("lupa")
    assert person.asked == "registration.sector"
    assert person.session.answers["district"] is None


def test_the_places_of_officers_are_buttons_where_they_are_few() -> None:
    person = Person(staffed=frozenset({"33.72", "33.10"})).goes_on("regency")
    person.presses(person.button("33.10"))
    assert person.asked == "registration.district"
    assert not upto("regency").buttons, "nobody works anywhere yet"
    assert not Person(staffed=frozenset(f"33.{number:02}" for number in range(1, 29))).goes_on("regency").buttons


@pytest.mark.parametrize("trade", [value for value in COMMON_TRADES if value != OTHER_TRADE])
def test_a_common_trade_is_one_tap_and_is_kept_in_its_words(trade: str) -> None:
    person = upto("sector")
    person.presses(person.button(trade))
    kept = person.session.answers["sector"]
    assert person.asked == "registration.workers"
    found = known().ear.trades.read(kept["said"])
    assert isinstance(found, Trade)
    assert found.category == kept["category"]


def test_another_trade_than_the_buttons_is_told_in_words_without_a_reproach() -> None:
    person = upto("sector")
    person.presses(person.button(OTHER_TRADE))
    assert "registration.sector.tell" in person.told
    assert not person.session.misses
    assert person.says("bikin tempe").session.answers["sector"]["category"] == "olah_makanan"


@pytest.mark.parametrize(
    ("value", "workers", "wages"), [("0", [0, 0], None), ("2_all", [2, 2], "all"), ("1_none", [1, 1], "none")]
)
def test_one_tap_says_who_works_and_whether_they_are_paid(value: str, workers: list[int], wages: str | None) -> None:
    person = upto("workers")
    person.presses(person.button(value))
    assert person.session.answers["workers"] == workers
    assert person.session.answers.get("wages") == wages
    assert person.asked == "registration.member"


def test_no_list_of_buttons_is_longer_than_a_list_on_whatsapp() -> None:
    for question in registration.questions:
        scene = Scene(upto("confirm").session.answers, known_world())
        if question.key not in ("confirm", "work_days"):
            assert len(question.choices(scene)) <= MOST_DISTRICTS + 1


def known_world() -> Any:
    return Person().world


# ------------------------------------------------------------------------------------------------ age and card


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("Belum", {"member": "no", "under_65": "yes"}),
        ("Sudah punya", {"member": "yes", "under_65": "yes"}),
        ("Dulu pernah", {"member": "once", "under_65": "yes"}),
        ("Sudah 65 tahun", {"under_65": "no"}),
        ("tidak yakin", {"member": "unsure", "under_65": "yes"}),
        ("sudah resign", {"member": "once", "under_65": "yes"}),
    ],
)
def test_one_question_asks_for_the_card_and_the_age(said: str, answers: dict[str, str]) -> None:
    person = upto("member").says(said)
    given = registration.applying(scene_of(person.session, person.world))
    assert {key: value for key, value in given.items() if key in ("member", "under_65")} == answers


@pytest.mark.parametrize(
    ("said", "asked"), [("Sudah punya", "member_next"), ("Sudah 65 tahun", "over_age"), ("umur 70", "over_age")]
)
def test_what_turns_an_owner_away_is_read_back_and_can_be_changed(said: str, asked: str) -> None:
    person = upto("member").says(said)
    assert person.asked == f"registration.{asked}"
    assert "read_back" in person.told
    person.presses(person.button("correct"))
    assert person.asked == "registration.member"
    assert person.says("belum").asked == "registration.program"


@pytest.mark.parametrize(
    ("led", "denied", "answers"),
    [
        ("umur 70", "bukan, saya masih 50", {"under_65": "yes"}),
        ("umur 70", "eh belum 65 saya", {"under_65": "yes"}),
        ("sudah punya", "lho bukan, itu kis", {"member": "no"}),
        ("sudah punya", "udah ga aktif", {"member": "once"}),
        ("sudah punya", "eh belum", {"member": "no"}),
    ],
)
def test_who_is_turned_away_by_mistake_only_says_how_it_is(led: str, denied: str, answers: dict[str, str]) -> None:
    person = upto("member").says(led).says("gimana")  # after whatever else was said
    person.says(denied)
    assert {key: person.session.answers[key] for key in answers} == answers
    assert person.asked in ("registration.member", "registration.program")
    assert "put_right" in person.told


@pytest.mark.parametrize("denied", ["bukan", "oh bukan itu", "eh keliru", "salah mas"])
def test_a_bare_denial_opens_the_answer_that_turned_somebody_away(denied: str) -> None:
    for led in ("sudah punya", "umur 70"):
        person = upto("member").says(led).says(denied)
        assert person.asked in ("registration.member", "registration.under_65")


@pytest.mark.parametrize("said", ["iya betul", "bener mas"])
def test_who_agrees_to_being_too_old_stays_too_old(said: str) -> None:
    person = upto("member").says("umur 70").says(said)
    assert person.session.answers["under_65"] == "no"


def test_an_age_told_at_another_question_turns_nobody_away_without_a_way_to_change_it() -> None:
    person = upto("program").says("sudah 65 tahun")
    assert person.asked == "registration.over_age"
    person.presses(person.button("correct"))
    assert person.asked == "registration.under_65"


@pytest.mark.parametrize("said", ["47 tahun", "umur saya 52", "masih 60"])
def test_who_only_tells_their_age_is_heard_and_asked_for_the_card_in_short(said: str) -> None:
    person = upto("member").says(said)
    assert person.session.answers["under_65"] == "yes"
    assert "registration.member.again" in person.told
    assert person.says("belum").asked == "registration.program"


def test_who_was_a_participant_once_is_priced_and_the_officer_is_told_to_check() -> None:
    person = upto("member").says("dulu pernah")
    assert person.asked == "registration.program"
    lead = person.goes_on().world.leads[0]
    assert lead.answers["member"] == "once"


# ------------------------------------------------------------------------------------------------ the price


def test_prices_are_shown_at_once_and_calculated_only_for_who_wants_that() -> None:
    person = upto("program")
    assert "money.from" in person.told
    person.presses(person.button("calculate"))
    assert person.asked == "registration.income"
    person.says("2 juta")
    assert person.asked == "registration.program"
    assert "money.plain" in person.told
    assert not [b for b in person.buttons if b.press.value == "calculate"]


def test_a_programme_that_is_pressed_where_the_income_is_asked_leaves_the_calculation() -> None:
    person = upto("program")
    basic = person.button("two")
    person.presses(person.button("calculate")).presses(basic)
    assert person.asked == "registration.phone"


def test_what_was_not_asked_is_no_answer_until_the_lead_is_sent() -> None:
    person = upto("confirm")
    unasked = {question.key for question in registration.questions if question.default}
    assert not unasked & person.session.answers.keys()
    assert unasked <= person.says("kirim").world.leads[0].answers.keys()


def test_back_from_the_calculation_keeps_the_prices_that_begin_somewhere() -> None:
    person = upto("program")
    person.presses(person.button("calculate"))
    assert person.says("kembali").asked == "registration.program"


def test_a_calculated_price_goes_back_to_the_income_when_asked_to() -> None:
    person = upto("program", income="2 juta").says("kembali")
    assert person.asked == "registration.income"


@pytest.mark.parametrize("said", ["2 juta sebulan", "penghasilan saya 3 juta", "100 ribu sehari"])
def test_an_income_told_at_the_programme_is_taken(said: str) -> None:
    person = upto("program").says(said)
    assert person.session.answers["income"]
    assert "program" not in person.session.answers
    assert {"registration.program.ask", "registration.work_days.ask_day"} & person.told, "with the exact prices"


@pytest.mark.parametrize(("said", "program"), [("yang 16.800", "two"), ("1", "two"), ("yang lengkap", "three")])
def test_a_price_or_a_number_at_the_programme_is_no_income(said: str, program: str) -> None:
    person = upto("program").says(said)
    assert person.session.answers["program"] == program
    assert "income" not in person.session.answers


# ------------------------------------------------------------------------------------------------ what is not asked


@pytest.mark.parametrize(
    ("name", "said", "key"),
    [
        ("waktu", "besok pagi", "contact_time"),
        ("nama usaha", "Warung Barokah", "business_name"),
        ("umur", "ya", "under_65"),
    ],
)
def test_what_is_not_asked_is_changed_at_the_review_by_its_name(name: str, said: str, key: str) -> None:
    person = upto("confirm").says(f"ubah {name}")
    assert person.asked == f"registration.{key}"
    before = person.session.undo[key]
    person.says(said)
    assert person.asked == "registration.confirm"
    assert key == "under_65" or person.session.answers[key] != before


def test_who_says_nothing_of_a_time_may_be_called_at_any_time_and_sees_that_in_the_review() -> None:
    assert "contact_time.any" in upto("confirm").told


def test_what_nobody_asked_for_and_nobody_told_is_no_line_of_the_review() -> None:
    person = upto("confirm")
    assert "registration.business_name.label" not in person.told
    person.opens("business_name").says("Warung Barokah")
    assert "registration.business_name.label" in person.told


# ------------------------------------------------------------------------------------------------ how many are left


def test_the_number_of_questions_left_is_the_number_of_questions_that_come() -> None:
    person = Person("halo", "ya")
    while True:
        question = open_question(person.session, person.world)
        assert question
        if question.key == "confirm":
            break
        before = registration.left(scene_of(person.session, person.world))
        person.says({"name": "Bu Siti", "regency": "solo", "district": "laweyan", "sector": "warung makan", "workers": "0",
                     "member": "belum", "program": "1", "phone": "0812 0000 7001"}[question.key])  # fmt: skip
        assert registration.left(scene_of(person.session, person.world)) == before - 1, question.key


def test_a_stretch_begins_with_the_number_of_questions_left_and_a_change_does_not() -> None:
    assert fields(upto("member", workers="0"), "left")["count"] == 4
    assert "left" not in upto("confirm").opens("member").told


def test_a_changed_answer_of_a_sent_lead_counts_nothing() -> None:
    assert "left" not in registered().says("ubah jenis usaha").told


# ------------------------------------------------------------------------------------------------ a second shop


def test_another_business_asks_nothing_of_the_person_again_and_shows_no_second_price() -> None:
    person = registered()
    person.presses(person.button("another"))
    asked = []
    while (question := open_question(person.session, person.world)) and question.key != "confirm":
        asked.append(question.key)
        assert "registration.program.ask" not in person.told
        assert person.answers()
    assert asked == ["regency", "district", "sector", "workers", "wages"]


def test_sessions_of_the_old_order_go_on() -> None:
    """Somebody who was asked for the age, the income or the landmark by an earlier version answers and is not lost."""
    old: dict[str, Any] = {"consent": "yes", "name": {"name": "Siti", "address": "Ibu"}, "regency": "33.72",
                           "sector": {"category": "kuliner", "said": "warung"}, "workers": [0, 0]}  # fmt: skip
    began = int(NINE.timestamp())
    for answers, asked in (
        (old, "under_65"),
        ({**old, "under_65": "yes", "member": "no"}, "income"),
        (
            {**old, "under_65": "yes", "member": "unsure", "income": None, "program": "two", "district": None},
            "business_name",
        ),
    ):
        session = Person().session._replace(answers=answers, asked=asked, began=began, at=began)
        person = Person(session=session).says("halo")
        assert person.goes_on().did(SubmitLead)
        assert isinstance(person.effects[-1], Say)
