"""Everything that the program can say has words, says only what it was given, and keeps to the voice.

The keys are found in the code itself: those written out as they stand, those put together from parts as families
whose members are listed here. A new one that is not listed fails the first test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po

from bot import platforms, render
from bot.monthly import GROUPS as GROUPS_OF_REPORT
from conversations.dialogues import admin, compose, remind_me
from conversations.dialogues.book import BOOK
from conversations.dialogues.lead_lists import ONLY
from conversations.dialogues.officer import GROUPS
from conversations.engine import attachments
from conversations.engine.answers.notes import PAYS
from conversations.engine.ask import SKIP
from conversations.engine.core import Scene, Text
from conversations.engine.overview import review_groups, reviewed_questions
from conversations.engine.world import Lead, World
from conversations.hear.readers import CARD, COMMON_TRADES, WAGES, YES_NO
from conversations.hear.trades import CATEGORIES
from conversations.rules import indication, next_step, outcomes
from conversations.rules.form_versions import SAMPLES
from conversations.rules.funnel import STEPS
from locales import Catalog, read_tables
from tests.said_fields import FIELDS
from tests.stepwise import NINE
from tests.town import known

CATALOG = Catalog.load()
BOT = {
    str(message.id): str(message.string)
    for file in files("locales").joinpath("id/LC_MESSAGES").iterdir()
    if file.name
    in (
        "bot.po",
        "followup.po",
        "reminders.po",
        "stop.po",
        "admin.po",
        "joining.po",
        "whatsapp.po",
        "short.po",
        "team.po",
        "own_lead.po",
    )
    for message in read_po(BytesIO(file.read_bytes()))
    if message.id
}

# ------------------------------------------------------------------------------------------------ the keys in the code

CORE = Path(attachments.__file__).parents[1]
HEARING = CORE / "hear"
CORE_FILES = (*sorted(path for path in CORE.rglob("*.py") if HEARING not in path.parents), HEARING / "readers.py")
SHELL_FILES = tuple(sorted(Path(render.__file__).parent.rglob("*.py")))
SAYING = {"Text": 0, "say": 0, "NotUnderstood": 0, "Ask": 0, "Reading": 3, "command": 2}  # the argument that is a key
ASKED = {f"{name}.{question.key}": question for name, dialogue in BOOK.items() for question in dialogue.questions}
WORLD = World(NINE, known(), lead=Lead("", "registered", NINE, {}))
LABELS = {  # what stands on the choices that each question offers by itself, by its path and the choice
    (path, value): label.key
    for path, question in ASKED.items()
    for scene in (Scene(answers, WORLD) for answers in SAMPLES)
    for value in question.choices(scene)
    if isinstance(label := question.label(value, scene), Text)
}
OF_ITS_OWN = [(path, value) for (path, value), key in LABELS.items() if key == f"{path}.{value}"]  # labels named by it
PICKED = [(path, value) for path, value in OF_ITS_OWN if value != SKIP]
SKIPPED = [path for path, value in OF_ITS_OWN if value == SKIP]
ASKED_OTHERWISE = {"registration.work_days", "home.start"}  # each has prompts of its own
SHORT_AGAIN = tuple(path for path, question in ASKED.items() if question.again is not question.prompt)
NEVER_UNCLEAR = {
    "followup.note",
    "followup.when",
    "reply.words",
    "home.start",
}  # anything is a note; promise.when.unclear; home.unclear
COPIES = ("planned", "queued", "due", "sending", "parked", "sent", "delivered", "read", "failed", "uncertain", "skipped",
          "cancelled")  # fmt: skip
STATUSES = ("new", "waiting", "taken", "withdrawn", *(status for status in outcomes.STATUS_AFTER.values() if status))

KIN = tuple(read_tables()["choices"]["proxy"]["kin"])  # whom somebody else registers
HANDING = ("hand", "accept", "return", "merge")
FAMILIES: dict[str, tuple[str, ...] | set[str]] = {
    "address.{}": ("none", "itself", *read_tables()["names"]["address"]),
    "notes.{}": ("unknown", "refused"),
    "notes.kin.{}": KIN,
    "notes.pay.{}": PAYS,
    "proxy.{}": KIN,
    "registration.name.ask_{}": KIN,
    "card.{}": ("waiting", "withdrawn", "take", "note", "write", "remind", "more", "release", "undo", *HANDING),
    "handing.to.{}": ("all", "late", "some"),
    "team.hand_{}": ("all", "late"),
    "channel.{}": (*platforms.CHANNELS, "simulator", "terminal"),
    "command.{}": (
        "notice",
        "human",
        "status",
        "change_lead",
        "another",
        "register",
        "tasks",
        "untaken",
        "tim",
        "invite",
        "pick",
        "hand_picked",
        "absent",
        "present",
        "siaran",
        "continue",
        "restart",
        "read",
        "undo",
        "retime",
    ),
    "contact_time.day_{}": ("weekday", "weekend"),
    "contact_time.{}": ("pagi", "siang", "sore", "malam", "any"),
    "faq.cut.{}": (),  # faq.po
    "faq.{}": (),  # faq.po: tests/hear/test_topics.py
    "indication.{}": (*indication.OWNERS, *indication.WORKERS),
    "other.{}": attachments.OTHER,
    "outcome.{}": (*outcomes.NOTED, *GROUPS, *outcomes.ENDS_OF_OWNER),
    "outcome.said_{}": outcomes.SAID,
    "own_lead.{}": ("registered", "called", "paid"),
    "notice.said_{}": ("registered", "called", "paid"),
    "next.{}": (*next_step.REASONS, "chat"),
    "undo.{}": ("taken", "released", "next", "offered", "handed", "joined"),
    "followup.{}": tuple(GROUPS),
    "report.{}": (*STEPS, "hours"),
    "report.by_{}": ("all", *GROUPS_OF_REPORT, "week"),
    "role.{}": ("officer", "coordinator", "admin"),
    "period.{}": ("month", "week", "day", "year"),
    "month.{}": tuple(map(str, range(1, 13))),
    "programs.{}": tuple(indication.PROGRAMS),
    "reason.{}": indication.REASONS,
    "registration.income.range_{}": ("up_to", "between", "from"),
    "registration.income.{}": ("skip",),
    "registration.left.{}": tuple(q.key for q in BOOK["registration"].questions if "home" in q.then.values()),
    "registration.phone.{}": ("this_number", "foreign", "invalid"),
    "registration.member.{}": (*CARD, "hospital_card"),
    "registration.program.{}": ("two", "three", "calculate"),
    "registration.program.{}_{}": ("cut sure", "cut maybe", "cut_ending sure", "cut_ending maybe"),
    "promise.{}": remind_me.CHOICES,
    "compose.audience.{}": compose.AUDIENCES,
    "compose.purpose.{}": compose.PURPOSES,
    "compose.{}.unclear": tuple(question.key for question in compose.compose.questions),
    "compose.{}.label": ("audience", "regency", "sector", "program", "status", "campaign"),
    "tasks.{}": ONLY,
    "siaran.{}": tuple(act for act in (*admin.ACTS, "change") if act != "report"),
    "siaran.did.{}": ("waiting", "scheduled"),
    "siaran.not.{}": ("state", "own", "nobody", "late", "purged"),
    "siaran.state.{}": tuple(admin.BUTTONS),
    "siaran.copy.{}": COPIES,
    "registration.sector.{}": (*CATEGORIES, *COMMON_TRADES),
    "registration.under_65.{}": YES_NO,
    "registration.wages.{}": WAGES,
    "registration.work_days.ask_{}": ("day", "week"),
    "registration.work_days.shown_{}": ("day", "week"),
    "registration.workers.{}": ("0", "more", "all", "none"),
    "registration.{}.label": tuple(question.key for question in BOOK["registration"].questions),
    "status.{}": STATUSES,
    "talk.{}": (),  # faq.po
    "topic.{}": (),  # faq.po
    "{}.again": SHORT_AGAIN,
    "{}.ask": ASKED.keys() - ASKED_OTHERWISE,
    "{}.hint": set(ASKED),
    "{}.skip": tuple(SKIPPED),
    "{}.taken": tuple(path for path, question in ASKED.items() if question.echo),
    "{}.unclear": ASKED.keys() - NEVER_UNCLEAR,
    "{}.which": ("registration.regency", "registration.district", "registration.confirm", "inviting.regency"),
    "{}.group.{}": tuple(f"registration {group}" for group in review_groups(BOOK["registration"])),
    "{}.{}.label": ("followup when",),  # besides the labels above
    "{}.{}.hint": (),  # the hints above
    "{}.{}": tuple(f"{path} {value}" for path, value in PICKED),
}
ASKED_OF_THE_CATALOGUE = {  # by bot/render.py and bot/lead_rows.py, as no Text
    "contact.share", "choices.more", "choices.typed", "cost.usd", "cost.service", "cost.utility", "cost.marketing",
}  # fmt: skip
NOT_YET_SAID: set[str] = set()


def _arguments(tree: ast.AST) -> Iterator[ast.expr]:
    """What stands in the place of a key, both sides where it depends."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in SAYING and len(call.args) > SAYING[name]:
            yield from _branches(call.args[SAYING[name]])


