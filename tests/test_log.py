"""Logs name nobody and open no door."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import log
from bot.log import masked, where_in_code

TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake"
SECRETS = ("0812-0000-7001", "+62 812 0000 7001", "081200007001", "3372011203900001", "3372 0112 0390 0001", TOKEN)


pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", SECRETS)
def test_numbers_and_tokens_are_masked_wherever_they_stand(
    form: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info", form)
    structlog.get_logger().warning(
        f"event {secret}", text=secret, words=[secret], more={"a": secret}, raised=ValueError(secret)
    )
    logging.getLogger("library").warning("calling %s", secret)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    assert secret not in said
    assert "7001" not in said
    assert "Fake" not in said


def test_the_error_of_a_library_is_masked_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    try:
        raise ValueError(f"cannot call {SECRETS[0]}")
    except ValueError:
        logging.getLogger("library").exception("failed")
        structlog.get_logger().exception("failed too")
    said = capsys.readouterr().err
    assert "7001" not in said
    assert said.count("Traceback") == 2


def test_for_machines_every_line_is_an_event_also_what_a_library_writes_with_its_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("info", "json")
    structlog.get_logger().info("sent")
    try:
        raise ValueError(SECRETS[0])
    except ValueError:
        logging.getLogger("library").exception("failed\nthere")
    said = capsys.readouterr().err
    ours, theirs = map(json.loads, said.splitlines())
    assert set(ours) < set(theirs)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("failed\nthere", "error", "library")
    assert theirs["exception"].startswith("Traceback")
    assert SECRETS[0] not in said


def test_chat_ids_are_masked_and_counts_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "json")
    structlog.get_logger().info("sent", chat_id=1234567890, turns=64, channel="telegram")
    line = json.loads(capsys.readouterr().err)
    assert (line["turns"], line["channel"], line["event"]) == (64, "telegram", "sent")
    assert "1234567890" not in str(line)
    assert line["timestamp"].endswith("Z")


def test_what_is_less_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("warning")
    structlog.get_logger().info("nothing")
    logging.getLogger("library").info("nothing")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("library", ["httpx", "telegram.Bot", "telegram.request.HTTPXRequest", "pywa.api"])
def test_libraries_that_write_down_what_people_wrote_are_not_heard_even_while_debugging(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("debug")
    logging.getLogger(library).debug("calling with parameters %s", {"text": "Halo Bu Siti"})
    logging.getLogger(library).info("calling with parameters %s", {"text": "Halo Bu Siti"})
    assert "Siti" not in capsys.readouterr().err


@given(st.text(max_size=200))
def test_masking_takes_any_text_and_twice_is_as_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(st.integers(10**9, 10**16), st.sampled_from(["", " ", ".", "-"]), st.text("abc ,", max_size=5))
def test_no_number_of_ten_digits_or_more_is_left(number: int, between: str, words: str) -> None:
    digits = str(number)
    written = between.join(digits[i : i + 4] for i in range(0, len(digits), 4))
    assert not any(part.isdigit() and len(part) > 3 for part in masked(f"{words} {written} {words}").split())


# ------------------------------------------------------------------------------------------------ where it was

BOT = Path(log.__file__).parent


def test_whatever_logs_a_caught_exception_says_where_it_was_raised() -> None:
    logged = {
        f"{path.relative_to(BOT)}:{call.lineno}": {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        for path in BOT.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith(("log.", "level"))
        and any(keyword.arg == "error" for keyword in call.keywords)
    }
    assert len(logged) > 15
    assert [at for at, values in logged.items() if "where_in_code" not in values.get("where", "")] == []


def test_the_place_names_our_own_code_and_a_library_only_where_it_raised() -> None:
    with pytest.raises(TypeError) as ours:
        masked(7)  # type: ignore[arg-type]
    assert where_in_code(ours.value).startswith("log.py:")
    with pytest.raises(ValueError, match="Expecting") as theirs:
        json.loads("{")
    assert where_in_code(theirs.value).startswith("decoder.py:"), "neither a test nor what lies between"
