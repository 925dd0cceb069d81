"""The catalogue: how words are taken apart, filled in, and kept safe from what people write."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales import BOLD_OFF, BOLD_ON, Catalog, MissingWords, Sentence

CATALOG = Catalog.load()


def test_a_key_without_words_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingWords, match=r"no\.such\.key"):
        CATALOG.text("no.such.key")


def test_a_field_that_is_not_given_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingWords, match="code"):
        CATALOG.text("card.yours_already")


def test_asterisks_of_our_own_become_bold_and_those_of_a_person_stay() -> None:
    said = CATALOG.text("address.itself", name="*Sri*")
    assert said == "*Sri*"
    assert Sentence.of("*Kode {code}* 2 * 3").say({"code": "*A*"}) == f"{BOLD_ON}Kode *A*{BOLD_OFF} 2 * 3"


def test_our_own_words_keep_their_bold_inside_other_words() -> None:
    inner = Sentence.of("*tebal*").say({})
    assert Sentence.of("Bagian 1\n{text}").say({"text": inner}) == f"Bagian 1\n{BOLD_ON}tebal{BOLD_OFF}"


@given(st.text(st.characters(exclude_categories=())))
def test_no_words_of_a_person_are_interpreted_or_carry_marks(words: str) -> None:
    """Braces, percent signs, our bold marks, controls, direction marks: nothing happens but that the unseen goes."""
    said = Sentence.of("Baik, {name}!").say({"name": words})
    inside = said.removeprefix("Baik, ").removesuffix("!")
    assert not set(inside) & {BOLD_ON, BOLD_OFF, "\x00", "\r", "\u202e", "\u2066", "\u200f"}
    said.encode()
    kept = iter(words)
    assert all(letter in kept for letter in inside), "letters are only ever left out, never changed"


@given(st.text("{}!:*[].0abc \n"))
def test_words_are_taken_apart_or_refused_but_never_misread(words: str) -> None:
    try:
        sentence = Sentence.of(words)
    except ValueError:
        return
    said = sentence.say(dict.fromkeys(sentence.fields, "x"))
    assert "{" not in said.replace("{", "", words.count("{{"))


@pytest.mark.parametrize("words", ["{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{a", "a}"])
def test_a_field_is_a_plain_name_and_nothing_more(words: str) -> None:
    with pytest.raises(ValueError, match=r"plain name|encountered|expected"):
        Sentence.of(words)


def test_a_line_of_empty_fields_alone_is_left_out() -> None:
    sentence = Sentence.of("satu\n{a}\n\n{b}\n{c}\ndua {a}")
    assert sentence.say({"a": "", "b": "", "c": "tiga"}) == "satu\n\ntiga\ndua"
    assert sentence.say({"a": "", "b": "", "c": ""}) == "satu\n\ndua"


def test_money_days_and_times_are_written_as_people_write_them() -> None:
    assert CATALOG.rupiah(0) == "Rp0"
    assert CATALOG.rupiah(627_800) == "Rp627.800"
    assert CATALOG.day(date(2027, 1, 1)) == "Jumat, 1 Januari 2027"
    assert CATALOG.moment(datetime(2026, 8, 3, 16, 5)) == "3 Agu, 16.05"  # noqa: DTZ001 - shown as it is, in any zone


def test_a_language_without_words_falls_back_to_the_source() -> None:
    assert Catalog.load("jv").text("command.human") == CATALOG.text("command.human")


def test_the_catalogue_is_read_once() -> None:
    assert Catalog.load() is Catalog.load("id")