def _branches(said: ast.expr) -> Iterator[ast.expr]:
    if isinstance(said, ast.IfExp):
        yield from (*_branches(said.body), *_branches(said.orelse))
    elif isinstance(said, ast.BoolOp):
        yield from (branch for value in said.values for branch in _branches(value))
    elif isinstance(said, ast.Subscript) and isinstance(said.value, ast.Name):
        return  # a table whose values are found where it is written
    else:
        yield said


def _written_out() -> set[str]:
    """Keys that stand in the code as they are: where they are said, and in small tables of the core."""
    found = {said.value for tree in (*_trees(CORE_FILES), *_trees(SHELL_FILES)) for said in _arguments(tree)
             if isinstance(said, ast.Constant)}  # fmt: skip
    found |= {
        value.value
        for tree in _trees(CORE_FILES)
        for table in ast.walk(tree)
        if isinstance(table, ast.Dict)
        for value in table.values
        if isinstance(value, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_.]+", str(value.value))
    }
    return {str(key) for key in found if key not in ("", "not_a_choice")}  # which becomes the .unclear of its question


def _put_together() -> set[str]:
    """The patterns of keys that are put together, each part a ``{}``: anywhere in the core, where they are said in bot/."""
    core = (node for tree in _trees(CORE_FILES) for node in ast.walk(tree))
    services = (said for tree in _trees(SHELL_FILES) for said in _arguments(tree))
    patterns = {
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for node in (*core, *services)
        if isinstance(node, ast.JoinedStr)
    }
    return {p for p in patterns if re.fullmatch(r"[a-z_0-9.{}]+", p) and "." in p and p not in NOT_KEYS}


