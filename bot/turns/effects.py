"""What the product does: one handler for each effect that a turn may have. Each subject ends with its table; here they are one.

A handler writes rows within the turn's transaction; nothing is sent from here. Facts were read under the locks that
protect these writes; one that finds otherwise raises ``Stale``, and the turn is run again on fresh facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.turns import admin as admin_effects
from bot.turns import linking, preferences
from bot.turns import officer as officer_effects
from bot.turns import owner as owner_effects
from bot.turns.turn_context import Handler, Rows, TurnContext
from conversations.engine.core import Document, Say, Toast

__all__ = ["HANDLERS", "Rows", "TurnContext", "apply"]

HANDLERS: Mapping[type, Handler] = {
    **owner_effects.HANDLERS,
    **preferences.HANDLERS,
    **officer_effects.HANDLERS,
    **linking.HANDLERS,
    **admin_effects.HANDLERS,
}


async def apply(w: TurnContext, effects: Sequence[Any]) -> None:
    """Every effect of a turn in order; what it says leaves last, as one message."""
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
