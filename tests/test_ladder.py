"""What goes before what, at every question alike: the rungs of ``conversations/engine/ladder.py``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office.usual import HELLO
from conversations.dialogues.book import BOOK
from conversations.engine.attachments import OTHER, unread
from conversations.engine.core import (
    Contact,
    Heard,
    Press,
    Say,
    Session,
    session_from_json,
    session_to_json,
)
from conversations.engine.effects import (
    ChooseLanguage,
    ForgetMe,
    GiveConsent,
    KeepCampaign,
    StopMessages,
    SubmitLead,
)
from conversations.engine.ladder import LADDER, step
from conversations.engine.turn_state import scene_of
from conversations.engine.world import Officer, World
from tests.owners import said_by_question
from tests.stepwise import NINE, Person, upto
from tests.town import known

AT_ONCE = timedelta(seconds=1)


# ------------------------------------------------------------------------------------------------ the order of rungs


def test_the_rungs_stand_in_the_order_that_is_the_policy() -> None:
    assert [rung.__name__ for rung in LADDER] == [
        "barred", "identity_number", "bridged", "unreadable", "linked", "join_code", "double_tap", "pressed_command",
        "which_of_them", "pressed_answer", "shared_contact", "replied", "returned", "labelled", "topic_picked", "written",
        "labelled_on_message", "officer_words", "rarer_words", "numbered", "led_here_by_mistake", "amended",
        "about_own_lead", "chosen", "chosen_before", "words",
    ]  # fmt: skip


def test_a_number_of_an_identity_card_goes_before_any_answer_in_the_same_words() -> None:
    person = upto("workers").does(Heard(text="2, nik ################", masked=True))
    assert "keep_your_nik" in person.told
    assert "workers" not in person.session.answers


# Answers on the way to questions that the usual ones do not lead to.
LEADS_TO = {
    "outside": {"regency": "surabaya"},
    "wages": {"workers": "2"},
    "project": {"sector": "tukang bangunan", "workers": "2", "wages": "semua"},
    "over_age": {"under_65": "65 tahun ke atas"},
    "member_next": {"member": "sudah"},
    "work_days": {"income": "100 ribu sehari"},
}


@pytest.mark.parametrize("kind", [*OTHER, "hologram"])
def test_what_cannot_be_read_is_answered_kindly_and_the_question_comes_again(kind: str) -> None:
    person = upto("sector").does(Heard(other=kind))
    assert person.asked == "registration.sector"
    assert any(key.startswith("other.") for key in person.told)


@pytest.mark.parametrize("kind", ["photo", "video", "document", "voice"])
def test_words_under_a_photo_answer_and_the_photo_is_said_not_to_be_opened(kind: str) -> None:
    person = upto("name").does(Heard("Bu Siti", other=kind))
    assert person.session.answers["name"]["name"] == "Siti"
    assert {"other.words", "registration.regency.ask"} <= person.told


def test_a_place_that_was_sent_answers_where_a_place_is_asked_for_and_nowhere_else() -> None:
    place = Heard("Pasar Gede, Solo", other="location")
    person = upto("regency").does(place)
    assert person.session.answers["regency"] == "33.72"
    assert "other.place" in person.told
    person = upto("name").does(place)
    assert "name" not in person.session.answers
    assert "other.location" in person.told


def test_words_added_to_a_link_are_read_beside_its_campaign() -> None:
    person = upto("name").does(Heard("Bu Siti", start="pasar-gede"))
    assert person.session.answers["name"]["name"] == "Siti"
    assert KeepCampaign("pasar-gede") in person.effects


@pytest.mark.parametrize("word", ["siti-aminah-081200007001", "628120000700-1", "bu_siti_0812-0000-7001"])
def test_a_campaign_with_somebodys_number_is_not_kept(word: str) -> None:
    person = upto("name").does(Heard("Bu Siti", start=word))
    assert person.session.answers["name"]["name"] == "Siti"
    assert not [effect for effect in person.effects if isinstance(effect, KeepCampaign)]


def replies(person: Person, question: str, said: str) -> Person:
    """Words in reply to the message that asked this question."""
    person.world = replace(person.world, quoted=f"registration.{question}")
    return person.says(said)


def test_words_in_reply_to_an_earlier_question_answer_that_question() -> None:
    person = replies(upto("under_65"), "workers", "5")
    assert tuple(person.session.answers["workers"]) == (5, 5)
    assert person.asked == "registration.under_65"


@pytest.mark.parametrize("said", ["gimana maksudnya?", "status", "petugas", "ya", "xyz"])
@pytest.mark.parametrize("question", ["workers", "consent", "district", "under_65", "nothing"])
def test_a_reply_that_is_no_answer_to_what_it_replies_to_means_what_it_means_anywhere(question: str, said: str) -> None:
    asked, anywhere = replies(upto("under_65"), question, said), upto("under_65").says(said)
    assert (asked.session, asked.told) == (anywhere.session, anywhere.told)


@pytest.mark.parametrize("said", ["lupa", "gak tau kak", "wah embuh e mas", "mboten kemutan", "tidak tahu persisnya"])
@pytest.mark.parametrize("key", [question.key for question in BOOK["registration"].questions[1:]])
def test_who_does_not_know_passes_over_a_question_or_is_told_how_to_go_on(key: str, said: str) -> None:
    person = upto(key, **LEADS_TO.get(key, {}))
    question = BOOK["registration"].question(key)
    assert question
    person.says(said)
    told_how = f"registration.{key}.hint" in person.told
    given = BOOK["registration"].applying(scene_of(person.session, person.world))
    assert told_how or key in given
    if question.optional:
        assert given[key] is None


def test_the_districts_of_a_town_are_shown_and_those_of_a_regency_can_be_passed_over() -> None:
    town, regency = upto("district"), upto("district", regency="klaten")
    assert [button.press.value for button in town.buttons] == [*known().ear.places.districts("33.72"), "skip"]
    assert [button.press.value for button in regency.buttons] == ["skip"]


@pytest.mark.parametrize("said", ["berhenti", "stop", "batal", "hapus data"])
@pytest.mark.parametrize("question", ["consent", "member", "program", "confirm"])
def test_stopping_cancelling_and_erasing_are_no_answer_to_a_yes_or_no(question: str, said: str) -> None:
    person = upto(question).says(said)
    stopped, forgotten = person.did(StopMessages), person.did(ForgetMe)
    assert stopped or forgotten or person.asked == "deletion.sure"


@pytest.mark.parametrize("said", ["belum", "durung", "dereng", "tidak"])
def test_a_bare_no_answers_where_yes_and_no_are_offered(said: str) -> None:
    assert upto("member").says(said).session.answers["member"] == "no"


def test_the_words_of_a_choice_go_before_the_command_they_also_are() -> None:
    assert upto("program").says("biar petugas yang jelaskan").session.answers["program"] == "explain"


def test_a_first_message_is_never_an_answer_but_its_question_is_answered() -> None:
    person = Person("ya")
    assert person.asked == "registration.consent"
    assert not person.did(GiveConsent)
    assert "faq.cost" in Person("iurannya berapa?").told


@pytest.mark.parametrize("said", ["mas iki opo to", "bantuan", "ini apa ya"])
def test_a_first_message_that_asks_what_this_is_gets_the_opening_and_nothing_above_it(said: str) -> None:
    person = Person(said)
    assert [effect.text.key for effect in person.effects if isinstance(effect, Say)] == ["registration.consent.ask"]


def test_an_answer_and_a_question_in_one_message_are_both_taken() -> None:
    person = upto("workers").says("3. oh ya iurannya berapa?")
    assert person.session.answers["workers"] == [3, 3]
    assert "faq.cost" in person.told


@pytest.mark.parametrize("said", ["bahasa", "/bahasa", "ganti bahasa", "basa jawa", "bahasa indonesia"])
def test_the_language_of_the_answers_may_be_chosen_at_every_question(said: str) -> None:
    for question in (key for key in said_by_question() if key != HELLO):
        person = upto(question)
        answers = person.session.answers
        person.says(said)
        assert "language.ask" in person.told or person.did(ChooseLanguage), person.asked
        assert person.session.answers == answers


# ------------------------------------------------------------------------------------------------ buttons


def test_a_button_answers_its_own_question_though_another_one_is_open() -> None:
    person = upto("workers")
    old = person.button("2_all")
    person.says("3").presses(old)
    assert person.session.answers["workers"] == [2, 2]
    assert person.session.answers["wages"] == "all"


def test_a_button_of_an_earlier_run_is_not_used_and_the_open_question_comes_again() -> None:
    person = upto("workers")
    old = person.button("2_all")
    person.says("batal").goes_on("workers").presses(old)
    assert "workers" not in person.session.answers
    assert person.asked == "registration.workers"


def test_the_same_button_twice_within_three_seconds_says_nothing_new() -> None:
    person = upto("workers")
    button = person.button("2_all")
    person.presses(button).presses(button, AT_ONCE)
    assert person.told == {"already_noted"}


def test_a_double_tap_on_send_is_known_as_one_though_another_dialogue_has_begun() -> None:
    person = upto("confirm")
    send = person.button("send")
    person.presses(send).presses(send, AT_ONCE)
    assert person.told == {"already_noted"}
    assert len(person.world.leads) == 1


def test_send_counts_only_for_the_very_answers_it_stood_under() -> None:
    person = upto("confirm")
    send = person.button("send")
    person.says("ubah nama").says("Bu Sri").presses(send)
    assert not person.did(SubmitLead)
    assert "registration.confirm.ask" in person.told
    assert person.presses(person.button("send")).did(SubmitLead)


def test_an_old_button_of_consent_never_changes_consent() -> None:
    person = Person("halo")
    no = person.button("no")
    person.says("ya").presses(no)
    assert person.session.answers["consent"] == "yes"
    assert not person.did(ForgetMe)


def test_buttons_that_nobody_was_offered_are_not_taken_on_trust() -> None:
    for question in ("workers", "income", "program", "contact_time", "regency", "sector", "phone", "wages"):
        person = upto(question)
        press = Press("registration", question, "999999", f"{_base36(person.session.began)}")
        assert question not in person.presses(press).session.answers


def _base36(number: int) -> str:
    digits, text = "0123456789abcdefghijklmnopqrstuvwxyz", ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text


# ------------------------------------------------------------------------------------------------ not understood


def test_help_grows_with_each_miss_first_words_then_an_example_then_a_person() -> None:
    person = upto("under_65")
    assert "registration.under_65.unclear" in person.says("xyzzy").told
    second = person.says("xyzzy").told
    assert "registration.under_65.hint" in second
    assert "registration.under_65.unclear" not in second, "not the same twice"
    assert "third_miss" in person.says("xyzzy").told
    assert person.button("human")


def test_an_answer_that_is_understood_forgives_earlier_misses() -> None:
    person = upto("under_65").says("xyzzy").says("xyzzy").says("ya")
    assert person.session.misses == 0


def test_a_long_question_comes_back_in_short_while_it_is_in_sight() -> None:
    person = upto("program")
    assert "registration.program.ask" in person.told
    assert "registration.program.again" in person.says("apa bedanya?").told
    assert "registration.program.ask" in person.says("apa bedanya?", timedelta(hours=2)).told


def test_two_readings_are_offered_and_only_while_they_are_seen_does_a_number_mean_one_of_them() -> None:
    person = upto("regency").says("semarang")
    assert "registration.regency.which" in person.told
    assert person.says("2").session.answers["regency"] in ("33.22", "33.74")
    asked_again = upto("regency").says("semarang").says("apa itu bpjs?").says("2")
    assert "regency" not in asked_again.session.answers


def test_an_amount_that_was_not_plain_is_read_back_with_a_way_to_change_it() -> None:
    person = upto("income").says("sejuta setengah")
    assert "read_back" in person.told
    assert person.presses(person.button("correct")).asked == "registration.income"


# ------------------------------------------------------------------------------------------------ time


@pytest.mark.parametrize("said", ["ya", "lanjut", "tidak", "iya kak"])
def test_after_a_day_a_bare_word_answers_the_reminder_and_not_the_question_before_it(said: str) -> None:
    person = upto("under_65").says(said, timedelta(hours=25))
    assert "under_65" not in person.session.answers
    assert "welcome_back" in person.told


def test_after_a_day_an_answer_that_can_only_be_one_still_counts() -> None:
    assert upto("regency").says("klaten", timedelta(hours=25)).session.answers["regency"] == "33.10"


# ------------------------------------------------------------------------------------------------ contacts


def test_ones_own_shared_number_is_taken_and_somebody_elses_is_not() -> None:
    assert "registration.phone.not_own" in upto("phone").does(Heard(contact=Contact("+6281200007001", own=False))).told
    person = upto("phone").does(Heard(contact=Contact("+6281200007001", own=True)))
    assert person.session.answers["phone"]["source"] == "shared"


def test_a_number_that_nobody_asked_for_is_not_kept() -> None:
    person = upto("name").does(Heard(contact=Contact("+6281200007001", own=True)))
    assert "contact_unasked" in person.told
    assert "phone" not in person.session.answers


# ------------------------------------------------------------------------------------------------ total


@cache
def reachable() -> tuple[tuple[Session, World], ...]:
    """Sessions at every question on several ways through the dialogues, of owners and of officers."""
    found = []
    ways = (
        (),
        ("surabaya",),
        ("solo", "borongan bangunan", "4", "keluarga", "ya", "sudah 70"),
        ("solo", "jahit", "0", "masih", "sudah"),
        ("klaten", "warung"),
    )
    for way in ways:
        person = Person("halo", "ya", "Bu Siti", *way)
        found.append((person.session, person.world))
    person = Person("halo")
    while person.answers():
        found.append((person.session, person.world))
    for said in ("ya", "ubah data", "hapus data", "tidak", "ubah nama"):
        person.says(said)
        found.append((person.session, person.world))
    lead = replace(person.world.leads[0], officer="Rina", officer_id=7, status="taken")
    at_work = Person(officer=Officer(7, "Rina", "officer", ("33.72",)), lead=lead, task_codes=(lead.code,))
    for press in (Press("lead", "show", lead.code), Press("lead", "note", lead.code)):
        at_work.presses(press)
        found.append((at_work.session, at_work.world))
    return tuple(found)


PRESSES = st.builds(
    Press,
    st.sampled_from((*BOOK, "command", "lead", "nothing")),
    st.one_of(
        st.sampled_from(sorted({q.key for d in BOOK.values() for q in d.questions})),
        st.sampled_from(("tasks", "faq", "correct", "change_lead", "another", "restart", "take", "note", "show", "human")),
        st.text(max_size=8),
    ),
    st.one_of(st.sampled_from(("yes", "no", "2", "more", "send", "change", "33.72", "33.72.01", "name", "")),
              st.text(max_size=8)),
    st.sampled_from(("", "0", _base36(int(NINE.timestamp()) + 20))),
)  # fmt: skip
ODD = ("😀" * 200, "<b>x</b><script>", "*_~`[x](y)", "\u202eabc\u202c\u200f", "a\x00b", "{name} {0} %s", "x " * 2048,
       "é" * 4096, "\ud83d", "'; drop table lead; --", "\ue000\ue001", "1" * 4096)  # fmt: skip
HEARD = st.one_of(
    st.builds(Heard, text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=120)),
    st.builds(Heard, text=st.sampled_from(ODD)),
    st.builds(Heard, pressed=PRESSES),
    st.builds(Heard, contact=st.builds(Contact, st.text(max_size=12), st.booleans())),
    st.builds(Heard, other=st.text(min_size=1, max_size=8)),
    st.builds(Heard, start=st.text(min_size=1, max_size=64)),
    st.builds(Heard, text=st.just("################"), masked=st.just(True)),
)


@given(st.integers(0, 10_000), st.lists(HEARD, min_size=1, max_size=4), st.integers(0, 100_000))
def test_whatever_is_heard_wherever_it_is_answered_and_the_session_survives_its_storage(
    where: int, heard: list[Heard], pause: int
) -> None:
    session, world = reachable()[where % len(reachable())]
    for each in heard:
        world = replace(world, now=world.now + timedelta(seconds=pause + 4), fresh="RK-ZZZZZZ")
        turn = step(session, each, world, BOOK)
        forgotten = any(isinstance(effect, ForgetMe) for effect in turn.effects)
        is_rest_of_album = session.last == unread(each) != ""
        assert any(isinstance(effect, Say) for effect in turn.effects) or is_rest_of_album
        assert turn.session.asked or forgotten
        assert session_from_json(session_to_json(turn.session)) == turn.session
        session = turn.session
        if forgotten:
            world = World(world.now, known())


def test_words_that_come_with_an_ad_are_heard_and_its_campaign_is_kept() -> None:
    person = Person().does(Heard(text="iurannya berapa?", start="ad-455810220139"))
    assert KeepCampaign("ad-455810220139") in person.effects
    assert any(key.startswith("faq.") for key in person.told)


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "location", "order"])
def test_a_photo_that_comes_first_from_an_ad_is_answered_and_its_campaign_is_kept(kind: str) -> None:
    person = Person().does(Heard(other=kind, start="ad-455810220139"))
    assert KeepCampaign("ad-455810220139") in person.effects
    assert any(key.startswith("other.") for key in person.told)


def test_a_number_that_is_shared_on_coming_back_by_an_ad_answers_its_question() -> None:
    person = upto("phone").does(Heard(contact=Contact("+6281200007001", own=True), start="ad-455810220139"))
    assert person.session.answers["phone"]


@pytest.mark.parametrize("said", ["emoh ngomong", "ora arep kandha", "ogah jawab", "malu bilang mas", "gak mau bilang"])
def test_who_does_not_want_to_tell_is_no_no(said: str) -> None:
    person = upto("member").says(said)
    assert "refused" in person.told
    assert person.asked == "registration.member"


@pytest.mark.parametrize(
    "said", ["tadi ada orang ngaku petugas minta uang", "ada petugas minta transfer", "petugas palsu minta otp"]
)
@pytest.mark.parametrize("question", ["name", "program", "phone"])
def test_who_tells_of_a_false_officer_is_warned_whatever_is_asked(question: str, said: str) -> None:
    person = upto(question).says(said)
    assert "faq.impostor" in person.told
    assert person.asked == f"registration.{question}"


def test_a_place_too_wide_for_a_town_is_asked_for_its_town() -> None:
    person = upto("regency").says("jakarta")
    assert "place_wide" in person.told
    assert person.says("jakarta timur").asked == "registration.outside"


@pytest.mark.parametrize(("said", "address"), [(("bu", "tumini"), "Ibu"), (("mbah", "karto"), "Mbah")])
def test_an_address_alone_belongs_to_the_name_behind_it(said: tuple[str, str], address: str) -> None:
    person = upto("name")
    for piece in said:
        person.says(piece)
    assert person.session.answers["name"]["address"] == address
    assert person.asked == "registration.regency"


def test_another_business_can_be_told_of_right_after_sending() -> None:
    person = upto("confirm").says("kirim")
    assert person.asked == "news.allow"
    assert person.says("tambah usaha lain").asked == "registration.regency"
