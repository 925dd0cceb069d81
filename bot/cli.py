"""The command ``rangkul``. Every command says in one line what went wrong and how to mend it, and ends with 2 then."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.office.arguments import MOST
from bot.office.broadcast_commands import app as broadcast_app
from bot.office.office_commands import app as offices_app
from bot.office.outbox_commands import app as outbox_app
from bot.office.whatsapp_commands import app as whatsapp_app
from bot.settings import Settings, load

LARGEST_WEBSOCKET_MESSAGE = 1 << 20  # bytes; of the simulator's page

app = typer.Typer(
    help="Rangkul: owners of small businesses register in a chat, an officer follows up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # Typer's tracebacks show the values of variables
)
officers_app = typer.Typer(help="Field officers, coordinators, admins.", no_args_is_help=True)
leads_app = typer.Typer(help="Leads: list and export.", no_args_is_help=True)
keys_app = typer.Typer(help="The keys that personal data are sealed with.", no_args_is_help=True)
app.add_typer(officers_app, name="officers")
app.add_typer(offices_app, name="offices")
app.add_typer(leads_app, name="leads")
app.add_typer(keys_app, name="keys")
app.add_typer(broadcast_app, name="broadcast")
app.add_typer(outbox_app, name="outbox")
app.add_typer(whatsapp_app, name="whatsapp")


def main() -> None:
    """The entry point: whatever keeps a command from being done becomes one line on standard error, and exit code 2."""
    from bot.office import refusals

    try:
        code = app(prog_name="rangkul", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        raise SystemExit(130) from None
    except BrokenPipeError:  # the reader of our output (``| head``) has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(1) from None
    except Exception as problem:
        if refusals.asks_for_help(problem):
            typer.echo(str(problem), err=True)
            raise SystemExit(2) from None
        if refusals.is_fault(problem) and os.environ.get("RANGKUL_LOG_LEVEL") == "debug":
            raise
        sys.stderr.write(f"rangkul: {refusals.line(problem)}\n")
        raise SystemExit(2) from None
    raise SystemExit(code or 0)


def _run(work: Callable[[Settings], Coroutine[Any, Any, Any]]) -> Any:
    settings = load()
    return asyncio.run(work(settings))


@app.command()
def serve(
    only: Annotated[list[str] | None, typer.Option(help="run only web, telegram, delivery, clock or console")] = None,
) -> None:
    """Run all roles; with --only (may be repeated) some of them, beside other processes."""
    import gc
    import signal

    import uvicorn

    from bot import log, platforms
    from bot import roles as roles_
    from bot.app import ready
    from bot.console import listening
    from bot.console.guarded_http import Bounds, guarded
    from bot.console.server import web

    settings, roles = load(), roles_.chosen(only or ())
    roles_.fit(roles, settings, platforms.webhooks(settings))
    log.configure(settings.log_level, settings.log_format)
    asyncio.run(ready(settings))
    listening.check(settings.host, settings.port)
    gc.disable()  # all that is loaded now stays: nothing to collect until then
    server = web(settings, roles, loaded=collect_what_is_new)
    # uvicorn ends gracefully on SIGTERM, then raises the signal again: that is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        server,
        host=settings.host,
        port=settings.port,
        log_level="error",  # no line for each request of a stranger that is no HTTP
        timeout_graceful_shutdown=5,
        http=guarded(Bounds.of(settings)),
        ws_max_size=LARGEST_WEBSOCKET_MESSAGE,
        log_config=None,
        access_log=False,
    )


def collect_what_is_new() -> None:
    """Exempt all objects loaded at start from garbage collection: collecting over them costs a tenth of all turns, in
    pauses."""
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)  # objects of a turn die by themselves; cycles are rare
    gc.enable()


@app.command()
def chat(
    role: Annotated[str, typer.Option("--as", help="owner or officer")] = "owner",
    record: Annotated[Path | None, typer.Option(help="write the conversation to this .chat file")] = None,
) -> None:
    """Talk to the bot in the terminal. A number picks a button; (foto), (suara) … stand for what cannot be typed.

    "--- jawaban lazim sampai: Nomor HP" gives the usual answers up to that question.
    """
    from bot.office.talk import talk

    _run(lambda settings: talk(settings, role, record))


@app.command()
def check() -> None:
    """Look over settings, database, key, words, labels and rates; exit code 1 when something is wrong."""
    from bot.office.checks import check_all

    raise SystemExit(0 if _run(check_all) else 1)


@app.command()
def flow() -> None:
    """The dialogues as Mermaid diagrams."""
    from bot.office.flow import mermaid

    typer.echo(mermaid())


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; a new one gets its key."""
    from bot import log
    from bot.office.database import first_key
    from storage.engine.database import migrate as upgrade

    settings = load()
    log.configure(settings.log_level, settings.log_format)
    upgrade(settings.database_url)
    asyncio.run(first_key(settings))
    typer.echo("database is up to date")


