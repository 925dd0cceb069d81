"""Effects of signing in on the console by the chat."""

from __future__ import annotations

from collections.abc import Mapping

from bot.turns.turn_context import Handler, TurnContext
from conversations.engine import effects as e
from conversations.engine.core import Field, Say, Text
from storage.console import sign_in


async def open_console(w: TurnContext, effect: e.OpenConsole) -> None:
    officer = w.visitor.world.officer
    if officer is None or not w.services.console:
        w.says.append(Say(Text("console.off")))
        return
    secret = await sign_in.link(w.tx, w.services.vault, officer.id, w.now)
    w.audit("sign-in link", f"officer:{officer.id}")
    fields: dict[str, Field] = {
        "link": f"{w.services.console}/masuk/{secret}",
        "minutes": sign_in.OPEN_FOR.seconds // 60,
    }
    w.says.append(Say(Text("console.link", fields)))


async def let_browser_in(w: TurnContext, effect: e.LetBrowserIn) -> None:
    """Let the browser that shows these digits in. Whoever sends wrong ones too often waits until those have passed."""
    officer = w.visitor.world.officer
    if officer is None:
        return
    match await sign_in.allow(w.tx, w.services.vault, effect.digits, officer.id, w.now):
        case True:
            w.audit("let a browser in", f"officer:{officer.id}")
            said = Text("console.let_in")
        case False:
            said = Text("console.unknown")
        case None:
            said = Text("console.tries", {"minutes": sign_in.OPEN_FOR.seconds // 60})
    w.says.append(Say(said))


HANDLERS: Mapping[type, Handler] = {e.OpenConsole: open_console, e.LetBrowserIn: let_browser_in}
