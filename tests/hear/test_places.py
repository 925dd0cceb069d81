"""Places: what people type for where they are, and where the bot should rather ask."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.hear.places.reader import Area, Place, Unsure
from storage.reference.areas import read_areas
from tests.ear import ear

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "locales/id/hear/places.toml").read_text(encoding="utf-8"))
AREAS = read_areas()
CORPUS = ROOT / "tests/understanding/corpus/region.jsonl"


def regency(text: str) -> tuple[str, str | None] | None:
    """(regency, district) as read, or None where the bot asks."""
    read = ear().places.regency(text)
    return (read.regency, read.district) if isinstance(read, Place) else None


def district(text: str, within: str) -> str | None:
    read = ear().places.district(text, within)
    return read.district if isinstance(read, Place) else None


# --- the register


def test_the_register_is_complete_for_both_provinces() -> None:
    count = Counter((area.code[:2], area.level) for area in AREAS)
    assert (count["33", "regency"], count["33", "district"]) == (35, 576)
    assert (count["34", "regency"], count["34", "district"]) == (5, 78)
    assert count["33", "village"] + count["34", "village"] == 9000


def test_codes_are_unique_and_every_child_has_its_parent() -> None:
    codes = {area.code for area in AREAS}
    assert len(codes) == len(AREAS)
    assert all(area.parent in codes for area in AREAS if area.level != "province")


def test_every_code_in_the_table_of_names_is_in_the_register() -> None:
    codes = {area.code for area in AREAS}
    sections = ("regency", "abbreviation", "district", "landmark", "province", "capital", "around")
    assert [code for section in sections for code in TABLE[section] if code not in codes] == []
    told = [code for section in ("several", "around") for listed in TABLE[section].values() for code in listed]
    assert [code for code in [*told, *TABLE["capital"].values()] if code not in codes] == []


def test_no_name_in_the_table_is_listed_for_two_regencies_unless_it_is_asked() -> None:
    seen: dict[str, str] = {}
    for section in ("regency", "abbreviation"):
        for code, names in TABLE[section].items():
            for name in names:
                assert seen.setdefault(name, code) == code, name
                assert name not in TABLE["several"], name


# --- names and codes


def test_names_are_full_and_short_names_keep_towns_apart() -> None:
    assert [ear().places.name(code) for code in ("33.72", "33.11", "33.72.01")] == [
        "Kota Surakarta",
        "Kabupaten Sukoharjo",
        "Laweyan",
    ]
    assert [ear().places.short(code) for code in ("33.72", "33.22", "33.74")] == [
        "Surakarta",
        "Kab. Semarang",
        "Kota Semarang",
    ]


def test_only_central_java_and_yogyakarta_are_served() -> None:
    assert ear().places.served("33.72")
    assert ear().places.served("34.04.07")
    assert not ear().places.served("35.25")


def test_the_districts_of_a_regency_come_in_order() -> None:
    assert ear().places.districts("33.72") == ("33.72.01", "33.72.02", "33.72.03", "33.72.04", "33.72.05")
    assert ear().places.districts("35.25") == ()


# --- the question of the regency


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Solo", "33.72"),
        ("kota jogja", "34.71"),
        ("nduwe warung neng sragen", "33.14"),
        ("kulo saking klaten", "33.10"),
        ("mboyolali", "33.09"),
        ("disragen", "33.14"),
        ("gresik", "35.25"),
        ("temangung", "33.23"),
        ("karang anyar", "33.13"),
        ("KOTA SEMARANG!!", "33.74"),
        ("semarang kab", "33.22"),
    ],
)
def test_a_regency_is_found_under_its_names_spellings_and_in_javanese(text: str, code: str) -> None:
    assert regency(text) == (code, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bulu temanggung", "33.23.01"),
        ("karanganyar kebumen", "33.05.20"),
        ("mijen demak", "33.21.10"),
        ("prambanan jogja", "34.04.09"),
        ("desa gonilan kecamatan kartasura kabupaten sukoharjo", "33.11.12"),
        ("pekajangan", "33.26.13"),
    ],
)
def test_a_district_said_along_is_kept_and_decides_between_namesakes(text: str, code: str) -> None:
    assert regency(text) == (code[:5], code)


@pytest.mark.parametrize("text", ["magelang", "pekalongan", "tegal mas", "malang", "semarang kota apa kabupaten ya"])
def test_a_name_of_both_a_town_and_a_regency_is_asked(text: str) -> None:
    read = ear().places.regency(text)
    assert isinstance(read, Unsure)
    assert len(read.candidates) == 2


def test_a_district_name_found_in_several_regencies_is_asked_with_all_of_them() -> None:
    assert ear().places.regency("kec bulu") == Unsure(("33.11", "33.17", "33.23"), "place.several")


def test_a_regency_goes_before_a_district_of_its_name_unless_a_district_is_meant() -> None:
    assert regency("rembang") == ("33.17", None)
    assert regency("kec rembang") is None


@pytest.mark.parametrize(
    "text", ["jawa tengah", "jakarta", "pantura", "soloraya", "kampung halaman", "gak tau", "1", "", "🙏"]
)
def test_a_province_a_wider_area_or_no_place_at_all_is_asked(text: str) -> None:
    assert regency(text) is None


def test_the_business_counts_where_the_home_is_named_too() -> None:
    assert regency("rumah di klaten usaha di solo") == ("33.72", None)
    assert regency("solo usahanya, klaten rumahnya") == ("33.72", None)


def test_a_big_town_reaches_to_districts_of_its_neighbours_but_not_to_their_towns() -> None:
    assert regency("colomadu solo") == ("33.13", "33.13.12")
    assert regency("boyolali solo") is None


@pytest.mark.parametrize(
    "hamlet", ["dk", "dk.", "dukuh", "dusun", "dsn", "kampung", "kp.", "lingkungan", "gang", "perum", "blok"]
)
@pytest.mark.parametrize("village", ["ds sidomulyo", "desa sidomulyo", "sidomulyo", "rt 02 rw 05 kel. sidomulyo"])
def test_what_a_hamlet_is_called_does_not_say_which_of_many_villages_is_meant(hamlet: str, village: str) -> None:
    read = ear().places.regency(f"{hamlet} krajan {village}")
    assert isinstance(read, Unsure)
    assert len(read.candidates) > 10


def test_beside_what_decides_a_hamlet_changes_nothing() -> None:
    assert regency("dk krajan ds sidomulyo kec delanggu") == ("33.10", "33.10.16")
    assert regency("dusun klaten desa jetis sukoharjo") == regency("desa jetis sukoharjo")
    assert regency("kampung batik laweyan") == ("33.72", "33.72.01")


def test_two_villages_that_are_in_one_regency_only_are_read_back() -> None:
    read = ear().places.regency("krajan sidomulyo")
    assert isinstance(read, Place)
    assert not read.plain


@pytest.mark.parametrize("text", ["jalan solo jogja km 10", "jl raya semarang klaten", "jl. raya solo-sragen km 12"])
def test_a_road_between_two_towns_is_in_neither(text: str) -> None:
    assert regency(text) is None


@pytest.mark.parametrize("text", ["klaten dan solo", "antara klaten dan sukoharjo", "cedak solo", "jalan solo"])
def test_two_places_or_a_place_beside_another_are_asked(text: str) -> None:
    assert regency(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("solo tapi besok pindah boyolali", "33.72"),
        ("sragen, bulan depan buka cabang di klaten", "33.14"),
        ("wonogiri nanging arep pindah solo", "33.12"),
        ("baru pindah dari solo ke boyolali", "33.09"),
    ],
)
def test_a_place_that_is_planned_or_left_is_not_the_place(text: str, code: str) -> None:
    assert regency(text) == (code, None)


def test_a_later_correction_wins() -> None:
    assert regency("klaten eh sukoharjo") == ("33.11", None)
    assert regency("bukan solo tapi sukoharjo") == ("33.11", None)
    assert regency("magelang kota bukan kabupaten") == ("33.71", None)
    assert regency("saya tidak di solo tapi di klaten") == ("33.10", None)


def test_a_misspelling_near_to_two_places_is_asked() -> None:
    assert regency("grmbong") is None


def test_what_was_not_typed_plainly_is_marked_so_that_the_bot_repeats_it() -> None:
    exact, guessed = ear().places.regency("sukoharjo"), ear().places.regency("sukohrjo")
    assert exact == Place("33.11", None, plain=True, said="sukoharjo")
    assert guessed == Place("33.11", None, plain=False, said="sukohrjo")


# --- the question of the district


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("laweyan", "33.72.01"),
        ("kec. banjarsari ya", "33.72.05"),
        ("mojosongo", "33.72.04"),
        ("kliwon", "33.72.03"),
        ("jebress", "33.72.04"),
    ],
)
def test_a_district_is_found_by_name_village_and_misspelling(text: str, code: str) -> None:
    assert district(text, "33.72") == code


def test_kota_is_the_district_of_the_regencys_town() -> None:
    assert district("boyolali kota", "33.09") == "33.09.05"
    assert district("kota", "33.19") == "33.19.02"
    assert district("kota", "33.15") == "33.15.13"
    assert district("kota", "33.10") is None


def test_a_side_alone_is_the_side_of_the_town() -> None:
    assert district("utara", "33.10") == "33.10.24"
    assert district("selatan", "33.24") is None


def test_a_town_of_several_districts_is_asked_with_those_districts() -> None:
    assert ear().places.district("ungaran", "33.22") == Unsure(("33.22.18", "33.22.19"), "place.several")


@pytest.mark.parametrize("text", ["laweyan", "klaten", "gak tau", "lupa mas", ""])
def test_a_district_of_another_regency_and_no_answer_are_asked(text: str) -> None:
    assert district(text, "33.14") is None


def test_an_unknown_regency_has_no_districts_and_still_answers() -> None:
    assert isinstance(ear().places.district("laweyan", "99.99"), Unsure)


# --- told by the way


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("warung bu sri di laweyan, 3 orang", "33.72.01"),
        ("jualan bakso di kec. grogol sukoharjo", "33.11.09"),
        ("bengkel motor neng delanggu", "33.10.16"),
        ("toko kelontong di kab semarang", "33.22"),
    ],
)
def test_a_place_told_by_the_way_is_heard(text: str, code: str) -> None:
    told = ear().places.mentioned(text)
    assert told is not None
    assert (told.district or told.regency) == code


@pytest.mark.parametrize(
    "text",
    [
        "soto kudus",
        "warung tegal",
        "batik di pasar",
        "rumah di klaten",
        "kantor di klaten?",
        "di semarang",
        "bu ayah",
        "di taman",
    ],
)
def test_dishes_homes_questions_and_doubtful_names_are_not_taken_for_the_place(text: str) -> None:
    assert ear().places.mentioned(text) is None


# --- for any text


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_without_failing(text: str) -> None:
    assert isinstance(ear().places.regency(text), Place | Unsure)
    assert isinstance(ear().places.district(text, "33.10"), Place | Unsure)
    assert isinstance(ear().places.mentioned(text), Place | None)


_NAMES = sorted({area.name for area in AREAS if area.level in ("regency", "district")})
_SMALL = ["di", "kab", "kota", "kec", "eh", "bukan", "rumah", "usaha", "dan", "mas", "jl", "bae"]


@given(st.lists(st.sampled_from(_NAMES) | st.sampled_from(_SMALL), max_size=6).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_any_heap_of_names_gives_codes_of_the_register_that_fit_together(text: str) -> None:
    codes = {area.code for area in AREAS}
    read = ear().places.regency(text)
    found = [read.regency, read.district] if isinstance(read, Place) else list(read.candidates)
    assert all(code is None or code in codes for code in found)
    if isinstance(read, Place) and read.district:
        assert read.district.startswith(read.regency)


@given(st.sampled_from([a for a in AREAS if a.level == "regency" and a.code[:2] in ("33", "34")]))
@settings(max_examples=40, deadline=None)
def test_every_full_name_of_a_regency_is_that_regency(area: Area) -> None:
    assert regency(area.name) == (area.code, None)
    assert regency(area.name.upper().replace("KABUPATEN", "KAB.")) == (area.code, None)


def test_every_full_name_of_a_district_is_that_district_where_it_is_asked() -> None:
    served = [area for area in AREAS if area.level == "district"]
    assert [area for area in served if district("kec " + area.name, area.parent) != area.code] == []


def test_long_nonsense_is_read_to_its_end() -> None:
    texts = ["x" * 4096, "kota " * 800, "k a " * 1000, "klaten solo " * 340, "🙏" * 4096, "karangnyr " * 400]
    for text in texts:
        assert isinstance(ear().places.regency(text), Place | Unsure)
        assert isinstance(ear().places.district(text, "33.10"), Place | Unsure)
        ear().places.mentioned(text)


# --- the corpus


def test_the_corpus_is_read_as_its_policy_says() -> None:
    """No line stores a wrong place; the held-out lines, which nothing was tuned on, have a little room."""
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    kept = [line for line in lines if not line.get("held_out")]
    held = [line for line in lines if line.get("held_out")]
    assert len(lines) >= 400
    assert [line["text"] for line in kept if outcome(line) != "right"] == []
    wrong = sum(outcome(line) == "wrong" for line in held)
    assert wrong <= len(held) // 50


@pytest.mark.parametrize(
    "text",
    [
        "gk tau", "sy gk tau", "pasti ribet", "saya tunggu ya", "sumpah bener bener kecewa", "berarti itu beneran penipuan",
        "anak ugm sama itb pinter pinter", "tulisan nya kecil", "nomernya harus ditulis", "produksi sale pisang",
        "bawang naik terus di pasar", "hotel dekat stasiun bandung kamarnya bersih", "panggang ayam", "pas kerjo piye",
        "petir bener dari kemarin", "solo karir aja penyanyinya", "batang pohonnya keropos", "gas ke puncak besok",
    ],
)  # fmt: skip
def test_a_word_that_is_also_a_place_is_none_in_a_sentence_about_something_else(text: str) -> None:
    assert regency(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "pangkalan bayat kel. bayung lencir",
        "gg. b4 31 jelambar rt 10 11 grogol petamburan",
        "lan baru lor 8 bantaeng rappocini",
    ],
)
def test_an_address_that_ends_in_names_of_another_province_is_none_of_ours(text: str) -> None:
    assert regency(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("taman surya kusuma pedurungan", ("33.74", "33.74.06")),  # a park's name, not Taman in Pemalang
        ("taman pemalang", ("33.27", "33.27.09")),
        ("kecamatan bener purworejo", ("33.06", "33.06.16")),
        ("tulis batang", ("33.25", "33.25.10")),
        ("puskesmas lama 1, reban", ("33.25", "33.25.04")),
        ("Jl. Timor No.6, Purwosari, Sinduadi, Kec. Mlati, Kab. Sleman", ("34.04", "34.04.06")),
        ("tk yasmin melati putih klaten utara", ("33.10", "33.10.24")),
    ],
)
def test_the_name_with_a_rank_and_the_last_name_decide_an_address(text: str, expected: tuple[str, str]) -> None:
    assert regency(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("laweyan solo", ("33.72", "33.72.01")),
        ("jebres", ("33.72", "33.72.04")),
        ("kec. ceper klaten", ("33.10", "33.10.11")),
        ("mbanyumanik smg", ("33.74", "33.74.11")),
        ("boyolali kec mojosongo", ("33.09", "33.09.06")),
    ],
)
def test_a_district_and_its_town_are_one_answer(text: str, expected: tuple[str, str]) -> None:
    assert regency(text) == expected


EVERYDAY = (
    "pasti",
    "tunggu",
    "bener",
    "tulisan",
    "lama",
    "sudah",
    "mahal",
    "ribet",
    "gk",
    "saya",
    "ya",
    "kok",
    "banget",
)


@given(st.lists(st.sampled_from(EVERYDAY), min_size=1, max_size=6))
def test_no_heap_of_everyday_words_is_a_place(words: list[str]) -> None:
    assert regency(" ".join(words)) is None


def outcome(line: dict[str, Any]) -> str:
    expect = line["expect"]
    question = line["question"]
    read = (
        ear().places.regency(line["text"])
        if question == "regency"
        else ear().places.district(line["text"], question[9:])
    )
    if any(_same(wanted, read, question) for wanted in (expect, *expect.get("also", ()))):
        return "right"
    return "asked" if isinstance(read, Unsure) else "wrong"


def _same(wanted: dict[str, Any], read: Place | Unsure, question: str) -> bool:
    if wanted["kind"] == "ask" or isinstance(read, Unsure):
        return wanted["kind"] == "ask" and isinstance(read, Unsure)
    if question != "regency":
        return bool(wanted["district"] == read.district)
    contradicted = wanted["district"] and read.district and wanted["district"] != read.district
    return wanted["regency"] == read.regency and not contradicted