def _trees(modules: tuple[Path, ...]) -> tuple[ast.Module, ...]:
    return tuple(ast.parse(module.read_text("utf-8")) for module in modules)


NOT_KEYS = {"bpu.{}", "pu.jkk.{}", "cut.{}.{}", "{}.{}={}~{}", "{}.{}.{}"}  # names of rates, of presses, of runs


def _family(pattern: str) -> set[str]:
    return {pattern.format(*member.split(" ")) for member in FAMILIES[pattern]}


def every_key() -> set[str]:
    """All keys that conversations and the shell may say, those of faq.po aside."""
    families = set().union(*map(_family, FAMILIES))
    return _written_out() | families | ASKED_OF_THE_CATALOGUE | NOT_YET_SAID


def test_every_way_in_which_the_code_puts_a_key_together_is_known_here() -> None:
    assert _put_together() - FAMILIES.keys() == set()


def test_everything_the_program_can_say_has_words() -> None:
    assert sorted(every_key() - CATALOG.sentences.keys()) == []


def test_no_words_stand_in_the_catalogue_that_nobody_says() -> None:
    assert sorted(BOT.keys() - every_key()) == []


# ------------------------------------------------------------------------------------------------ the fields it gives


def test_words_name_only_fields_that_the_program_gives() -> None:
    wrong = {key: extra for key in BOT if (extra := CATALOG.sentences[key].fields - FIELDS.get(key, set()))}
    assert wrong == {}


