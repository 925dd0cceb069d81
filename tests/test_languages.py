"""A language is its folder: what it has is said and heard, what it lacks is that of the source, what is wrong is named."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.catalog_checks import missing_words, wide_labels
from bot.channels import telegram_menu
from bot.office.checks import check_all
from bot.settings import Settings
from bot.translations import problems
from bot.whatsapp import templates
from conversations.engine.core import Heard
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import Lead, World
from locales import SOURCE, Catalog, Catalogs, languages, own_sentences
from locales.tables import introductions, own_table, read_table, read_tables
from tests.stepwise import NINE, Person
from tests.tongue import ENDS, OPENS
from tests.town import known

ROOT = Path(__file__).parents[1]
PO = 'msgid "{}"\nmsgstr "{}"\n'


def world(knows: Knowledge | None = None) -> World:
    return World(NINE, knows or known(), lead=Lead("", "registered", NINE, {}))


# ------------------------------------------------------------------------------------------------ those that there are


def test_the_source_stands_first_and_javanese_is_there() -> None:
    assert languages()[0] == SOURCE
    assert "jv" in languages()


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_keys_and_fields_of_the_source_and_fits_every_channel(language: str) -> None:
    assert problems(language) == []
    assert wide_labels(Catalog.load(language), world()) == []


def test_javanese_has_the_first_ten_messages_that_an_owner_sees() -> None:
    first = {f"registration.{key}" for key in (
        "consent.ask", "consent.taken", "name.ask", "name.taken", "regency.ask", "regency.taken", "sector.ask",
        "sector.taken", "workers.ask",
    )} | {"left"}  # fmt: skip
    assert first <= Catalog.load("jv").own
    opening = Catalog.load("jv").text("registration.consent.ask", controller="Dinas Koperasi")
    for told in ("Dinas Koperasi", "Gratis", "NIK", "OTP", "yatra", "175"):
        assert told in opening


def test_every_word_that_the_javanese_messages_tell_people_to_type_is_understood() -> None:
    assert Person("halo", "mboten").told >= {"registration.left.consent"}
    asked = Person("halo", "nggih", "Bu Siti")
    assert asked.session.answers["consent"] == "yes"
    assert asked.says("bali").asked == "registration.name"
    assert "cancelled.all" in asked.says("batal").told
    assert Person("halo", "Nggih, angsal").session.answers["consent"] == "yes"
    many = Person("halo", "ya", "Bu Siti", "laweyan solo", "warung makan", "Cacah sanesipun")
    assert many.told == {"registration.workers.how_many"}, "as the button that says so"


def test_the_installed_package_brings_every_file_of_every_language() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["locales"]
    folder = ROOT / "locales"
    shipped = {path for pattern in patterns for path in folder.glob(pattern)}
    ours = {path for code in languages() for path in (folder / code).rglob("*") if path.is_file()}
    assert shipped == ours
    assert not any(code in pattern.split("/") for pattern in patterns for code in languages())


# ------------------------------------------------------------------------------------------------ one more


def test_one_folder_is_a_language(knows_xx: Knowledge) -> None:
    assert {SOURCE, "jv", "xx"} <= set(languages())
    said = Catalogs.load().of("xx").text("registration.consent.yes")
    assert (said[0], said[-1]) == (OPENS, ENDS)
    assert problems("xx") == []
    names = knows_xx.ear.languages.names
    assert (names["id"], names["jv"], names["xx"]) == ("Bahasa Indonesia", "Basa Jawa", "Xx-sprak")
    assert [knows_xx.ear.languages.named(name) for name in names.values()] == list(languages())
    assert knows_xx.ear.languages.sure("xa xe xi xo xu warung") == "xx"


def test_its_files_lie_over_those_of_the_source_entry_by_entry(knows_xx: Knowledge) -> None:
    assert templates.choose("xx") == "‹Pilih›"
    assert read_table("whatsapp", "xx")["examples"] == read_table("whatsapp")["examples"]
    commands = read_table("telegram", "xx")["commands"]["owner"]
    assert commands["daftar"] == "‹Mulai›"
    assert commands["status"] == read_table("telegram")["commands"]["owner"]["status"]
    heard = read_tables("xx")["choices"]["choices"]
    assert heard["registration.consent"]["yes"] == ["xaxa"]
    assert heard["registration.wages"] == read_tables()["choices"]["choices"]["registration.wages"]


def test_a_language_that_lacks_a_file_has_that_of_the_source(xx: Path) -> None:
    for file in (*xx.glob("*.toml"), *xx.glob("hear/*.toml")):
        file.unlink()
    for name in ("telegram", "whatsapp", "simulator"):
        assert own_table(name, "xx") == {}
        assert read_table(name, "xx") == read_table(name)
    assert read_tables("xx") == read_tables()
    assert templates.forms("xx") == ()
    assert introductions()["xx"] == {"name": "xx"}, "Babel does not know it either"
    assert problems("xx") == []


def test_whoever_has_no_language_or_one_that_is_no_more_is_spoken_with_in_the_source() -> None:
    assert Catalogs.load().of("tlh") is Catalogs.load().of("") is Catalog.load()


def test_who_speaks_a_language_that_has_words_of_its_own_for_it_is_heard_in_that(knows_xx: Knowledge) -> None:
    def heard(language: str) -> str | None:
        choices = knows_xx.heard_in(language).ear.choices
        return choices.exact("xaxa", "registration.consent", ("yes", "no"))

    assert [heard(language) for language in ("xx", "id", "")] == ["yes", None, None]


def test_numbers_and_days_of_a_language_that_nobody_knows_are_written_as_in_the_source(knows_xx: Knowledge) -> None:
    catalog = Catalogs.load().of("xx")
    assert catalog.rupiah(16_800) == "Rp16.800"
    assert catalog.day(date(2026, 11, 23)) == "Senin, 23 November 2026"


def test_telegrams_menu_of_a_chat_is_in_its_persons_language(knows_xx: Knowledge) -> None:
    commands = {one["command"]: one["description"] for one in telegram_menu.menu("7", "owner", "xx").params["commands"]}
    assert (commands["daftar"], commands["status"]) == ("‹Mulai›", "Sampai mana pendaftaran saya")
    [first, *_] = telegram_menu.menu("7", "officer", "xx").params["commands"]
    assert first["description"] == "‹Tugas›"
    assert telegram_menu.menu("7", "owner", "tlh") == telegram_menu.menu("7", "owner"), (
        "no words of its own: everybody's"
    )


# ------------------------------------------------------------------------------------------------ what is wrong with one


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        ("registration.consent.ask", "Halo {kantor}", "fields {kantor} where id has {controller}"),
        ("registration.consent.ask", "Halo", "fields none where id has {controller}"),
        ("registration.consent.asked", "Halo", "id has no such words"),
        ("apology", "*Nyuwun\\nngapunten*", "bold that does not end in its line"),
        ("apology", "x" * 4097, "more than 4096 characters"),
        ("already_noted", "x" * 201, "more than 200 characters"),
    ],
)
def test_words_that_cannot_be_said_or_shown_are_named(xx: Path, key: str, words: str, said: str) -> None:
    for file in (xx / "LC_MESSAGES").glob("*.po"):
        file.unlink()
    (xx / "LC_MESSAGES" / "bot.po").write_text(PO.format(key, words), "utf-8")
    assert problems("xx") == [f"{key}: {said}"]


def test_words_with_another_field_are_not_said_but_those_of_the_source(xx: Path) -> None:
    """Else the owner would get an apology in place of the opening."""
    for file in (xx / "LC_MESSAGES").glob("*.po"):
        file.unlink()
    (xx / "LC_MESSAGES" / "bot.po").write_text(PO.format("registration.consent.ask", "Halo {kantor}"), "utf-8")
    assert "registration.consent.ask" in own_sentences("xx")
    catalog = Catalogs.load().of("xx")
    assert catalog.own == frozenset()
    assert catalog.text("registration.consent.ask", controller="Dinas") == Catalog.load(SOURCE).text(
        "registration.consent.ask", controller="Dinas"
    )


def test_a_label_that_no_channel_can_show_is_named(xx: Path) -> None:
    (xx / "LC_MESSAGES" / "short.po").write_text(PO.format("choices.more", "Pilihan liyane isih ana akeh"), "utf-8")
    assert "choices.more" in wide_labels(Catalogs.load().of("xx"), world())


@pytest.mark.parametrize(
    ("file", "words", "said"),
    [
        ("telegram", f'description = "{"x" * 513}"', "telegram.toml: description has more than 512 characters"),
        ("telegram", '[commands.owner]\nDaftar = "x"', "telegram.toml: Telegram does not take /Daftar"),
        ("whatsapp", f'choose = "{"x" * 21}"', "whatsapp.toml: choose has more than 20 characters"),
        ("language", 'telling = "xa mboten"', "language.toml: mboten also in jv"),
        ("language", 'called = ["jawa"]', "language.toml: jawa also in jv"),
    ],
)
def test_what_a_platform_would_not_take_is_named(xx: Path, file: str, words: str, said: str) -> None:
    (xx / f"{file}.toml").write_text(words, "utf-8")
    assert said in problems("xx")


@pytest.mark.parametrize(
    ("words", "fine", "said"),
    [
        ("Halo {controller}", True, "ok       words xx: "),
        (
            "Halo {kantor}",
            False,
            "WRONG    locales/xx: registration.consent.ask: fields {kantor} where id has {controller}",
        ),
    ],
)
async def test_rangkul_check_reads_every_language(
    xx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, fine: bool, said: str
) -> None:
    (xx / "LC_MESSAGES" / "bot.po").write_text(PO.format("registration.consent.ask", words), "utf-8")
    assert await check_all(_nothing_yet(tmp_path)) is fine
    told = capsys.readouterr().out
    assert said in told
    assert "ok       words jv: " in told


async def test_rangkul_check_says_in_one_line_which_words_the_source_lacks(
    xx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those without which the ear cannot be made."""
    words = xx.parent / SOURCE / "LC_MESSAGES" / "bot.po"
    words.write_text(words.read_text("utf-8").replace('"registration.name.label"', '"nobody.says.this"'), "utf-8")
    assert not await check_all(_nothing_yet(tmp_path))
    assert "WRONG    words: registration.name.label" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["faq.cost", "topic.cost", "registration.name.hint", "outcome.other"])
def test_words_that_a_topic_a_question_or_an_outcome_needs_are_missed(key: str) -> None:
    sentences = {each: words for each, words in Catalog.load().sentences.items() if each != key}
    assert missing_words(Catalog(SOURCE, sentences)) == [key]


def _nothing_yet(folder: Path) -> Settings:
    return Settings(
        _env_file=None, database_url=str(folder / "none.db"), key_file=folder / "none.key",
        deletions_file=folder / "none.deletions",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ hearing which one


def test_a_first_message_in_it_is_answered_in_it(knows_xx: Knowledge) -> None:
    person = Person()
    person.world = World(NINE, knows_xx)
    person.does(Heard(text="xa xe xi xo xu warung klaten"))
    assert {"language.guessed", "registration.consent.ask"} <= person.told
