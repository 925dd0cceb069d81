"""How people say the choices that stand on buttons, and pass a question over: ``choices.toml`` and its reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.choices import Choices
from locales import read_tables

TABLE = read_tables()["choices"]
CHOICES = Choices(TABLE)


def test_every_listed_way_of_saying_a_choice_is_understood_as_that_choice() -> None:
    wrong = [
        (path, word, read)
        for path, values in TABLE["choices"].items()
        for value, words in values.items()
        for word in words
        if (read := CHOICES.read(word, path, tuple(values))) != value
    ]
    assert wrong == []


def test_every_listed_way_of_passing_over_is_understood_also_with_politeness() -> None:
    skips = TABLE["skip"]["words"]
    assert [word for word in skips if not (CHOICES.skips(word) and CHOICES.skips(f"{word.title()} aja ya kak!"))] == []


@pytest.mark.parametrize("word", ["warung bu sri", "toko lanjut jaya", "2 juta", "rahasia rasa", "sederhana"])
def test_an_answer_is_not_taken_for_passing_over(word: str) -> None:
    assert not CHOICES.skips(word)


@pytest.mark.parametrize(
    ("path", "said", "meant"),
    [
        ("registration.confirm", "Sudah bener kak, kirim aja", None),
        ("registration.confirm", "kirimm", None),
        ("registration.confirm", "ada yg slah", "change"),
        ("registration.wages", "Dibayar semua pak", "all"),
        ("registration.wages", "mung ngrewangi bu", "none"),
        ("registration.member", "cuma BPJS Kesehatan aja mas", "no"),
        ("registration.member", "mbuh lali aku", None),
        ("registration.member", "lali", "unsure"),
        ("registration.outside", "nggih pak", "keep"),
        ("officer.command", "/tugas", "tasks"),
        ("officer.command", "saya libur", "absent"),
        ("officer.command", "tukang", None),
    ],
)
def test_choices_are_read_as_meant_or_not_at_all(path: str, said: str, meant: str | None) -> None:
    assert CHOICES.read(said, path, tuple(TABLE["choices"][path])) == meant


@given(st.text(max_size=200), st.sampled_from(sorted(TABLE["choices"])))
def test_whatever_is_typed_gives_an_offered_choice_or_none(text: str, path: str) -> None:
    offered = tuple(TABLE["choices"][path])
    assert CHOICES.read(text, path, offered) in (*offered, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cuma pas ada borongan", "yes"),
        ("iya kalo ada proyek aja", "yes"),
        ("kalau proyek selesai ya bubar", "yes"),
        ("tidak tetap mas", "yes"),
        ("tetap, tiap hari kerja", "no"),
        ("ikut terus sama saya", "no"),
        ("kadang borongan kadang tetap", None),
        ("ya bukan gitu proyeknya", None),
        ("tetap selama proyek", None),
    ],
)
def test_a_word_that_tells_answers_a_short_message_unless_another_tells_otherwise(
    text: str, expected: str | None
) -> None:
    assert CHOICES.read(text, "registration.project", ("yes", "no")) == expected
