"""What is added is whole: whoever adds a question, an effect or an outcome is told here what is still missing."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from bot.labels import item_names
from bot.turns import linking
from bot.turns.effects import HANDLERS
from conversations.dialogues.registration import CONSENT_VERSION, registration
from conversations.engine import effects
from conversations.engine.core import Question
from conversations.engine.overview import card_questions, review_groups, reviewed_questions
from conversations.rules.outcomes import NOTED
from locales import Catalog
from storage import tables
from tests.stepwise import Person
from tests.town import known

CATALOG = Catalog.load()
ITEMS = item_names(CATALOG)
PRIVACY = (Path(__file__).parents[1] / "docs/privacy.md").read_text(encoding="utf-8")

# Questions whose answer the review, and with it the card, does not show.
NOT_REVIEWED = {
    "consent",  # it was given, or nothing is asked
    "outside",  # that it is kept is what the owner is told at the end
    "confirm",  # the review itself
}
NOT_ON_THE_CARD = {"work_days"}  # of the income a lead keeps the bracket only, which they are part of

# How the notice that owners read, and docs/privacy.md, name what is asked. What is not here is named by its label.
NAMED = {
    "name": ("nama panggilan", "name used in the chat"),
    "regency": ("tempat", "place"),
    "district": ("tempat", "place"),
    "business_name": ("tempat", "place"),  # by which the place is found
    "sector": ("jenis usaha", "kind of business"),
    "workers": ("jumlah pekerja", "number of workers"),
    "wages": ("jumlah pekerja", "number of workers"),  # how many of them are paid
    "project": ("jumlah pekerja", "number of workers"),
    "under_65": ("umur di bawah 65 atau tidak", "age under 65 or not"),
    "member": ("sudah peserta atau belum", "whether already a participant"),
    "income": ("kisaran penghasilan kalau disebut", "income bracket if given"),
    "work_days": ("kisaran penghasilan kalau disebut", "income bracket if given"),
    "program": ("pilihan program", "programme"),
    "phone": ("nomor hp", "phone"),
    "contact_time": ("waktu dihubungi", "time to call"),
}
AGREED = ("2026-11-30", "ae6433c6")  # CONSENT_VERSION, and a digest of the words that it is of
# How docs/privacy.md names what a lead has in the clear.
CLEAR = {
    "code": "reference code",
    "channel": "channel",
    "campaign": "campaign",
    "regency": "regency",
    "district": "district",
    "category": "trade category",
    "workers_low": "head counts",
    "workers_high": "head counts",
    "wages": "whether they are paid",
    "program": "programme",
    "bracket_low": "bracket",
    "bracket_high": "bracket",
    "kind": "indication",
    "estimate": "price that was shown",
    "status": "status",
    **dict.fromkeys(("officer_id", "offered_to", "offered_until"), "officer"),
    "into_id": "which lead it was merged into",
    **dict.fromkeys(("created_at", "changed_at", "closed_at", "erase_at", "taken_at", "contacted_at"), "times"),
    **dict.fromkeys(("next_at", "next_reason", "ring_at", "rung", "offered"), "next step"),
}
TELLS_NOTHING = {"consent", "outside", "over_age", "member_next", "confirm"}  # questions of how to go on


# ------------------------------------------------------------------------------------------------ a question


def test_every_answer_stands_in_the_review_or_is_a_named_exception() -> None:
    shown = {question.key for question in reviewed_questions(registration)}
    assert {question.key for question in registration.questions} - shown == NOT_REVIEWED


def test_every_answer_of_the_review_stands_on_the_officers_card_or_is_a_named_exception() -> None:
    reviewed = {question.key for question in reviewed_questions(registration)}
    assert reviewed - {question.key for question in card_questions(registration)} == NOT_ON_THE_CARD


def test_every_group_of_the_review_has_a_heading() -> None:
    assert [key for key in review_groups(registration) if f"registration.group.{key}" not in CATALOG.sentences] == []


@pytest.mark.parametrize("key", ITEMS)
def test_every_answer_of_the_review_is_corrected_by_the_name_it_has_there(key: str) -> None:
    said = f"ubah {ITEMS[key]}"
    assert known().ear.intents.read(said, "confirm", lambda: False)[0] == f"correct:{key}"


def test_what_is_corrected_by_its_name_in_the_review_is_asked_again() -> None:
    person = Person("halo", "ya", "Bu Siti")
    assert person.says(f"ubah {ITEMS['name'].upper()}").asked == "registration.name"


@pytest.mark.parametrize(
    "question", [q for q in registration.questions if q.key not in TELLS_NOTHING], ids=lambda q: q.key
)
def test_everything_that_is_asked_is_named_in_the_notice_and_on_the_page_about_data(question: Question) -> None:
    label = ITEMS.get(question.key, question.key).casefold()
    in_notice, on_page = NAMED.get(question.key, (label, label))
    recorded = re.search(
        r"^Yang dicatat: .+$", CATALOG.text("registration.notice", controller="", version="", way=""), re.M
    )
    row = re.search(r"^\| a lead: .+$", PRIVACY, re.MULTILINE)
    assert recorded
    assert row
    assert in_notice in recorded[0].casefold()
    assert on_page in row[0].casefold()


def test_every_column_of_a_lead_that_lies_in_the_clear_is_named_on_the_page_about_data() -> None:
    columns = tables.table(tables.LeadRow).columns.keys()
    assert set(columns) - {"id", "person_id", "sealed"} == CLEAR.keys()
    row = re.search(r"^\| a lead: .+ in the clear for counting: ([^|]+)", PRIVACY, re.MULTILINE)
    assert row
    assert [words for words in CLEAR.values() if words not in row[1]] == []


def test_the_version_of_consent_is_of_the_words_that_are_agreed_to() -> None:
    words = "".join(
        CATALOG.text(key, controller="", version="", way="")
        for key in ("registration.consent.ask", "registration.notice")
    )
    digest = hashlib.sha256(words.encode()).hexdigest()[:8]
    assert (CONSENT_VERSION, digest) == AGREED, "other words: change CONSENT_VERSION to the day, then both in AGREED"


# ------------------------------------------------------------------------------------------------ an effect, an outcome


def test_every_effect_has_a_handler() -> None:
    """But for those that decide whose turn it is: the turn is taken once more then (bot/turns/linking.py)."""
    declared = {
        each
        for _, each in inspect.getmembers(effects, inspect.isclass)
        if each.__module__ == effects.__name__ and dataclasses.is_dataclass(each)
    }
    assert declared
    assert declared == {*HANDLERS, *get_args(linking.Decides)}


def test_every_outcome_has_words_for_its_button_and_for_the_status_that_it_brings() -> None:
    needed = [f"outcome.{name}" for name in NOTED]
    needed += [f"status.{outcome.status}" for outcome in NOTED.values() if outcome.status]
    assert [key for key in needed if key not in CATALOG.sentences] == []