@app.command()
def backup(
    to: Annotated[Path, typer.Option(help="folder to write it to")] = Path("backups"),
    keep_days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="remove our backups there that are older")
    ] = None,
) -> None:
    """Copy the database, also while it serves. The key is not in it: keep a copy of that elsewhere."""
    from bot.office.backup import backup as make

    _run(lambda settings: make(settings, to, settings.deletions_file, keep_days))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="a backup that `rangkul backup` made")],
    force: Annotated[bool, typer.Option("--force", help="put a database that holds people aside")] = False,
    key: Annotated[Path | None, typer.Option(help="the key file of the backup's time, after a rotation")] = None,
    deletions: Annotated[Path | None, typer.Option(help="list of deletions, if not the one of the settings")] = None,
    without_deletions: Annotated[
        bool, typer.Option("--without-deletions", help="accept that there is no list")
    ] = False,
) -> None:
    """Put a backup in the database's place, with the server stopped; who was erased since is erased again."""
    from bot.office.backup import restore as put_back

    def ledger(settings: Settings) -> Path | None:
        return None if without_deletions else deletions or settings.deletions_file

    _run(lambda settings: put_back(settings, file, ledger=ledger(settings), force=force, key=key))


@officers_app.command("invite")
def invite_officer(
    name: Annotated[str, typer.Option(help="how owners and colleagues know this officer")],
    regency: Annotated[list[str] | None, typer.Option(help="Kemendagri code, e.g. 33.72; may be repeated")] = None,
    role: Annotated[str, typer.Option(help="officer, coordinator or admin")] = "officer",
    office: Annotated[str, typer.Option(help="part of an office's name: its regencies, in place of --regency")] = "",
) -> None:
    """Print a one-time code that binds the officer's chat."""
    from bot.office.officers import invite

    _run(lambda settings: invite(settings, name, tuple(regency or ()), role, office))


@officers_app.command("list")
def list_officers() -> None:
    """All officers, with their regencies and open leads."""
    from bot.office.officers import show

    _run(show)


@officers_app.command("remove")
def remove_officer(officer: Annotated[int, typer.Argument(min=1, max=MOST, help="id from `officers list`")]) -> None:
    """Cut an officer off at once and hand their open leads over."""
    from bot.office.officers import remove

    _run(lambda settings: remove(settings, officer))


@leads_app.command("list")
def list_leads() -> None:
    """All leads, one a line, without names or numbers."""
    from bot.office.export import show

    _run(show)


@leads_app.command("export")
def export_leads(
    form: Annotated[
        str, typer.Option("--format", help="csv, xlsx or json; by the ending of --out, csv if it has none")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="file to write (mode 0600); - writes to standard output")] = None,
    excel: Annotated[bool, typer.Option("--excel", help="csv with ; as Excel in Indonesian opens it")] = False,
    since: Annotated[str, typer.Option(help="only leads that came on this day or later, e.g. 2026-11-01")] = "",
    until: Annotated[str, typer.Option(help="only leads that came on this day or earlier")] = "",
    status: Annotated[list[str] | None, typer.Option(help="only leads in this status now; may be repeated")] = None,
    office: Annotated[str, typer.Option(help="part of an office's name, or a regency's code")] = "",
) -> None:
    """Write leads with their steps to a file, leads.<format> if not named. It holds personal data: the export is audited,
    the file readable to you alone. For a spreadsheet xlsx is the safest."""
    from bot.office.export import Asked, export, form_of

    chosen = form_of(form, out, excel=excel)
    where, asked = out or Path(f"leads.{chosen}"), Asked(since, until, tuple(status or ()), office)
    _run(lambda settings: export(settings, chosen, where, excel=excel, asked=asked))


@app.command()
def report(
    month: Annotated[str, typer.Option(help="e.g. 2026-11; the current month if not named")] = "",
    office: Annotated[str, typer.Option(help="part of an office's name, or a regency's code")] = "",
    form: Annotated[str, typer.Option("--format", help="text or xlsx")] = "text",
    out: Annotated[Path | None, typer.Option(help="file for xlsx")] = None,
) -> None:
    """A month in figures: came, taken, contacted within a working day, registered, active; by office, officer, campaign."""
    from bot.office.report import show

    _run(lambda settings: show(settings, month, office, form, out))


@keys_app.command("rotate")
def rotate_keys() -> None:
    """Seal everything with a new key, with the server stopped; may be interrupted and begun again."""
    from bot.office.officers import rotate

    _run(rotate)
