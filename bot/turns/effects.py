"""What the product does: one handler for each effect that a turn may have, in one table.

A handler writes rows within the turn's transaction; nothing is sent from here. Facts were read under the locks that
protect these writes; one that finds otherwise raises ``Stale``, and the turn is run again on fresh facts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.turns import admin as admin_effects
from bot.turns import linking, preferences
from bot.turns import officer as officer_effects
from bot.turns import owner as owner_effects
from bot.turns.turn_context import Rows, TurnContext
from conversations.engine import effects as e
from conversations.engine.core import Document, Say, Toast

__all__ = ["HANDLERS", "Rows", "TurnContext", "apply"]

Handler = Callable[[TurnContext, Any], Awaitable[None]]

HANDLERS: Mapping[type, Handler] = {
    e.GiveConsent: owner_effects.give_consent,
    e.SubmitLead: owner_effects.submit_lead,
    e.ChangeLead: owner_effects.change_lead,
    e.KeepCampaign: owner_effects.keep_campaign,
    e.CallHuman: owner_effects.call_human,
    e.ForgetMe: owner_effects.forget_me,
    e.AllowNews: preferences.allow_news,
    e.AllowCalls: preferences.allow_calls,
    e.StopMessages: preferences.stop_messages,
    e.ChooseLanguage: preferences.choose_language,
    e.TakeLead: officer_effects.take_lead,
    e.NoteOutcome: officer_effects.note_outcome,
    e.Promise: officer_effects.promise,
    e.BindOfficer: officer_effects.bind_officer,
    e.WrongCode: officer_effects.wrong_code,
    e.SetAbsent: officer_effects.set_absent,
    e.SetDigest: officer_effects.set_digest,
    e.ListTasks: officer_effects.list_tasks,
    e.ListUntaken: officer_effects.list_untaken,
    e.LookedAt: officer_effects.looked_at,
    e.MakeJoinCode: linking.make_code,
    e.TellOtherChannel: linking.tell_other_channel,
    e.ReadNews: preferences.read_news,
    e.ListBroadcasts: admin_effects.list_broadcasts,
    e.DraftBroadcast: admin_effects.draft_broadcast,
    e.TreatBroadcast: admin_effects.treat_broadcast,
}


async def apply(w: TurnContext, effects: Sequence[Any]) -> None:
    """Every effect of a turn in order; what it says leaves last, as one message."""
    says: list[Say | Document] = []
    for effect in effects:
        if isinstance(effect, Say | Document):
            says.append(effect)
        elif isinstance(effect, Toast):
            w.toast = w.catalog.text(effect.text.key)
        else:
            await HANDLERS[type(effect)](w, effect)
    if says:
        w.reply(says)
