"""``rangkul whatsapp``: commands for message templates and costs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.settings import load

app = typer.Typer(help="WhatsApp: message templates, and what messages cost.", no_args_is_help=True)


@app.command()
def templates(
    submit: Annotated[bool, typer.Option("--submit", help="hand in those that WhatsApp does not have yet")] = False,
) -> None:
    """Print our message templates and WhatsApp's decision on each."""
    from bot.office.whatsapp_templates import review

    asyncio.run(review(load(), submitting=submit))


@app.command()
def costs(month: Annotated[str, typer.Option(help="e.g. 2026-11; this month without it")] = "") -> None:
    """Count a month's messages by category and campaign, with an estimate of their price."""
    from bot.office.whatsapp_costs import show

    asyncio.run(show(load(), month))
