"""Errors that end a command, each as one line that names the problem and says how to mend it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from typer.exceptions import TyperException

from bot.log import where_in_code
from bot.settings import BadSetting, load
from storage.engine.engines import StorageError, address
from storage.engine.transient_errors import is_unavailable, said_by_driver, sqlstate
from storage.sealing.vault import VaultError

_UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # of the file or pipe that output goes to
NAMED = (BadSetting, StorageError, VaultError)  # errors whose own text is that line


def line(problem: BaseException) -> str:
    """The line for an error that ended a command; without any text that may be a person's words."""
    if isinstance(problem, NAMED):
        return str(problem)
    if isinstance(problem, TyperException):
        return _of_arguments(problem)
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{_shown(problem.filename)}: {(problem.strerror or type(problem).__name__).lower()}; see that it may be used"
    if isinstance(problem, OSError) and problem.errno in _UNWRITTEN:
        return f"the output cannot be written: {(problem.strerror or '').lower()}; give it another place"
    if is_unavailable(problem):
        what = "is away" if _is_away(problem) else "cannot be used now"
        return f"the database {_place()} {what} ({said_by_driver(problem)}); see RANGKUL_DATABASE_URL"
    return (
        f"a fault of this program ({type(problem).__name__} at {where_in_code(problem)}): report it to its authors; "
        "RANGKUL_LOG_LEVEL=debug shows all of it"
    )


def _is_away(problem: BaseException) -> bool:
    """Whether a database did not answer at all; otherwise it answered, and says why it does not do what it is asked."""
    state = sqlstate(problem)
    return state.startswith(("08", "57P")) if state else not isinstance(getattr(problem, "orig", None), sqlite3.Error)


def asks_for_help(problem: BaseException) -> bool:
    """Whether only the name of a group of commands was given: then the error's message is the help."""
    return type(problem).__name__ == "NoArgsIsHelpError"  # Typer keeps the class to itself


def is_fault(problem: BaseException) -> bool:
    """Whether an error is a fault of this program, not of its input or surroundings."""
    known = (*NAMED, TyperException, OSError)
    return not isinstance(problem, known) and not is_unavailable(problem)


def _of_arguments(problem: TyperException) -> str:
    said = " ".join(problem.format_message().split())
    context = getattr(problem, "ctx", None)
    return f"{said.rstrip('.')}: see `{context.command_path} --help`" if context else said


def _shown(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _place() -> str:
    """The place of the database for a message, without its password."""
    try:
        where = address(load().database_url)
    except NAMED:
        return ""
    if where.get_backend_name() == "sqlite":
        return f"at {Path(str(where.database)).absolute()}"
    host = where.host or where.query.get("host") or "localhost"
    return f"{where.database} at {host}"
