"""Yes, no and neither."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hear.numbers import Numbers
from conversations.hear.text.phrases import Word, squeeze
from conversations.hear.text.words import plain
from conversations.hear.yesno import YesNo

WORDS = Path(__file__).parents[2] / "locales" / "id" / "hear"
TABLES = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in ("numbers", "yesno")}
YESNO = YesNo(TABLES["yesno"], Numbers(TABLES["numbers"]))
QUESTIONS = st.sampled_from(["consent", "confirm", "income_offer", "under_65", "member", ""])
PHRASES = TABLES["yesno"]["phrases"]
PARTICLES = st.sampled_from(["", " kak", " bu", " pak", " mas", " nggih", " 🙏", " lah", " deh", "!"])


@given(st.sampled_from(PHRASES["yes"] + PHRASES["no_objection"]), PARTICLES)
def test_assent_stays_assent_with_any_particle_or_in_capitals(phrase: str, particle: str) -> None:
    assert YESNO.read(phrase + particle, "consent") == "yes"
    assert YESNO.read(phrase.upper(), "consent") == "yes"


@given(st.sampled_from(PHRASES["not"]), st.sampled_from(PHRASES["want"]), PARTICLES)
def test_a_wish_denied_is_never_yes(denial: str, wish: str, particle: str) -> None:
    assert YESNO.read(f"{denial} {wish}{particle}", "consent") != "yes"


@given(st.sampled_from(PHRASES["no"]), st.sampled_from(PHRASES["yes"] + [""]), QUESTIONS)
def test_a_refusal_is_never_yes_whatever_stands_before_it(refusal: str, before: str, question: str) -> None:
    assert YESNO.read(f"{before} {refusal}", question) != "yes"


@given(
    st.sampled_from(PHRASES["yes"] + PHRASES["want"] + PHRASES["permit"] + PHRASES["right"]),
    st.sampled_from(PHRASES["question"] + PHRASES["condition"] + PHRASES["unknown"] + PHRASES["later"]),
    QUESTIONS,
)
def test_a_question_or_condition_beside_assent_is_never_yes(assent: str, doubt: str, question: str) -> None:
    assert YESNO.read(f"{assent}, {doubt}", question) != "yes"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("consent", "gak papa", "yes"),
        ("consent", "tidak keberatan kok", "yes"),
        ("consent", "kurang setuju", "no"),
        ("consent", "maaf ya gak dulu", "no"),
        ("consent", "boleh gak ya", "unclear"),
        ("consent", "boleh asal jangan disebar", "unclear"),
        ("consent", "🙏", "unclear"),
        ("consent", "1", "yes"),
        ("consent", "2️⃣", "no"),
        ("consent", "12", "unclear"),
        ("confirm", "tidak ada yang salah", "yes"),
        ("confirm", "gak perlu diubah", "yes"),
        ("confirm", "benar tapi namanya salah", "no"),
        ("confirm", "hampir benar", "unclear"),
        ("confirm", "sampun", "yes"),
        ("income_offer", "boleh dilewati", "no"),
        ("income_offer", "emoh ngisi", "no"),
        ("income_offer", "lanjut", "unclear"),
        ("member", "belum pernah", "no"),
        ("member", "sudah punya", "yes"),
        ("consent", "gausah simpen2 data saya", "no"),
    ],
)
def test_the_question_decides_what_a_word_answers(question: str, text: str, expected: str) -> None:
    assert YESNO.read(text, question) == expected


@given(st.integers(12, 115), st.sampled_from(["{}", "umur {}", "{} tahun", "sudah {}", "saya {} th kak"]))
def test_an_age_decides_whether_somebody_is_under_65(age: int, form: str) -> None:
    assert YESNO.read(form.format(age), "under_65") == ("yes" if age < 65 else "no")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enam puluh", "yes"),
        ("tujuh puluh tahun", "no"),
        ("belum 65", "yes"),
        ("di atas 65", "no"),
        ("kurang dari 65", "yes"),
        ("kelahiran 1980", "yes"),
        ("lahir 1950", "no"),
        ("lahir 1962", "unclear"),  # depends on today, which this reader does not know
        ("60an", "unclear"),
        ("50an", "yes"),
        ("hampir 65", "unclear"),
    ],
)
def test_comparisons_birth_years_and_words_tell_an_age_too(text: str, expected: str) -> None:
    assert YESNO.read(text, "under_65") == expected


@given(st.text(max_size=400), QUESTIONS)
def test_any_text_at_any_question_gives_one_of_three_answers(text: str, question: str) -> None:
    assert YESNO.read(text, question) in ("yes", "no", "unclear")


@given(st.text(alphabet=st.characters(whitelist_categories=["So", "Sk", "Mn", "Cf", "P"]), max_size=30))
def test_signs_and_pictures_without_a_thumb_are_never_yes(text: str) -> None:
    letters = any(character.isalnum() for character in plain(text))  # "⒦" is a sign that holds a letter
    if not letters and not set(text) & set("".join(PHRASES["up"])):
        assert YESNO.read(text, "consent") != "yes"


@pytest.mark.parametrize("question", ["consent", "confirm"])
@pytest.mark.parametrize(
    "text",
    [
        "kga mau", "ntdk setuju", "lom benar", "hahaha lucu ya", "pasti ribet", "aamiin terima kasih ya",
        "oke banget mobilnya", "mau beli pulsa", "iya sy juga pernah gitu kak", "segera ya min . paket sy udah mau abis",
    ],
)  # fmt: skip
def test_at_what_binds_a_yes_word_beside_words_about_something_else_is_no_yes(question: str, text: str) -> None:
    assert YESNO.read(text, question) != "yes"


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9),
    st.sampled_from(["mau", "setuju", "benar", "iya", "boleh"]),
    st.sampled_from(["consent", "confirm"]),
)
def test_no_word_that_nobody_knows_stands_beside_a_yes_that_binds(word: str, yes: str, question: str) -> None:
    known = YESNO.read(word, question) != "unclear" or YESNO.read(f"{word} {word}", question) != "unclear"
    in_lists = any(
        squeeze(plain(word)) in map(squeeze, phrase.split()) for phrases in PHRASES.values() for phrase in phrases
    )
    near = YESNO._corrected(Word(plain(word))).text != plain(word)  # one slip away from a word that is known
    if not known and not in_lists and not near:
        assert YESNO.read(f"{word} {yes}", question) != "yes"


@pytest.mark.parametrize("text", ["siap, thank you", "oke.tx", "ok min, saya tunggu ya", "iya kak . makasi ya infonya"])
def test_thanks_and_what_follows_behind_a_comma_take_no_yes_back(text: str) -> None:
    assert YESNO.read(text, "consent") == "yes"


@pytest.mark.parametrize("text", ["mau daftar bpjs", "iya mau daftar", "pengen ikut", "saya tertarik", "daftar dong"])
def test_the_wish_to_be_registered_is_no_permission(text: str) -> None:
    assert YESNO.read(text, "consent") == "unclear"
    assert YESNO.held_back(text) == "wish"


@pytest.mark.parametrize(
    "text", ["iya tapi jangan telpon", "boleh asal jangan disebar", "oke, chat aja jangan ditelepon"]
)
def test_a_limit_that_can_be_kept_is_answered_before_the_yes(text: str) -> None:
    assert YESNO.read(text, "consent") == "unclear"
    assert YESNO.held_back(text) == "limit"


@pytest.mark.parametrize(
    "text",
    [
        "iya bu silakan", "monggo mas", "boleh asal aman", "ya udah gpp lah", "inggih pak", "siap komandan", "oke lah kalau gitu",
        "baik bu, terima kasih atas bantuannya", "boleh, tolong dibantu ya", "hehe iya boleh", "sip kak makasih infonya",
    ],
)  # fmt: skip
@pytest.mark.parametrize("question", ["consent", "confirm"])
def test_a_polite_yes_is_a_yes(text: str, question: str) -> None:
    assert YESNO.read(text, question) == "yes"


@pytest.mark.parametrize("question", ["consent", "confirm", "sure", "allow"])
@pytest.mark.parametrize(
    "text",
    [
        "maaf ya",
        "iya juga ya",
        "bisa aja kamu",
        "baik baik aja",
        "ya ampun",
        "pasti bisa",
        "wkwk iya juga",
        "iya nomor baru",
    ],
)
def test_a_remark_is_no_yes(text: str, question: str) -> None:
    assert YESNO.read(text, question) != "yes"


@pytest.mark.parametrize("text", ["betul itu pak ustad", "aman bos", "bener banget itu", "sesuai foto"])
def test_that_something_is_right_permits_nothing(text: str) -> None:
    assert YESNO.read(text, "consent") != "yes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("iya hapus", "yes"), ("hapus semua", "yes"), ("jangan dihapus", "no"), ("salah kirim maaf", "unclear")],
)
def test_erasing_takes_a_yes_or_the_word_itself(text: str, expected: str) -> None:
    assert YESNO.read(text, "sure") == expected
