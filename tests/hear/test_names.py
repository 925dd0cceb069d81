"""Names: what to call the person, without what people say around it, and nothing a channel could take for markup."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.address import ITSELF
from conversations.hear.names import MAX_NAME, Name, NotAName
from conversations.hear.text.readings import Unsure
from locales import read_tables
from tests.ear import ear

ROOT = Path(__file__).parents[2]
NAMES = ear().names
CORPUS = ROOT / "tests/understanding/corpus/name.jsonl"

people = st.lists(
    st.sampled_from(["Sri", "Wahyuni", "Paijo", "Slamet", "Nur'aini", "Tumini", "Handayani"]),
    min_size=1,
    max_size=3,
    unique=True,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("siti aminah, panggil bu siti", Name("Siti Aminah", "Ibu")),
        ("bu sri", Name("Sri", "Ibu")),
        ("Pak Joko", Name("Joko", "Bapak")),
        ("jenengku mbak yati", Name("Yati", "Mbak")),
        ("mas bagus", Name("Bagus", "Mas")),
        ("Siti Nur Aini Rahmawati Putri Lestari", Name("Siti Nur Aini Rahmawati Putri Lestari")),
        ("NAMA : TRI HANDAYANI", Name("Tri Handayani")),
        ("Ir. Bambang Sutejo, M.T.", Name("Bambang Sutejo")),
        ("M. Arifin", Name("M. Arifin")),
        ("Sri Wahyuni.", Name("Sri Wahyuni")),
        ("halo mbak, saya Ratna", Name("Ratna")),
        ("Toni maaf salah ketik Tono", Name("Tono")),
    ],
)
def test_name_and_form_of_address_are_kept_apart(text: str, expected: Name) -> None:
    assert NAMES.read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mbah Karto", Name("Karto", "Mbah")),
        ("Haji Slamet", Name("Slamet", "PakHaji")),
        ("H. Slamet", Name("Slamet", "PakHaji")),
        ("Ibu Hj. Maemunah", Name("Maemunah", "BuHaji")),
        ("bu haji", Name("Haji", "Ibu")),
        ("pak RT", Name("RT", "Bapak")),
        ("Lek Man", Name("Man", "Lek")),
        ("pak lik Darmo", Name("Darmo", "Paklik")),
        ("Gus Mus", Name("Mus", "Gus")),
        ("pak kyai", Name("Kyai", "Bapak")),
        ("Ning", Name("Ning")),
        ("Ibu'e Bagas", Name("Ibu'e Bagas", ITSELF)),
        ("mamake Dinda", Name("Mamake Dinda", ITSELF)),
    ],
)
def test_elders_hajis_and_who_is_called_otherwise_are_called_so(text: str, expected: Name) -> None:
    assert NAMES.read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nama gua Suparmi", Name("Suparmi")),
        ("nama sya Suparmi", Name("Suparmi")),
        ("mb Suparmi", Name("Suparmi", "Mbak")),
        ("Shafa Sari namanya", Name("Shafa Sari")),
        ("sesuai ktp suparmi", Name("Suparmi")),
        ("nama saya siti mau daftar", Name("Siti")),
        ("bu siti mau daftar bpjs", Name("Siti", "Ibu")),
        ("nama saya Bintang Timur", Name("Bintang Timur")),
        ("Sri Rejeki", Name("Sri Rejeki")),
        ("Untung", Name("Untung")),
        ("Zhafran Alvaro", Name("Zhafran Alvaro")),
        ("mas Ageng Prakoso", Name("Ageng Prakoso", "Mas")),
        ("o iya saya Wanti", Name("Wanti")),
        ("Sumiati Srg", Name("Sumiati Srg")),
    ],
)
def test_a_name_is_found_behind_slang_and_before_a_sentence(text: str, expected: Name) -> None:
    assert NAMES.read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "menjual gorengan",
        "Membuat Tas Online",
        "produksi rambak di rumah",
        "tukang las",
        "cek email ya",
        "mungkin",
        "tanggal tua",
        "belumm dibales",
        "sabar ya",
        "bunga mawar di taman",
        "rapat nanti malam",
        "ibu guru yang terhormat",
        "katanya nama lengkap artis itu Budi",
    ],
)
def test_a_trade_small_talk_or_a_sentence_is_no_name(text: str) -> None:
    assert NAMES.read(text) == NotAName()


@given(
    people,
    st.sampled_from(["", "nama saya ", "jenengku ", "saya ", "perkenalkan nama saya ", "dengan "]),
    st.sampled_from(["", " kak", ", Klaten", " dari Solo", " umur 45", " 0812 0000 1001", " 🙏", ", jualan bakso"]),
)
def test_introduction_place_age_and_phone_are_dropped(name: str, before: str, after: str) -> None:
    assert NAMES.read(before + name + after) == Name(name)
    assert NAMES.read((before + name + after).lower()) == Name(name)


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "oke kak",
        "pak",
        "selamat pagi",
        "nama siapa?",
        "gak mau",
        "toko sinar abadi",
        "Sinar Laundry",
        "🤣",
        "123",
        "",
        "nama saya",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    assert NAMES.read(text) == NotAName()


@pytest.mark.parametrize("text", ["Sri dan Budi", "Bud1", "istrinya pak budi", "Agus 2"])
def test_what_may_be_either_is_asked_about(text: str) -> None:
    assert isinstance(NAMES.read(text), Unsure)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ꦱꦶꦠꦶ", "ꦱꦶꦠꦶ"),  # Javanese
        ("Bu ꦱꦶꦠꦶ ꦲꦩꦶꦤꦃ", "ꦱꦶꦠꦶ ꦲꦩꦶꦤꦃ"),
        ("سيتي", "سيتي"),
        ("سِيتِي", "سِيتِي"),
        ("सीता", "सीता"),
        ("Jose\u0301", "José"),
        ("H\u0323usayn", "Ḥusayn"),
        ("Nguyễn Thị", "Nguyễn Thị"),
    ],
)
def test_a_name_is_kept_in_whatever_script_with_the_marks_on_its_letters(said: str, name: str) -> None:
    read = NAMES.read(said)
    assert isinstance(read, Name)
    assert read.value == unicodedata.normalize("NFC", name)


def test_markup_does_no_harm() -> None:
    assert NAMES.read("<b>Sri</b> *Wahyuni* [x](http://a.b)") in (Name("Sri"), Name("Sri Wahyuni"))


def test_the_corpus_is_read_right_in_97_of_100_lines_and_wrong_in_at_most_one() -> None:
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    outcomes: Counter[str] = Counter()
    for line in lines:
        expected = {_compared(each) for each in (line["expect"], *line["expect"].get("also", []))}
        read = NAMES.read(line["text"])
        got = "?" if isinstance(read, Unsure) else "" if isinstance(read, NotAName) else _letters(read.value)
        outcomes["right" if got in expected else "asked" if got == "?" else "wrong"] += 1
    assert outcomes["right"] >= 0.97 * len(lines), outcomes
    assert outcomes["wrong"] <= 0.01 * len(lines), outcomes


@given(st.one_of(st.text(), st.text("abS'.-,/ <>*_`()1")))
def test_any_text_is_read_and_a_name_holds_only_letters_and_harmless_marks(text: str) -> None:
    read = NAMES.read(text)
    if isinstance(read, Name):
        assert 0 < len(read.value) <= MAX_NAME
        assert all(c.isalpha() or c in " '.-" or unicodedata.category(c) in ("Mn", "Mc") for c in read.value)
        assert read.address in ("", ITSELF, *read_tables()["names"]["address"])


def _compared(expected: dict[str, str]) -> str:
    if expected["kind"] == "ask":
        return "?"
    return _letters(expected["value"]) if expected["kind"] == "name" else ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z' ]", " ", name.casefold().replace("’", "'")).strip()
