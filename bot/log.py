"""Logs: one event a line, with fields; numbers that may be a phone's or a person's, and tokens, are masked."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

_DIGITS = re.compile(r"\+?\d[\d .\-]{7,}\d")
_TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")


def masked(text: str) -> str:
    """A text with everything masked that may name a person or open a door: long numbers, bot tokens.

    >>> masked("call +62 812-0000-7001 via bot123456:AAaaBBbbCCccDDddEEeeFF")
    'call ███ via bot███'
    """
    return _DIGITS.sub("███", _TOKEN.sub("███", text))


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name not in _OURS:
            event[name] = _harmless(value)
    return event


_OURS = ("timestamp", "level")
_LONGEST_COUNT = 10**8  # larger whole numbers are ids of chats and people


def _harmless(value: Any) -> Any:
    """A plain value as it is; whole numbers that may be ids, and all other values, as masked text."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < _LONGEST_COUNT):
        return value
    return masked(str(value))


class _Masked(logging.Filter):
    """Masks log records of libraries, which log through the standard library; their tracebacks too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


class _AsJson(logging.Formatter):
    """Writes a record of a library as our own events are written: one line, with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        event = {
            "logger": record.name,
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": at,
        }
        return json.dumps(event | ({"exception": record.exc_text} if record.exc_text else {}))


def configure(level: str = "info", form: str = "text") -> None:
    """Set up logging for the whole process; logs go to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Masked())
    handler.setFormatter(_AsJson() if form == "json" else logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("httpx").setLevel("WARNING")  # below that httpx logs URLs, which hold a bot's token
    # Below that both log the parameters of calls, and so people's words; at WARNING pywa advises on each call that failed.
    logging.getLogger("telegram").setLevel("WARNING")
    logging.getLogger("pywa").setLevel("ERROR")


_ROOT = Path(__file__).parents[1]
_PACKAGES = ("bot", "conversations", "locales", "storage")


def where_in_code(error: BaseException) -> str:
    """Where an error was raised: the last four files and lines of this program, and the library's line where it was
    raised there.

    Without the error's message: messages of drivers and readers may quote a person's words.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(Path(frame.filename))]
    shown = [*ours[-4:], *(frame for frame in frames[-1:] if frame not in ours)]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in shown)


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _PACKAGES
