"""The index of phrasings: it must find paraphrases, forgive misspellings, and not guess at what it does not know."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.hear.intents import Intents
from conversations.hear.text.wording import Wording, lines
from conversations.hear.topics import Phrasings
from tests.ear import ear

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "locales" / "id" / "hear"
TABLES = {
    name: tomllib.loads((WORDS / f"{name}.toml").read_text("utf-8")) for name in ("topics", "commands", "small_talk")
}
CORPUS = ROOT / "tests" / "understanding" / "corpus" / "intents.jsonl"
TOPICS = sorted(TABLES["topics"]["phrasings"])


@pytest.fixture(scope="module")
def intents() -> Intents:
    return ear().intents


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(TABLES["topics"])


def test_each_topic_has_at_least_40_phrasings() -> None:
    for topic in TOPICS:
        assert len(set(lines(TABLES["topics"]["phrasings"], topic))) >= 40, topic


def test_every_topic_and_every_kind_of_small_talk_has_a_short_answer_with_its_source() -> None:
    with (ROOT / "locales/id/LC_MESSAGES/faq.po").open("rb") as file:
        answers = {str(m.id): m for m in read_po(file) if m.id}
    talk = {f"talk.{kind}" for kind in ("greeting", "thanks", "abuse", "offtopic")}
    labels = {f"topic.{topic}" for topic in TOPICS}
    parts = {key for key in answers if key.count(".") == 2 and key.split(".")[1] in TOPICS}
    assert set(answers) == {f"faq.{topic}" for topic in TOPICS} | talk | labels | parts
    assert {key for key in labels if len(str(answers[key].string)) > 20} == set(), (
        "WhatsApp shows 20 letters on a button"
    )
    for key, message in answers.items():
        if key in labels:
            continue
        assert 1 <= len(str(message.string).splitlines()) <= 4, key
        assert len(str(message.string)) <= 400, key
        assert message.auto_comments, key
    assert "{two}" in str(answers["faq.cost"].string)
    assert "{three}" in str(answers["faq.cost"].string)


def test_no_phrasing_repeats_a_held_out_line(wording: Wording) -> None:
    held_out = {
        row["text"].casefold() for row in map(json.loads, CORPUS.read_text("utf-8").splitlines()) if row.get("held_out")
    }
    phrasings = {
        line.casefold()
        for table in (TABLES["topics"]["phrasings"], TABLES["commands"]["phrasings"])
        for name in table
        for line in lines(table, name)
    }
    assert not held_out & phrasings


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_found_by_its_own_phrasings(intents: Intents, topic: str) -> None:
    """Not all: a few phrasings belong to two topics."""
    said = lines(TABLES["topics"]["phrasings"], topic)
    found = [intents.topic(line) for line in said]
    assert sum(1 for match in found if match and match[0] == topic) >= 0.9 * len(said)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("piro mbayare sewulan", "cost"),
        ("brp iuranya per bln", "cost"),
        ("PINTEN IURANIPUN???", "cost"),
        ("nek telat mbayar didendo ora", "payment_late"),
        ("kantoreee nang ndiii", "office_location"),
        ("beasiswaa anak", "scholarship"),
    ],
)
def test_slang_javanese_and_misspellings_reach_the_topic(intents: Intents, text: str, topic: str) -> None:
    match = intents.topic(text)
    assert match is not None
    assert match[0] == topic


@pytest.mark.parametrize("text", ["", "🙏", "asdf qwer zxcv", "xylophone quantum"])
def test_what_shares_nothing_with_any_topic_has_none(intents: Intents, text: str) -> None:
    assert intents.topic(text) is None


@given(text=st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_has_at_most_one_topic_and_a_score_between_0_and_1(text: str) -> None:
    match = ear().intents.topic(text)
    assert match is None or (match[0] in TOPICS and 0.0 <= match[1] <= 1.0 + 1e-9)


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_evening_out_a_word_twice_changes_nothing_more(text: str) -> None:
    wording = ear().intents._wording
    for word in wording.words(text):
        assert wording.word(word) == word or wording.word(word) in wording.word(word).split("+")


def test_an_empty_index_knows_nothing() -> None:
    empty = Phrasings({})
    assert empty.ranked(("iuran",)) == []
