"""What a message is about: the corpus, the grave mistakes that must not happen, and what holds for any text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.hear.names import Name
from conversations.hear.text.readings import Unsure
from conversations.hear.trades import Trade
from tests.ear import ear
from tests.town import known
from tests.understanding.predict import LATER

ROOT = Path(__file__).parents[2]
CORPUS = [
    json.loads(line) for line in (ROOT / "tests/understanding/corpus/intents.jsonl").read_text("utf-8").splitlines()
]
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
QUESTIONS = [
    "start",
    "consent",
    "name",
    "regency",
    "sector",
    "workers",
    "wages",
    "project",
    "under_65",
    "member",
    "income",
    "program",
    "district",
    "business_name",
    "phone",
    "contact_time",
    "confirm",
    "done",
]
WANTED = {"stop", "delete_data"}
ENDING = {"stop", "delete_data", "cancel"}


def never() -> bool:
    return False


def always() -> bool:
    return True


def _clear(found: Any) -> bool:
    return not isinstance(found, Unsure)


READS: dict[str, Callable[[str], bool]] = {
    "consent": lambda text: ear().yesno.read(text, "consent") != "unclear",
    "confirm": lambda text: (
        ear().yesno.read(text, "confirm") != "unclear"
        or ear().choices.read(text, "registration.confirm", ("send", "change")) is not None
    ),
    "name": lambda text: isinstance(ear().names.read(text), Name),
    "regency": lambda text: _clear(ear().places.regency(text)),
    "district": lambda text: _clear(ear().places.regency(text)),
    "sector": lambda text: isinstance(ear().trades.read(text), Trade),
    "workers": lambda text: _clear(ear().people.read(text)),
    "income": lambda text: ear().choices.skips(text) or _clear(ear().money.read(text)),
    "program": lambda text: _clear(ear().programs.read(text)),
    "business_name": lambda text: any(c.isalnum() for c in text),
    "phone": lambda text: _clear(ear().phones.read(text)),
    "contact_time": lambda text: _clear(ear().times.read(text, NOW)),
}


def _label(question: str, text: str) -> str:
    reads = READS.get(question)
    label = ear().intents.read(text, question, lambda: bool(reads and reads(ear().intents.answer_part(text))))[0]
    if label == "register" and question == "start":
        return "answer"
    return "unknown" if label.startswith("which:") else label


def _outcomes(held_out: bool) -> tuple[Counter[str], list[str]]:
    count: Counter[str] = Counter()
    grave = []
    for row in CORPUS:
        if row.get("held_out", False) is not held_out:
            continue
        expect = row["expect"]
        accepted = {expect["label"], *(other["label"] for other in expect.get("also", ()))}
        got = _label(row["question"], row["text"])
        got = got if got in accepted else LATER.get(got, got)
        count["right" if got in accepted else "asked" if got == "unknown" else "wrong"] += 1
        missed = expect["label"] in WANTED and got not in accepted
        if missed or (got in ENDING and not accepted & ENDING):
            grave.append(f"{row['question']}: {row['text']} -> {got}")
    return count, grave


@pytest.mark.parametrize(("held_out", "right", "wrong"), [(False, 0.95, 0.04), (True, 0.90, 0.06)])
def test_the_corpus_is_understood_and_nothing_grave_happens(held_out: bool, right: float, wrong: float) -> None:
    """By the words alone, without the ladder and what it changes."""
    count, grave = _outcomes(held_out)
    assert grave == []
    assert count["right"] / count.total() >= right, count
    assert count["wrong"] / count.total() <= wrong, count


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("berhenti", "stop"),
        ("BERHENTI!!!", "stop"),
        ("jangan chat saya lagi", "stop"),
        ("ojo ngirim pesen maneh", "stop"),
        ("stop kirim pesan", "stop"),
        ("berhenti diingatkan", "stop"),
        ("ojo ngingetin terus", "stop"),
        ("/berhenti", "stop"),
        ("hapus data saya", "delete_data"),
        ("tolong hapus semua data saya ya", "delete_data"),
        ("mohon data saya dihapus", "delete_data"),
        ("/hapus_data", "delete_data"),
    ],
)
def test_a_wish_to_stop_or_to_be_erased_is_heard_at_every_question(question: str, text: str, label: str) -> None:
    assert ear().intents.read(text, question, always)[0] == label
    assert ear().intents.read(text, question, never)[0] == label


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("business_name", "Batal Jaya"),
        ("business_name", "Warung Berhenti Sejenak"),
        ("business_name", "Warung Jangan Ganggu"),
        ("business_name", "Hapus Data Computer"),
        ("business_name", "Stop and Go Carwash"),
        ("sector", "jasa hapus tato"),
        ("contact_time", "jangan telpon pagi, sore saja"),
        ("contact_time", "gak usah ditelpon, wa saja"),
        ("phone", "nomor ini aja jangan telpon wa saja"),
        ("program", "kalau mau berhenti jadi peserta gimana"),
        ("done", "kalau berhenti bayar iuran gimana"),
        ("done", "kapan data saya dihapus"),
        ("done", "jangan hapus data saya"),
        ("confirm", "jangan dihapus datanya"),
    ],
)
def test_nothing_is_ended_or_erased_that_was_not_meant(question: str, text: str) -> None:
    assert not ENDING & set(ear().intents.read(text, question, always))
    assert not ENDING & set(ear().intents.read(text, question, never))


@pytest.mark.parametrize(
    ("command", "label"),
    [
        ("/kembali", "back"),
        ("/batal", "cancel"),
        ("/bantuan", "help"),
        ("/status", "status"),
        ("/petugas", "human"),
        ("/mulai", "resume"),
        ("/lihat_data", "show_data"),
        ("/daftar", "register"),
        ("/start", "greeting"),
        ("/ubah nama", "correct:name"),
        ("/ubah", "correct:unknown"),
        ("/apaini", "unknown"),
    ],
)
def test_slash_commands_are_commands(command: str, label: str) -> None:
    assert ear().intents.read(command, "workers", never)[0] == label


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("ubah nama", "name"),
        ("ubah nama usaha", "business_name"),
        ("ganti nomor hp", "phone"),
        ("kecamatannya salah", "district"),
        ("ubah kabupaten", "regency"),
        ("jumlah karyawannya keliru", "workers"),
        ("penghasilan tadi kleru", "income"),
        ("ganti program", "program"),
        ("ubah jam dihubungi", "contact_time"),
        ("jenis usahanya salah", "sector"),
        ("umurnya salah", "under_65"),
    ],
)
def test_the_item_to_be_corrected_is_named(text: str, field: str) -> None:
    assert ear().intents.read(text, "confirm", never) == (f"correct:{field}",)


@pytest.mark.parametrize("text", ["saya nyerah ah", "stop sampe sini aja", "udahan aja"])
@pytest.mark.parametrize("question", ["workers", "income", "phone"])
def test_whoever_gives_up_at_a_question_is_let_go(text: str, question: str) -> None:
    assert ear().intents.read(text, question, never)[0] == "cancel"


@pytest.mark.parametrize("name", ["daerah", "wilayah", "tempat", "kota", "kategori", "panggilan"])
def test_an_item_is_named_with_any_ending(name: str) -> None:
    said = [f"{name}nya bukan itu", f"{name}nya salah"]
    assert all(ear().intents.read(text, "confirm", never)[0].startswith("correct:") for text in said)


@pytest.mark.parametrize("question", ["start", "workers", "income", "confirm", "done"])
@pytest.mark.parametrize(
    "text", ["gak bakal balik lagi", "wis bali", "uangnya tidak akan kembali", "pegawainya belum balik"]
)
def test_what_does_not_come_back_takes_nobody_back(text: str, question: str) -> None:
    assert ear().intents.read(text, question, never)[0] != "back"


@pytest.mark.parametrize(
    ("text", "question"),
    [("ngapain nanya gaji", "income"), ("buat apa nanya penghasilan", "income"), ("kok tanya umur", "member"),
     ("kok tanya jumlah orangnya", "workers")],
)  # fmt: skip
def test_who_asks_why_it_is_asked_is_told_and_passes_nothing_over(text: str, question: str) -> None:
    refused = ear().choices.refuses(text)
    assert not refused
    assert ear().intents.read(text, question, lambda: refused)[0] in ("faq:why_income", "faq:why_asked")


def test_an_answer_and_a_question_in_one_message_are_both_heard() -> None:
    text = "3. oh ya iurannya brp?"
    assert ear().intents.answer_part(text) == "3"
    assert ear().intents.read(text, "workers", lambda: READS["workers"](ear().intents.answer_part(text))) == (
        "answer",
        "faq:cost",
    )


def test_a_greeting_before_a_question_does_not_hide_it() -> None:
    assert ear().intents.read("assalamualaikum, iurannya berapa ya", "start", never) == ("faq:cost", "greeting")


def test_a_message_that_only_asks_keeps_all_its_words() -> None:
    assert ear().intents.answer_part("jam 9 bisa?") == "jam 9 bisa?"


@given(text=st.text(max_size=200), question=st.sampled_from(QUESTIONS), understood=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_text_is_about_something_and_the_reader_is_asked_at_most_once(
    text: str, question: str, understood: bool
) -> None:
    calls = []

    def reads() -> bool:
        calls.append(1)
        return understood

    labels = ear().intents.read(text, question, reads)
    assert labels
    assert all(isinstance(label, str) and label for label in labels)
    assert len(calls) <= 1
    assert isinstance(ear().intents.answer_part(text), str)


@given(
    row=st.sampled_from([row for row in CORPUS if row["expect"]["label"] in ENDING]),
    dress=st.sampled_from(["{}", "{} kak", "{}!!", "  {}  ", "{} 🙏", "{} ya bu", "mas {}"]),
)
@settings(max_examples=80, deadline=None)
def test_politeness_and_marks_do_not_change_a_command(row: dict[str, Any], dress: str) -> None:
    if row["text"].startswith("/"):
        return
    plain = ear().intents.read(row["text"], row["question"], never)
    assert ear().intents.read(dress.format(row["text"]), row["question"], never)[0] == plain[0]


@pytest.mark.parametrize("question", ["consent", "name", "confirm", "done"])
@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("bisakah berhenti menawarkan asuransi ke no hp saya", "stop"),
        ("halo, tolong jangan kirim pesan lagi", "stop"),
        ("selamat pagi, saya minta data saya dihapus", "delete_data"),
        ("hpus dta saya", "delete_data"),
        ("nyuwun dataipun kula dipunbusak", "delete_data"),
        ("yowes mas tlg dibatalkan saja yah", "cancel"),
        ("maaf ya pak, gak jadi daftar", "cancel"),
        ("kalau bisa nama saya dihapus ya", "delete_data"),
        ("nek oleh dataku dibusek wae", "delete_data"),
        ("kalau boleh jangan wa saya lagi", "stop"),
        ("sudahi saja kirim pesannya", "stop"),
        ("mbok sampun ngirim wa malih", "stop"),
        ("udahan aja daftarnya, ribet", "cancel"),
        ("gak jadi, pertanyaannya kebanyakan", "cancel"),
    ],
)
def test_a_command_in_real_words_is_heard_behind_a_greeting_too(text: str, command: str, question: str) -> None:
    assert command in known().ear.intents.read(text, question, lambda: True)


@pytest.mark.parametrize("question", ["consent", "workers", "confirm", "done"])
@pytest.mark.parametrize(
    "text",
    [
        "salah satu", "bapak sudah berhenti merokok", "hapus aplikasi jmo", "puasanya batal", "gak jadi beli kak",
        "stop gosip dong", "hujannya berhenti", "akun ig dihapus", "blokir nomor penipu", "batalkan pesanan saya",
        "paketnya dibatalin aja", "fotoku kehapus semua", "nomor di hp terhapus", "matikan notif grup rt", "matiin notif hp",
    ],
)  # fmt: skip
def test_a_sentence_about_something_else_ends_nothing(text: str, question: str) -> None:
    assert not {"stop", "delete_data", "cancel"} & set(known().ear.intents.read(text, question, lambda: False))
