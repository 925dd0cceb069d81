"""An identity number is found in whatever disguise, and no other number is taken for one."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.hear.digit_runs import runs
from conversations.hear.redact import MASK, redact

NIK = "3374011234560001"

SCRIPTS = (0x660, 0x6F0, 0x966, 0xFF10, 0x1D7CE, 0x1D7D8, 0xA9D0)  # where other digits begin: Arabic, Javanese, bold, …
RAISED, CIRCLED = "⁰¹²³⁴⁵⁶⁷⁸⁹", "⓪①②③④⑤⑥⑦⑧⑨"
LETTERS = {"0": "OoQD", "1": "lIi", "2": "Zz", "5": "Ss", "6": "Gb", "8": "B", "9": "gq"}
UNSEEN = "\u200b\u200c\u200d\u2060\u00ad\u200e\u200f\ufeff\ufe0f\u20e3\u0301"
SEPARATORS = "   .,-–—―‐/_|+()[]{}<>*~•·=':;\"\\&#@!?…\n\t\u00a0\u2009\u202f\u3000🙂👍➖"

people = st.builds(
    lambda area, born, woman, serial: f"{area}{born.day + 40 * woman:02}{born:%m%y}{serial:04}",
    st.sampled_from(("337401", "337201", "331012", "627103", "620108", "110101", "317108", "510203", "730809")),
    st.dates(date(1950, 1, 1), date(2010, 1, 1)),
    st.booleans(),
    st.integers(1, 9999),
)
separators = st.lists(st.sampled_from(SEPARATORS), max_size=6).map("".join)


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A number cut into groups anywhere, with any signs between, each digit written in any way."""
    digits = draw(people)
    cuts = draw(st.sets(st.integers(1, 15), max_size=5))
    signs = draw(st.sampled_from(("plain", "scripts", "letters", "unseen", "all")))
    text = ""
    for index, digit in enumerate(digits):
        if index in cuts:
            text += draw(separators)
        written = digit
        if signs in ("letters", "all") and index and digit in LETTERS and digits[index - 1] not in LETTERS:
            written = draw(st.sampled_from(digit + LETTERS[digit]))
        elif signs in ("scripts", "all"):
            n = int(digit)
            written = draw(st.sampled_from([digit, RAISED[n], CIRCLED[n], *(chr(first + n) for first in SCRIPTS)]))
        if signs in ("unseen", "all"):
            written += draw(st.sampled_from(["", *UNSEEN]))
        text += written
    return text


def digits_left(text: str) -> str:
    return "".join(group.digits for run in runs(text) for group in run.groups)


@settings(max_examples=200)
@example("3.…………374010101000001", "", "")
@example("3374" + "-" * 60 + "011234560001", "", "")
@given(
    disguised(),
    st.sampled_from(("", "NIK saya ", "nik:", "ini ya bu ", "Siti, ")),
    st.sampled_from(("", " ya bu", "\nSiti", ".")),
)
def test_a_number_in_any_disguise_is_taken_out(number: str, before: str, after: str) -> None:
    kept, masked = redact(f"{before}{number}{after}")
    assert masked, ascii(number)
    assert len(digits_left(kept)) < 3, ascii(kept)


@pytest.mark.parametrize(
    "said",
    [
        "nik 3374 lalu 0112 lalu 3456 lalu 0001",
        f"No.KK:{NIK}/NIK:3374015555560001",
        f"08123456789 {NIK}",
        "081234567890 3374 0112 3456 0001",
        "+62 812 3456 7890 3374 0112 3456 0001",
        "62 8101 123456 0001",
        "1 3374 0112 3456 0001",
        "337401 081234 0001 11",
        "3374 0112 3456 0812 0857 1111 2222",
        "3374-0812-0390-0001",
        "lahir 12-03-1990 nik 3374 0112 0390 0001",
        f"{NIK}1",
        "33-74-Ol-lZ-34-S6-OOOl",
        "㉝74 0112 3456 0001",
        "三三七四 0112 3456 0001",
        "3374 titik 0112 titik 3456 titik 0001",
        "33740112 lalu З456 ООО1",
        "3374\u31640112\u31643456\u31640001",
    ],
)
def test_beside_other_numbers_it_is_found_too(said: str) -> None:
    assert redact(said)[1]


# ------------------------------------------------------------------------------------------ what is left alone

