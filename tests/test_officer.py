"""What officers do in chat, each rule in a sentence: cards, taking, noting, being away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from conversations.dialogues.lead_lists import ONLY, Page, UntakenLead, page, task_list, untaken_list
from conversations.dialogues.officer import card
from conversations.engine.core import Heard, Press, Rupiah, Say
from conversations.engine.effects import (
    AddNote,
    BindOfficer,
    ListTasks,
    ListUntaken,
    LookedAt,
    NoteOutcome,
    SetAbsent,
    SubmitLead,
    TakeLead,
    WrongCode,
)
from conversations.engine.world import Lead, Officer, Visit, World
from conversations.rules.outcomes import ENDS, NOTED, possible
from tests.stepwise import NINE, Person, inside
from tests.town import known

SECOND = timedelta(seconds=1)
RINA = Officer(7, "Rina", "officer", ("33.72",))
JOKO = Officer(8, "Joko", "officer", ("33.72",))


@cache
def sent() -> Lead:
    """A lead from Surakarta that nobody has."""
    [effect] = Person().goes_on().did(SubmitLead)
    return Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)


def taken(by: Officer = RINA, **more: Any) -> Lead:
    return replace(sent(), status="taken", officer=by.name, officer_id=by.id, **more)


def at_work(lead: Lead | None, officer: Officer | None = RINA, **world: Any) -> Person:
    return Person(officer=officer, lead=lead, **world)


def press(verb: str) -> Press:
    return Press("lead", verb, sent().code)


def keys(say: Say) -> set[str]:
    return {text.key for text in inside(say.text)}


# ------------------------------------------------------------------------------------------------ taking


def test_a_free_lead_is_taken_by_the_first_who_presses() -> None:
    person = at_work(sent()).presses(press("take"))
    assert [effect.code for effect in person.did(TakeLead)] == [sent().code]
    assert "card.now_yours" in person.told


def test_a_lead_that_somebody_has_is_not_taken_again() -> None:
    joko = Officer(8, "Joko", "officer", ("33.72",))
    person = at_work(taken(joko)).presses(press("take"))
    assert not person.did(TakeLead)
    assert "card.taken_already" in person.told


def test_taking_ones_own_task_again_changes_nothing() -> None:
    person = at_work(taken()).presses(press("take"))
    assert not person.did(TakeLead)
    assert "card.yours_already" in person.told


def test_nobody_takes_or_opens_their_own_lead() -> None:
    for verb in ("take", "show"):
        person = at_work(replace(sent(), owner_id=RINA.id)).presses(press(verb))
        assert "card.own" in person.told
        assert not person.did(TakeLead)
        assert not person.did(LookedAt)


def test_a_lead_of_another_regency_is_neither_taken_nor_shown_save_to_who_looks_after_all() -> None:
    elsewhere = Officer(9, "Agus", "officer", ("33.10",))
    for verb in ("take", "show"):
        person = at_work(sent(), elsewhere).presses(press(verb))
        assert "card.gone" in person.told
        assert not person.did(TakeLead)
        assert not person.did(LookedAt)
    for role, regencies, sees in (("coordinator", ("33.10",), False), ("coordinator", (), True), ("admin", (), True)):
        above = replace(elsewhere, role=role, regencies=regencies)
        assert bool(at_work(sent(), above).presses(press("take")).did(TakeLead)) == sees


@pytest.mark.parametrize("verb", ["take", "note", "show"])
def test_the_buttons_of_a_card_mean_nothing_to_others_and_nothing_once_it_is_erased(verb: str) -> None:
    assert "card.not_yours" in at_work(sent(), None).presses(press(verb)).told
    assert "card.gone" in at_work(None).presses(press(verb)).told
    assert "card.gone" in at_work(replace(taken(), answers={}, status="withdrawn")).presses(press(verb)).told


# ------------------------------------------------------------------------------------------------ noting


@pytest.mark.parametrize("outcome", possible("taken"))
def test_an_outcome_is_three_presses_from_the_card_and_kept_at_once_and_a_note_may_follow(outcome: str) -> None:
    person = at_work(taken()).presses(press("note"))
    if outcome not in {button.press.value for button in person.buttons}:
        person.presses(person.button("ended" if outcome in ENDS else "forward"))
    person.presses(person.button(outcome))
    if outcome == "appointment":
        assert person.did(NoteOutcome) == []
        person.says("besok jam 10")
    [noted] = person.did(NoteOutcome)
    assert (noted.code, noted.outcome) == (sent().code, outcome)
    assert bool(noted.step) is bool(NOTED[outcome].reason)
    person.says("datang Senin")
    assert person.did(AddNote) == [AddNote(sent().code, "datang Senin")]


def test_an_appointment_and_its_time_are_noted_in_one_sentence() -> None:
    person = at_work(taken()).presses(press("note")).says("janji jumat jam 4 sore")
    [noted] = person.did(NoteOutcome)
    assert noted.step is not None
    assert (noted.outcome, noted.step.reason) == ("appointment", "appointment")
    assert (noted.step.at.strftime("%a %H:%M")) == "Fri 16:00"


def test_a_note_may_be_left_out() -> None:
    person = at_work(taken()).presses(press("note")).says("tidak diangkat")
    assert [noted.outcome for noted in person.did(NoteOutcome)] == ["unreached"]
    assert not person.says("lewati").did(AddNote)


def test_the_first_payment_can_be_noted_only_after_registration() -> None:
    def offered(lead: Lead) -> set[str]:
        return {button.press.value for button in at_work(lead).presses(press("note")).buttons}

    assert "active" not in offered(taken())
    assert "active" in offered(replace(taken(), status="registered"))


def test_nothing_is_noted_of_a_lead_that_was_erased_or_handed_on_meanwhile() -> None:
    gone, handed_on = replace(taken(), answers={}), replace(taken(), officer="Joko", officer_id=8)
    for lead, said in ((None, "card.gone"), (gone, "card.gone"), (handed_on, "card.taken_already")):
        person = at_work(taken()).presses(press("note")).says("berminat")
        person.world = replace(person.world, lead=lead)
        person.says("lewati")
        assert not person.did(NoteOutcome)
        assert said in person.told
        assert person.asked == "home.start"


def test_noting_does_not_lose_a_registration_of_ones_own() -> None:
    person = at_work(taken()).says("daftar").says("ya").says("Rina")
    person.presses(press("note")).says("berminat").says("lewati")
    assert person.asked == "registration.regency"


# ------------------------------------------------------------------------------------------------ words and tasks


def test_tugas_shows_ten_at_a_time_each_by_name_and_place_and_goes_forwards_and_backwards() -> None:
    leads = tuple(replace(taken(), code=f"RK-{number}", next_at=NINE) for number in range(12))
    person = at_work(None).says("/tugas")
    assert person.did(ListTasks) == [ListTasks(0)]
    first, second = task_list(12, leads[:10], Page(0), person.world), task_list(12, leads[10:], Page(1), person.world)
    assert [button.press.value for button in first.buttons[:11]] == [*(f"RK-{number}" for number in range(10)), "1"]
    assert [button.label for button in first.buttons[:10]] == [f"Siti, RK-{number}" for number in range(10)]
    alone = task_list(1, leads[:1], Page(), person.world)
    assert alone.buttons[0].label == "Siti, Laweyan"
    assert all(button.alone for button in first.buttons[:10])
    assert [button.press.value for button in second.buttons] == ["RK-10", "RK-11", "", *ONLY]
    assert person.presses(first.buttons[10]).did(ListTasks) == [ListTasks(1)]
    assert person.presses(second.buttons[2]).did(ListTasks) == [ListTasks(0)]


def test_a_list_of_ten_rows_keeps_the_last_for_the_next_page_and_says_what_may_be_typed() -> None:
    leads = tuple(replace(taken(), code=f"RK-{number}", next_at=NINE) for number in range(9))
    say = task_list(30, leads, page(1, "overdue", 10), World(NINE, known()))
    assert [button.press.value for button in say.buttons[-2:]] == ["RK-8", "overdue.2"]
    assert len(say.buttons) == 10
    assert "tasks.typed" in keys(say)
    assert "tasks.typed" not in keys(task_list(30, leads, page(1, "overdue", 0), World(NINE, known())))


@pytest.mark.parametrize("only", ONLY)
def test_a_part_of_the_list_is_kept_while_paging_by_button_and_by_word(only: str) -> None:
    person = at_work(None).presses(Press("command", "tasks", only))
    assert person.did(ListTasks) == [ListTasks(0, only)]
    assert person.says("Berikutnya").did(ListTasks) == [ListTasks(1, only)]
    assert person.says("berikutnya").did(ListTasks) == [ListTasks(2, only)]
    assert person.says("sebelumnya").did(ListTasks) == [ListTasks(1, only)]
    assert person.says("/tugas").did(ListTasks) == [ListTasks(0)]
    assert person.says("berikutnya").did(ListTasks) == [ListTasks(1)]


@pytest.mark.parametrize(
    ("said", "only"),
    [("Lewat", "overdue"), ("hari ini", "today"), ("baru", "new"), ("tinggal bayar", "unpaid"),
     ("tugas hari ini", "today"), ("tugas yang lewat", "overdue"), ("yang belum dihubungi", "new"), ("belum bayar", "unpaid")],
)  # fmt: skip
def test_a_part_of_the_list_is_asked_for_in_words(said: str, only: str) -> None:
    assert at_work(None).says(said).did(ListTasks) == [ListTasks(0, only)]
    assert not at_work(None, None).says(said).did(ListTasks)


def test_the_list_goes_on_by_a_word_though_an_outcome_was_noted_meanwhile() -> None:
    person = at_work(taken()).says("/tugas").presses(press("note")).says("berminat").says("lewati")
    assert person.says("berikutnya").did(ListTasks) == [ListTasks(1)]


def test_a_line_says_when_and_why_and_marks_what_is_overdue() -> None:
    later, late = (replace(taken(), next_at=NINE + hours, next_reason="papers") for hours in (SECOND, -SECOND))
    world = World(NINE, known())
    assert {"tasks.line", "next.papers"} <= keys(task_list(1, [later], Page(), world))
    assert {"tasks.line_overdue", "next.papers"} <= keys(task_list(1, [late], Page(), world))


@pytest.mark.parametrize("name", ["Siti", "Siti Nur Aini Rahmawati Putri", "RK"])
@pytest.mark.parametrize("place", ["33.72.01", "33.04", "33.74", ""])
def test_a_leads_button_holds_its_name_and_its_place_in_a_row_of_whatsapp(name: str, place: str) -> None:
    answers = {
        "name": {"name": name, "address": "Ibu"},
        "regency": place[:5],
        "district": place if len(place) > 5 else None,
    }
    say = task_list(1, [replace(taken(), answers=answers)], Page(), World(NINE, known()))
    label = say.buttons[0].label
    assert isinstance(label, str)
    assert len(label) <= 24
    assert label.startswith(name[:4])
    assert bool(place) is ("," in label)


def test_the_list_of_what_nobody_has_names_no_owner_and_goes_on_in_the_same_way() -> None:
    waiting = [UntakenLead(f"RK-{number}", "33.72.01", NINE) for number in range(5)]
    person = at_work(None).presses(Press("command", "untaken", ""))
    assert person.did(ListUntaken) == [ListUntaken(0)]
    say = untaken_list(6, waiting, Page(size=5), person.world)
    assert [button.press for button in say.buttons[-2:]] == [
        Press("lead", "show", "RK-4"),
        Press("command", "untaken", "1"),
    ]
    assert {name for text in inside(say.text) for name in text.fields} == {
        *("count", "lines", "code", "place", "day", "page", "number")
    }
    assert untaken_list(0, (), Page(), person.world).text.key == "untaken.none"
    assert "card.not_yours" in at_work(None, None).presses(Press("command", "untaken", "")).told


@pytest.mark.parametrize("value", ["x", "overdue.²", "no.1", "-1", "²", "99999999", "40"])
def test_a_page_that_is_not_there_is_no_accident(value: str) -> None:
    [effect] = at_work(None).presses(Press("command", "tasks", value)).did(ListTasks)
    assert effect.page in (0, 1, 40)


def test_officer_words_are_an_owners_words_to_everybody_else() -> None:
    assert not at_work(None, None).says("/libur").did(SetAbsent)


@pytest.mark.parametrize(("said", "absent"), [("/libur", True), ("/masuk", False), ("saya libur", True)])
def test_an_officer_is_away_and_back_by_a_word(said: str, absent: bool) -> None:
    assert [effect.absent for effect in at_work(None).says(said).did(SetAbsent)] == [absent]


def test_officer_words_go_before_the_question_of_an_officers_own_registration() -> None:
    person = at_work(None).says("daftar").says("ya").says("/tugas")
    assert person.did(ListTasks)
    assert "name" not in person.session.answers


def test_showing_a_card_is_written_down() -> None:
    assert [effect.code for effect in at_work(sent()).presses(press("show")).did(LookedAt)] == [sent().code]


# ------------------------------------------------------------------------------------------------ the card


def test_a_card_shows_what_the_owner_was_told_it_costs_and_never_a_verdict() -> None:
    said = keys(card(sent(), World(NINE, known())))
    assert {"card.seen", "card.indication", "reason.assumed_micro"} <= said


def test_a_price_that_was_shown_from_to_stands_so_on_the_card() -> None:
    [effect] = Person().goes_on(income="1 sampai 3 juta").did(SubmitLead)
    lead = Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)
    seen = effect.estimate["two"]
    ends = [text.fields for text in inside(card(lead, World(NINE, known())).text) if text.key == "money.between"]
    assert seen["low"] < seen["high"]
    assert ends == [
        {"low": Rupiah(seen["low"]), "high": Rupiah(seen["high"])},
        {"low": Rupiah(seen["reduced_low"]), "high": Rupiah(seen["reduced_high"])},
    ]


def test_a_card_shows_the_cut_price_and_both_programmes_where_the_owner_wants_them_explained() -> None:
    [effect] = Person().goes_on(program="dijelaskan petugas").did(SubmitLead)
    lead = Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)
    said = [text for text in inside(card(lead, World(NINE, known())).text) if text.key == "card.seen_cut"]
    assert [text.fields["program"].key for text in said] == ["registration.program.two", "registration.program.three"]
    assert [text.fields["reduced"] for text in said] == [Rupiah(8_400), Rupiah(28_400)]
    assert {text.fields["amount"].key for text in said} == {"money.from"}


def test_from_ten_workers_on_the_card_asks_for_turnover_and_legal_form() -> None:
    for said, asks in (("25 orang dibayar", True), ("9 orang dibayar", False)):
        [effect] = Person().goes_on(workers=said, wages="semua dibayar").did(SubmitLead)
        lead = Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)
        assert ("reason.ask_scale" in keys(card(lead, World(NINE, known())))) is asks


def test_a_district_that_the_owner_passed_over_is_a_line_of_the_card_and_what_nobody_asked_is_none() -> None:
    [effect] = Person().goes_on(district="lewati").did(SubmitLead)
    lead = Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)
    said = keys(card(lead, World(NINE, known())))
    assert "registration.district.label" in said
    assert not {"registration.income.label", "registration.business_name.label"} & said


def test_what_an_owner_over_65_asks_for_stands_on_the_card() -> None:
    [effect] = Person().goes_on(under_65="sudah 70", over_age="untuk pekerja saya").did(SubmitLead)
    lead = Lead(effect.code, "new", NINE, effect.answers, estimate=effect.estimate)
    assert "registration.over_age.workers" in keys(card(lead, World(NINE, known())))


def test_times_on_a_card_are_those_of_the_clock_that_people_look_at() -> None:
    visit = Visit("contacted", datetime(2026, 11, 25, 2, 6, tzinfo=UTC))
    shown = card(taken(history=(visit,)), World(NINE, known()))
    [line] = [text for text in inside(shown.text) if text.key == "card.visit"]
    assert line.fields["day"] == datetime(2026, 11, 25, 9, 6, tzinfo=NINE.tzinfo)


def test_only_the_holder_of_a_lead_can_note_and_only_a_free_one_can_be_taken() -> None:
    world = World(NINE, known())
    assert [b.press.question for b in card(sent(), world, RINA).buttons] == ["take"]
    assert [b.press.question for b in card(taken(), world, RINA).buttons] == ["note", "remind", "more"]
    assert card(taken(), world, JOKO).buttons == ()
    assert [b.press.question for b in card(replace(taken(), offered=True), world, JOKO).buttons] == ["take"]


def test_a_closed_card_offers_to_take_it_back_for_a_week() -> None:
    world, ended = World(NINE, known()), Visit("declined", NINE)
    closed = replace(taken(), status="declined", history=(ended,))
    assert [b.press.question for b in card(closed, world, RINA).buttons] == ["undo"]
    assert card(closed, world, JOKO).buttons == ()
    assert card(closed, replace(world, now=NINE + timedelta(days=7)), RINA).buttons == ()


def test_a_code_that_fits_is_asked_once_more_binds_the_chat_and_loses_no_answers_and_one_that_does_not_is_counted() -> (
    None
):
    person = Person("halo", "ya", "Bu Siti")
    person.world = replace(person.world, invitation="ok", invited=Officer(7, "Rina", "officer", ("33.72",)))
    person.does(Heard(text="PTG-AAAAAAAAAA"))
    assert "binding.sure.ask" in person.told, "with the name it is for"
    assert not person.did(BindOfficer)
    person.world = replace(person.world, invitation="")
    person.presses(person.button("yes"))
    assert person.did(BindOfficer)
    assert person.session.answers["name"]["name"] == "Siti"
    wrong = Person(invitation="bad").does(Heard(text="RKG-AAAAAAAA"))
    assert wrong.did(WrongCode)
    assert "officer.wrong_code" in wrong.told


def test_without_tasks_it_says_so() -> None:
    assert task_list(0, (), Page(), World(NINE, known())).text.key == "tasks.none"
    assert task_list(0, (), Page(only="overdue"), World(NINE, known())).text.key == "tasks.none_of"


def test_without_tasks_of_ones_own_it_names_how_many_wait_and_leads_to_them() -> None:
    said = task_list(0, (), Page(), World(NINE, known()), untaken=2)
    assert (said.text.key, said.text.fields) == ("tasks.none_taken", {"count": 2})
    assert [button.press.question for button in said.buttons] == ["untaken"]


@pytest.mark.parametrize(
    "words",
    [
        "tidak mau, minta berhenti dikirimi pesan",
        "hapus data",
        "ingatkan besok jam 9",
        "Saya libur besok, jadi ditelepon Senin. Bayar iurannya berapa ya?",
        "halo",
        "sudah, gratis. {nama} 🙏\nbaris kedua",
    ],
)
def test_a_note_is_kept_as_it_was_typed_whatever_it_speaks_of(words: str) -> None:
    person = at_work(taken()).presses(press("note")).says("sudah dihubungi").says(words)
    assert [effect.words for effect in person.did(AddNote)] == [words]


def test_a_note_that_is_nothing_but_a_command_acts() -> None:
    person = at_work(taken()).presses(press("note")).says("sudah dihubungi").says("batal")
    assert not person.did(NoteOutcome)
    assert "cancelled.this" in person.told
