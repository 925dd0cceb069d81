"""Everyday words: by them a sentence about something else is told from a name or a trade, however they are spelled."""

from __future__ import annotations

import pytest

from conversations.hear.everyday import Everyday
from locales import read_tables

EVERYDAY = Everyday(read_tables()["everyday"])


@pytest.mark.parametrize(
    "word",
    [
        "tunggu",
        "ditunggu",
        "menunggu",
        "nunggu",
        "nungguin",
        "tunggunya",
        "dikirimkan",
        "belumm",
        "bangettt",
        "tempatnya",
    ],
)
def test_a_word_is_known_in_every_form(word: str) -> None:
    assert word in EVERYDAY


@pytest.mark.parametrize(
    "word", ["dina", "keisha", "menik", "sutinem", "berta", "nita", "pemi", "tuminah", "rian", "ngatini"]
)
def test_a_name_that_looks_like_a_form_is_no_everyday_word(word: str) -> None:
    assert word not in EVERYDAY
