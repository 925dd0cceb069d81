"""Whatever keeps a command from being done, as one line that names it and says how to mend it."""

from __future__ import annotations

from pathlib import Path

from typer.exceptions import TyperException

from bot.log import where_in_code
from bot.settings import BadSetting, load
from storage.engine.engines import StorageError, address
from storage.engine.transient_errors import is_unavailable, said_by_driver
from storage.sealing.vault import VaultError

NAMED = (BadSetting, StorageError, VaultError)  # each says itself what it is


def line(problem: BaseException) -> str:
    """The line for an error that ended a command; without anything that may be a person's words."""
    if isinstance(problem, NAMED):
        return str(problem)
    if isinstance(problem, TyperException):
        return _of_arguments(problem)
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{_shown(problem.filename)}: {(problem.strerror or type(problem).__name__).lower()}; see that it may be used"
    if is_unavailable(problem):
        return f"the database {_place()} is away ({said_by_driver(problem)}); see RANGKUL_DATABASE_URL"
    return (
        f"a fault of this program ({type(problem).__name__} at {where_in_code(problem)}): report it to its authors; "
        "RANGKUL_LOG_LEVEL=debug shows all of it"
    )


def asks_for_help(problem: BaseException) -> bool:
    """Whether nothing was said but the name of a group of commands: its message is the help then."""
    return type(problem).__name__ == "NoArgsIsHelpError"  # Typer keeps the class to itself


def is_fault(problem: BaseException) -> bool:
    """Whether it is the program that is wrong, not what it was given."""
    known = (*NAMED, TyperException, OSError)
    return not isinstance(problem, known) and not is_unavailable(problem)


def _of_arguments(problem: TyperException) -> str:
    said = " ".join(problem.format_message().split())
    context = getattr(problem, "ctx", None)
    return f"{said.rstrip('.')}: see `{context.command_path} --help`" if context else said


def _shown(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _place() -> str:
    """Where the database should be, without its password."""
    try:
        where = address(load().database_url)
    except NAMED:
        return ""
    if where.get_backend_name() == "sqlite":
        return f"at {Path(str(where.database)).absolute()}"
    host = where.host or where.query.get("host") or "localhost"
    return f"{where.database} at {host}"
