"""Phones: every common way to write a number is one number, and a number that was not given is never read."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.phones import PhoneNumber, Phones
from conversations.hear.text.readings import Unsure

ROOT = Path(__file__).parents[2]
PHONES = Phones(tomllib.loads((ROOT / "locales/id/hear/phones.toml").read_text(encoding="utf-8")))
CORPUS = ROOT / "tests/understanding/corpus/phone.jsonl"
NUMBER = PhoneNumber("phone", "+6281200001001")
SPOKEN = {
    "0": ("nol", "kosong"),
    "1": ("satu", "siji"),
    "2": ("dua", "loro"),
    "3": ("tiga", "telu"),
    "4": ("empat", "papat"),
    "5": ("lima", "limo"),
    "6": ("enam", "enem"),
    "7": ("tujuh", "pitu"),
    "8": ("delapan", "wolu"),
    "9": ("sembilan", "songo"),
}

mobiles = st.tuples(st.sampled_from(["12", "13", "57", "78", "95", "38"]), st.integers(0, 9999)).map(
    lambda made: f"08{made[0]}0000{made[1]:04}"
)


@pytest.mark.parametrize(
    "text",
    [
        "0812-0000-1001",
        "+62 812 0000 1001",
        "6281200001001",
        "81200001001",
        "+62(0)812 0000 1001",
        "wa.me/6281200001001",
        "nomor saya 0812.0000.1001 ya kak",
        "０８１２００００１００１",
        "nol delapan satu dua nol nol nol nol satu nol nol satu",
        "nol delapan dua belas nol nol nol nol sepuluh nol satu",
        "umur 45 tahun, 0812 0000 1001",
    ],
)
def test_every_common_writing_is_the_same_number(text: str) -> None:
    assert PHONES.read(text) == NUMBER


@given(mobiles, st.data())
def test_a_number_survives_any_grouping_prefix_and_dictation(number: str, data: st.DataObject) -> None:
    meant = PhoneNumber("phone", f"+62{number[1:]}")
    start = data.draw(st.sampled_from(["0", "62", "+62 ", ""]))
    separator = data.draw(st.sampled_from([" ", "-", ".", ""]))
    digits = start + number[1:]
    cut = len(digits) - 8
    grouped = separator.join((digits[:cut], digits[cut : cut + 4], digits[cut + 4 :]))
    assert PHONES.read(grouped) == meant
    dictated = " ".join(data.draw(st.sampled_from(SPOKEN[digit])) for digit in number)
    assert PHONES.read(dictated) == meant


@given(mobiles, mobiles)
def test_of_two_different_numbers_none_is_taken_unless_one_is_picked(first: str, second: str) -> None:
    if first == second:
        assert PHONES.read(f"{first} / {second}") == PhoneNumber("phone", f"+62{first[1:]}")
        return
    for between in (" ", ", ", " / ", " atau ", " dan "):
        assert isinstance(PHONES.read(first + between + second), Unsure)
    assert PHONES.read(f"{first} eh salah {second}") == PhoneNumber("phone", f"+62{second[1:]}")
    assert PHONES.read(f"{first} sudah mati, yang aktif {second}") == PhoneNumber("phone", f"+62{second[1:]}")


@pytest.mark.parametrize(
    "text",
    [
        "0812 0000 1001 10",
        "081200001001 nol",
        "08120000100 12",
        "wa 089500006783 5 081200008821",
        "0812 0000 1001 eh salah",
        "jangan ke 0812 0000 1001",
        "0812 0000 1001 eh 1002",
        "0812xxxx1001",
        "wa ini atau 0812 0000 1001",
        "bukan nomor ini",
        "ini nomor anak saya",
        "ini nomor bapak saya",
        "nomor ini tidak aktif",
        "nol delapan seratus dua puluh",
        "ya",
    ],
)
def test_a_doubt_is_asked_about(text: str) -> None:
    assert isinstance(PHONES.read(text), Unsure)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nomor ini aja kak", "this_number"),
        ("sing iki wae", "this_number"),
        ("ora nduwe hp", "none"),
        ("+60 12 000 0123", "foreign"),
        ("0857 0000 70", "invalid"),
        ("3374000000000001", "invalid"),
    ],
)
def test_what_is_said_instead_of_a_number_is_told_apart(text: str, kind: str) -> None:
    read = PHONES.read(text)
    assert isinstance(read, PhoneNumber)
    assert (read.kind, read.e164) == (kind, "")


def test_a_landline_is_no_mobile() -> None:
    assert PHONES.read("(024) 0007006") == PhoneNumber("landline", "+62240007006")


def test_the_corpus_is_read_right_in_98_of_100_lines_and_never_stores_a_number_that_was_not_given() -> None:
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    outcomes: Counter[str] = Counter()
    for line in lines:
        expected = {(each["kind"], each.get("e164", "")) for each in (line["expect"], *line["expect"].get("also", []))}
        read = PHONES.read(line["text"])
        got = ("ask", "") if isinstance(read, Unsure) else (read.kind, read.e164)
        outcomes["right" if got in expected else "asked" if got[0] == "ask" else "wrong"] += 1
    assert outcomes["right"] >= 0.98 * len(lines), outcomes
    assert outcomes["wrong"] == 0, outcomes


NOISE = (
    "eh",
    "salah",
    "atau",
    "ini",
    "nomor",
    "wa",
    "lama",
    "aktif",
    "mati",
    "5",
    "anak",
    "10",
    "tapi",
    "/",
    ",",
    "nol",
    "dobel",
)


@given(mobiles, mobiles, st.lists(st.sampled_from(NOISE), max_size=5), st.randoms(use_true_random=False))
def test_no_number_is_read_that_the_text_does_not_hold(
    first: str, second: str, noise: list[str], chance: Random
) -> None:
    words = [first, second, *noise]
    chance.shuffle(words)
    read = PHONES.read(" ".join(words))
    if isinstance(read, PhoneNumber) and read.e164:
        assert read.e164 in {f"+62{first[1:]}", f"+62{second[1:]}"}


@given(
    st.one_of(
        st.text(),
        st.text("0123456789 +-().,/ oeh?x"),
        st.lists(st.sampled_from([w for v in SPOKEN.values() for w in v])).map(" ".join),
    )
)
def test_any_text_is_read_and_a_mobile_has_the_shape_of_one(text: str) -> None:
    read = PHONES.read(text)
    if isinstance(read, PhoneNumber) and read.kind == "phone":
        assert read.e164.startswith("+628")
        assert read.e164[1:].isascii()
        assert 11 <= len(read.e164[1:]) <= 14