between = st.sampled_from((" ", ", ", " / ", "\n", "; ", " - ", " dan ", " atau ", " | "))
mobiles = st.builds(
    lambda start, rest, length, shape: shape(start + rest[: length - len(start)]),
    st.sampled_from(("0812", "0813", "0821", "0857", "0878", "0896", "0881")),
    st.text("0123456789", min_size=9, max_size=9),
    st.integers(10, 13),
    st.sampled_from(
        (
            str,
            lambda n: f"{n[:4]} {n[4:8]} {n[8:]}",
            lambda n: f"{n[:4]}-{n[4:8]}-{n[8:]}",
            lambda n: f"{n[:4]}.{n[4:7]}.{n[7:]}",
            lambda n: f"+62{n[1:]}",
            lambda n: f"62{n[1:]}",
            lambda n: f"+62 {n[1:4]} {n[4:8]} {n[8:]}",
            lambda n: f"+62 {n[1:4]}–{n[4:8]}–{n[8:]}",
        )
    ),
)
landlines = st.integers(100000, 9999999).map(lambda n: f"(0271) {n}")
prices = st.one_of(
    st.integers(1, 9999).map(lambda n: f"{n * 500:,}".replace(",", ".")),
    st.integers(2, 200).map(lambda n: f"Rp{n * 500:,}".replace(",", ".")),
    st.integers(2, 200).map(lambda n: str(n * 500)),
    st.integers(1, 99).map(lambda n: f"{n}rb"),
)
days = st.builds(
    lambda day, shape: f"{date(2020, 1, 1) + timedelta(day):{shape}}",
    st.integers(0, 4000),
    st.sampled_from(("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y")),
)
hours = st.builds(
    lambda h, m, dot: f"{h:02}{dot}{m:02}", st.integers(0, 23), st.sampled_from((0, 15, 30, 45)), st.sampled_from(":.")
)
lists = [
    st.lists(kind, min_size=1, max_size=5) for kind in (mobiles, prices, days, hours, st.one_of(mobiles, landlines))
]
lists += [st.tuples(mobiles, st.one_of(days, hours, prices)).map(list)]


@settings(max_examples=200)
@given(st.one_of(*lists), between)
@example(["0812 3456 7890", "12/03/1990"], " ")
@example(["25/12/2026", "31/12/2026"], " - ")
@example(["5000", "7000", "8000", "9000"], " ")
@example(["5000", "7000", "8000", "9000"], ",")
@example(["10.000", "15.000", "20.000", "5.000"], " ")
def test_telephone_numbers_prices_dates_and_times_are_left_alone(numbers: list[str], sign: str) -> None:
    text = sign.join(numbers)
    assert redact(text) == (text, False)


@pytest.mark.parametrize(
    "said",
    [
        "pasar-gede-2026-11", "ad-458102201391", "sosialisasi_2026-11-30_klaten_01", "RK-222ABF", "HXGP4K",
        "https://wa.me/6281234567890?text=Halo%20Rangkul%20(pasar-gede)", "-7.566612, 110.824312",
        "minyak 2l 35000, 5l 80000, 1l 18000", "SOLO 081234567890", "kode pos 57126 Solo 0812 3456 7890",
        "2026 081234567890", "jam buka 10.00-12.00 13.00-17.00", "2019 2020 2021 2022", "KPJ 0001234567890",
        "gula 250g 12000 500g 23000", "13.30, 0817-3584-1064, 20.30",
        "62, 15.30, 0821-5811-0065, 0859 2109 8037", "57632 27/06/2006 150500 88", "12.30 57504 1.610.500 4",
        "RT 02 RW 05 no 12 57126 0812-3456-7890", "jne 0123456789012",
    ],
)  # fmt: skip
def test_words_with_digits_in_them_are_left_alone(said: str) -> None:
    assert redact(said) == (said, False)


def test_what_stands_around_it_stays() -> None:
    assert redact("Bu Siti, nik 3374–0112–3456–0001, hp 0812 3456 7890") == (
        f"Bu Siti, nik {MASK}, hp 0812 3456 7890",
        True,
    )
    assert redact(f"{NIK} {NIK}") == (f"{MASK} {MASK}", True)
    assert not re.search(r"\d", redact("3️⃣3️⃣7️⃣4️⃣0️⃣1️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣0️⃣0️⃣0️⃣1️⃣")[0])
