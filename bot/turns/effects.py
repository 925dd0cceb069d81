"""Effects of turns: one handler for each type of effect. The file of each subject has a table; here the tables are joined.

A handler writes rows within the turn's transaction; nothing is sent from here. Facts were read under the locks that
protect these writes; a handler that finds them changed raises ``Stale``, and the turn is run again on fresh facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.turns import admin as admin_effects
from bot.turns import bridge, finding, handing, letters, linking, merging, own_lead, preferences, signing_in
from bot.turns import officer as officer_effects
from bot.turns import owner as owner_effects
from bot.turns import team as team_effects
from bot.turns.turn_context import Handler, Rows, TurnContext
from conversations.engine.core import Document, Say, Toast

__all__ = ["HANDLERS", "Rows", "TurnContext", "apply"]

HANDLERS: Mapping[type, Handler] = {
    **owner_effects.HANDLERS,
    **own_lead.HANDLERS,
    **preferences.HANDLERS,
    **officer_effects.HANDLERS,
    **handing.HANDLERS,
    **merging.HANDLERS,
    **team_effects.HANDLERS,
    **finding.HANDLERS,
    **signing_in.HANDLERS,
    **linking.HANDLERS,
    **letters.HANDLERS,
    **bridge.HANDLERS,
    **admin_effects.HANDLERS,
}


async def apply(w: TurnContext, effects: Sequence[Any]) -> None:
    """Apply every effect of a turn in order; its says leave last, as one message."""
    for effect in effects:
        if isinstance(effect, Say | Document):
            w.says.append(effect)
        elif isinstance(effect, Toast):
            w.toast = w.catalog.text(effect.text.key)
        else:
            await HANDLERS[type(effect)](w, effect)
    if w.says:
        w.reply(w.says)
    if w.held_back:
        w.reply(w.held_back, after=preferences.STOPPED_FOR)