# ------------------------------------------------------------------------------------------------ the voice


def test_labels_are_short_enough_for_the_buttons_of_whatsapp() -> None:
    """20 characters on a button, 24 in a list; https://developers.facebook.com/docs/whatsapp (interactive messages)."""
    pressed = {f"{path}.{value}" for path, value in OF_ITS_OWN}
    pressed |= {
        "change_this",
        "tasks.more",
        "tasks.back",
        *(f"tasks.{only}" for only in ONLY),
        "card.take",
        "card.note",
    }
    pressed |= {key for key in BOT if key.startswith(("command.", "registration.sector.")) and key in _buttons()}
    items = {f"registration.{question.key}.label" for question in reviewed_questions(BOOK["registration"])}
    assert {key: BOT[key] for key in pressed if len(BOT[key]) > 20} == {}
    assert {key: BOT[key] for key in items | _family("outcome.{}") if len(BOT[key]) > 24} == {}


def _buttons() -> set[str]:
    return _family("command.{}") | _family("registration.sector.{}") | {"command.continue", "command.restart"}


def test_bold_is_always_closed_and_never_crosses_a_line() -> None:
    marks = {key: words for key, words in BOT.items() if any(line.count("*") % 2 for line in words.split("\n"))}
    assert marks == {}


def test_a_question_ends_its_message_and_is_bold() -> None:
    """Whoever reads slowly looks for the last line."""
    asks = {
        key: words
        for key, words in BOT.items()
        if re.search(r"\.(ask(_\w+)?|again)$", key) and not key.startswith("reason.")
    }
    assert [key for key, words in asks.items() if not re.fullmatch(r"\*.*\?\*", words.split("\n")[-1])] == []


def test_questions_are_short_and_no_message_has_two_emoji() -> None:
    long_ones = {"registration.consent.ask": 5, "registration.program.ask": 7, "registration.program.ask_unpriced": 5}
    asks = {key: words.count("\n") + 1 for key, words in BOT.items() if re.search(r"\.ask$", key)}
    allowed = {"registration.outside.ask": 4, "registration.confirm.ask": 4, **long_ones}
    assert {key: lines for key, lines in asks.items() if lines > allowed.get(key, 3)} == {}
    assert [
        key for key, words in BOT.items() if len(re.findall("[\U0001f300-\U0001faff\u2600-\u27bf]", words)) > 1
    ] == []


def test_the_opening_names_who_runs_it_that_it_is_free_and_how_to_check() -> None:
    opening = CATALOG.text("registration.consent.ask", controller="Dinas Koperasi")
    for part in ("Dinas Koperasi", "Gratis", "NIK", "OTP", "uang", "175"):
        assert part in opening


def test_every_message_that_closes_a_registration_says_how_to_know_the_officer() -> None:
    for key in ("registration.done", "registration.waiting", "registration.changed"):
        assert "menyebut kode ini. Kalau penelepon tidak tahu kodenya, tutup saja teleponnya" in BOT[key]


def test_a_price_is_always_called_an_estimate_and_never_a_promise() -> None:
    assert "perkiraan, bukan tagihan" in BOT["registration.program.ask"]
    assert "mungkin" in BOT["registration.program.cut_maybe"]
    assert "petugas yang memastikan" in BOT["registration.program.cut_maybe"]


def test_no_amount_stands_in_words_because_amounts_have_dates() -> None:
    assert [key for key, words in BOT.items() if re.search(r"Rp\s?\d", words)] == []


def test_every_rule_of_law_has_a_comment_with_the_day_it_was_checked() -> None:
    source = files("locales").joinpath("id/LC_MESSAGES/bot.po").read_text("utf-8")
    lawful = [
        line for line in source.splitlines() if line.startswith("#.") and re.search(r"\b(PP|UU|Perpres) \d", line)
    ]
    assert len(lawful) >= 6
