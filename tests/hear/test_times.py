"""Contact times: a day, a part of the day and an hour, as the language counts them; "besok" becomes a date when heard."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.text.readings import Unsure
from conversations.hear.times import InWords, NoContact, Slot, Times

ROOT = Path(__file__).parents[2]
TIMES = Times(tomllib.loads((ROOT / "locales/id/hear/times.toml").read_text(encoding="utf-8")))
CORPUS = ROOT / "tests/understanding/corpus/contact_time.jsonl"
WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=WIB)  # a Wednesday
SAID = (
    "besok",
    "jam",
    "9",
    "08.30",
    "setengah",
    "malam",
    "minggu",
    "sampai",
    "habis",
    "isya",
    "jangan",
    "tanggal",
    "31",
    "eh",
    "nanti",
    "-",
    "kapan2",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bsk sore", Slot("+1", "sore")),
        ("jam 9 malam", Slot("any", "malam", "21:00")),
        ("setengah 3 sore", Slot("any", "sore", "14:30")),
        ("malem rebo", Slot("tue", "malam")),
        ("rabu malam", Slot("wed", "malam")),
        ("malam minggu jam 7", Slot("sat", "malam", "19:00")),
        ("sebelum maghrib", Slot("any", "sore")),
        ("habis jumatan", Slot("fri", "siang")),
        ("senin sampai jumat jam 9", Slot("weekday", "pagi", "09:00")),
        ("jam 8 pagi sampai jam 4", Slot("any", "pagi", "08:00", "16:00")),
        ("sesuk awan jam siji", Slot("+1", "siang", "13:00")),
        ("nanti jam 7", Slot("+0", "malam", "19:00")),
        ("senin pagiii", Slot("mon", "pagi")),
        ("bebas kak", Slot("any", "any")),
        ("jangan malam, pagi saja", Slot("any", "pagi")),
        ("07.00", Slot("any", "pagi", "07:00")),
    ],
)
def test_times_are_read_as_people_mean_them(text: str, expected: Slot) -> None:
    assert TIMES.read(text, NOW) == expected


@pytest.mark.parametrize(
    "text",
    [
        "jangan sore",
        "nanti",
        "kapan kapan",
        "tergantung",
        "minggu legi",
        "kemarin",
        "jam 25",
        "senin atau rabu",
        "hari ini jam 8 pagi",
        "jam berapa?",
    ],
)
def test_exclusions_later_past_impossible_and_two_readings_are_asked_about(text: str) -> None:
    assert isinstance(TIMES.read(text, NOW), Unsure)


@pytest.mark.parametrize("text", ["gak usah telpon", "jangan hubungi saya", "emoh ditelpon"])
def test_no_contact_is_heard(text: str) -> None:
    assert TIMES.read(text, NOW) == NoContact()


@pytest.mark.parametrize(
    "text", ["wa aja", "chat aja jangan telp", "jangan telpon, wa saja", "tulis saja", "sms aja mas", "gak usah telpon"]
)
def test_who_wants_to_be_written_to_is_not_called(text: str) -> None:
    assert TIMES.read(text, NOW) == NoContact()


def test_refusing_a_call_beside_a_time_to_write_keeps_the_time() -> None:
    assert TIMES.read("wa aja sore", NOW) == Slot("any", "sore")


@given(st.integers(6, 8), st.sampled_from(["jam {}", "jam {} aja", "pukul {} pak"]))
def test_an_hour_of_the_morning_or_the_evening_is_the_mornings_and_is_read_back(hour: int, form: str) -> None:
    assert TIMES.read(form.format(hour), NOW) == Slot("any", "pagi", f"0{hour}:00", plain=False)


@pytest.mark.parametrize(
    "text",
    [
        "pas ga sibuk",
        "pas warung tutup",
        "pas ga melaut",
        "sebelum jualan",
        "bar ngarit",
        "kalau anak sudah tidur",
        "nek longgar",
    ],
)
def test_a_time_that_only_people_understand_is_kept_in_its_words(text: str) -> None:
    assert TIMES.read(text, NOW) == InWords(text)


@pytest.mark.parametrize(
    "text",
    [
        "4 orang", "15 ribu", "selamat sore min", "kebutuhan sehari hari", "Kedai Bu Endang", "harga beras sekarang", "cek dm ya",
        "konser besok malam di stadion ramai banget", "kalau harganya murah", "pas banget", "habis berapa",
    ],
)  # fmt: skip
def test_words_about_something_else_are_no_time(text: str) -> None:
    assert isinstance(TIMES.read(text, NOW), Unsure)


@given(st.sampled_from(["malem", "malam", "sore"]), st.sampled_from(["tar", "ntr", "ntar", "nanti"]))
def test_a_short_later_is_later_today(part: str, later: str) -> None:
    read = TIMES.read(f"{later} {part}", NOW)
    assert isinstance(read, Slot)
    assert read.day == "+0"


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_on_the_24_hour_clock_from_13_on_is_that_time(hour: int, minute: int) -> None:
    read = TIMES.read(f"pukul {hour}.{minute:02}", NOW)
    if hour >= 13:
        assert isinstance(read, Slot)
        assert read.time == f"{hour:02}:{minute:02}"


def test_tomorrow_becomes_a_date_when_heard() -> None:
    assert Slot("+1", "pagi").date(NOW) == date(2026, 11, 26)
    assert Slot("any", "pagi").date(NOW) is None
    assert Slot("weekday", "pagi").date(NOW) is None


def test_a_weekday_that_is_today_is_today_only_while_its_time_is_ahead() -> None:
    assert Slot("wed", "sore").date(NOW) == date(2026, 11, 25)
    assert Slot("wed", "pagi", "08:00").date(NOW) == date(2026, 12, 2)
    assert Slot("sun", "any").date(NOW) == date(2026, 11, 29)


def test_the_corpus_is_read_right_in_98_of_100_lines_and_wrong_in_at_most_one() -> None:
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    outcomes: Counter[str] = Counter()
    for line in lines:
        read = TIMES.read(line["text"], NOW)
        accepted = any(_same(each, read) for each in (line["expect"], *line["expect"].get("also", [])))
        outcomes["right" if accepted else "asked" if isinstance(read, Unsure) else "wrong"] += 1
    assert outcomes["right"] >= 0.98 * len(lines), outcomes
    assert outcomes["wrong"] <= 0.01 * len(lines), outcomes


@given(st.one_of(st.text(), st.lists(st.sampled_from(SAID)).map(" ".join)), st.integers(0, 60 * 24 * 400))
def test_any_text_at_any_time_is_read_and_a_slot_is_well_formed_and_not_past(text: str, minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    read = TIMES.read(text, now)
    if isinstance(read, Slot):
        assert read.part in ("pagi", "siang", "sore", "malam", "any")
        for time in (read.time, read.to):
            assert time is None or datetime.strptime(time, "%H:%M")  # noqa: DTZ007  # a time of day has no zone
        day = read.date(now)
        assert day is None or day >= now.date()


def _same(expected: dict[str, str], read: Slot | NoContact | InWords | Unsure) -> bool:
    if isinstance(read, Slot):
        return (
            expected["kind"] == "slot"
            and (expected["day"], expected["part"]) == (read.day, read.part)
            and expected["time"] in (None, read.time)
        )
    return expected["kind"] == ("none" if isinstance(read, NoContact) else "ask")
