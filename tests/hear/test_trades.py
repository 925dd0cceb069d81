"""Trades: what somebody does decides, and where two businesses or only a general word were named the bot asks."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.everyday import Everyday
from conversations.hear.text.readings import Unsure
from conversations.hear.trades import CATEGORIES, Trade, Trades
from tests.ear import ear

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "locales/id/hear/trades.toml").read_text(encoding="utf-8"))
TRADES = ear().trades
CORPUS = ROOT / "tests/understanding/corpus/sector.jsonl"
SAID = (
    "jual",
    "bikin",
    "servis",
    "batik",
    "hp",
    "salon",
    "dan",
    "sambil",
    "dulu",
    "sekarang",
    "bukan",
    "goreng",
    "tahu",
    "karyawan",
)


def category(text: str) -> str | None:
    """The category as read, or None where the bot asks."""
    read = TRADES.read(text)
    return read.category if isinstance(read, Trade) else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jual batik", "dagang"),
        ("bikin batik", "tekstil"),
        ("produksi dan jual batik", "tekstil"),
        ("servis hp", "jasa_perorangan"),
        ("jual hp", "dagang"),
        ("jual tahu", "dagang"),
        ("bikin tahu", "olah_makanan"),
        ("jual tahu goreng", "kuliner"),
        ("kursus jahit", "pendidikan"),
        ("sewa baju adat", "jasa_usaha"),
    ],
)
def test_what_is_done_decides_and_not_the_goods(text: str, expected: str) -> None:
    assert category(text) == expected


@pytest.mark.parametrize("text", ["londri", "Laundry", "LOUNDRY kiloan", "laundryku", "laundri"])
def test_spellings_of_one_trade_are_one_trade(text: str) -> None:
    assert category(text) == "jasa_perorangan"


def test_a_slip_of_the_finger_is_forgiven_only_where_nothing_certain_was_said() -> None:
    assert category("bengkell motr") == "bengkel"
    assert category("konveksih") == "tekstil"
    assert category("toko baju bu sindin") == "dagang"


@pytest.mark.parametrize("text", ["saya karyawan pabrik", "buruh pabrik", "pensiunan guru", "guru sd negeri"])
def test_employees_and_pensioners_are_told_apart(text: str) -> None:
    assert TRADES.read(text) == Unsure(why="employee")


def test_an_owner_with_employees_is_an_owner() -> None:
    assert category("laundry, karyawan 2") == "jasa_perorangan"
    assert category("pensiunan, sekarang jualan soto") == "kuliner"


def test_two_unrelated_businesses_are_offered_both() -> None:
    assert TRADES.read("salon merangkap jual baju") == Unsure(("jasa_perorangan", "dagang"), "two")
    assert TRADES.read("ternak lele dan warung makan") == Unsure(("tani", "kuliner"), "two")
    assert TRADES.read("ojek sama warung") == Unsure(("transport", "dagang"), "two")


def test_a_sideline_that_belongs_to_the_trade_is_no_second_business() -> None:
    assert category("tambal ban sama jual bensin eceran") == "bengkel"


@pytest.mark.parametrize("text", ["usaha kecil", "dagang", "jualan", "wiraswasta", "jasa"])
def test_a_general_word_is_asked_about(text: str) -> None:
    assert TRADES.read(text) == Unsure(why="general")


def test_the_present_trade_counts_and_a_denied_one_does_not() -> None:
    assert category("dulu sopir sekarang laundry") == "jasa_perorangan"
    assert category("bukan toko tapi warung makan") == "kuliner"
    assert category("bukan bengkel") is None


def test_the_persons_own_words_are_kept() -> None:
    assert TRADES.read("  Warung Makan\u200b Bu Sri ") == Trade("kuliner", "Warung Makan Bu Sri")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jasa cuci baju", "jasa_perorangan"),
        ("mencuci dan menyetrika pakaian", "jasa_perorangan"),
        ("menjual beras, snack dan minuman", "dagang"),
        ("jual jajan, sabun dan kebutuhan rumah tangga", "dagang"),
        ("menjual lauk matang dan sayur", "kuliner"),
        ("membuat dan menjual nasi kotak", "kuliner"),
        ("beli kain, dipotong, dijahit lalu dijual", "tekstil"),
        ("beternak ayam petelur dan menjual telurnya", "tani"),
        ("jualan cilok keliling sekolah", "kuliner"),
        ("cilok pakai motor", "kuliner"),
        ("menerima jahitan baju wanita", "tekstil"),
        ("sewa tenda dan kursi", "jasa_usaha"),
        ("toko bangunan menjual semen, cat, pasir", "dagang"),
        ("food truck", "kuliner"),
        ("membuat criping pisang dan singkong", "olah_makanan"),
        ("jasa cuci karpet dan sofa", "jasa_perorangan"),
        ("jasa titip", "dagang"),
    ],
)
def test_a_trade_in_the_words_of_a_register_is_read_as_a_whole(text: str, expected: str) -> None:
    assert category(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ya tahu",
        "tahu",
        "kok gitu",
        "lagi makan",
        "modus penipuan baru",
        "pasti",
        "sibuk banget",
        "nasinya enak sekali",
        "baju yang saya pesan belum sampai",
        "sandalnya rusak",
        "motorku mogok di jalan",
        "tetangga pindah minggu depan",
        "ujian hari ini tentang ekosistem rawa",
        "lagi bikin rendang nih",
    ],
)
def test_one_word_of_goods_in_a_sentence_about_something_else_is_no_trade(text: str) -> None:
    assert category(text) is None


def test_a_word_of_doing_is_told_from_goods_alone() -> None:
    for text, doing in (("menjual penyetan di kios", True), ("soto", False)):
        read = TRADES.read(text)
        assert isinstance(read, Trade)
        assert read.doing is doing


@pytest.mark.parametrize("text", ["ojek", "narik ojek", "kurir paket", "sopir angkot", "becak", "antar jemput sekolah"])
def test_who_carries_people_or_goods_drives(text: str) -> None:
    assert TRADES.read(text) == Trade("transport", text, drives=True)


@pytest.mark.parametrize(
    "text", ["parkir", "kuli panggul pasar", "food truck burger", "jual motor bekas", "rental mobil", "jastip"]
)
def test_who_carries_nobody_and_nothing_on_wheels_does_not_drive(text: str) -> None:
    read = TRADES.read(text)
    assert isinstance(read, Trade)
    assert not read.drives


def test_a_phrase_in_two_lists_is_refused() -> None:
    twice = {**TABLE, "object": {**TABLE["object"], "more": {"category": "tani", "words": ["salon"]}}}
    with pytest.raises(ValueError, match="salon"):
        Trades(twice, Everyday({}))


def test_the_corpus_is_read_right_in_98_of_100_lines_and_wrong_in_less_than_one() -> None:
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    outcomes: Counter[str] = Counter()
    for line in lines:
        accepted = {each.get("category") for each in (line["expect"], *line["expect"].get("also", []))}
        read = category(line["text"])
        outcomes["right" if read in accepted else "asked" if read is None else "wrong"] += 1
    assert outcomes["right"] >= 0.98 * len(lines), outcomes
    assert outcomes["wrong"] < 0.01 * len(lines), outcomes


@given(st.one_of(st.text(), st.lists(st.sampled_from(SAID)).map(" ".join)))
def test_any_text_gives_one_of_the_categories_or_a_question(text: str) -> None:
    read = TRADES.read(text)
    assert isinstance(read, Unsure) or read.category in CATEGORIES
