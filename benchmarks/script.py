"""What an owner says to us in the benchmarks, by question; half of the answers by button, as the dialogue is made for."""

from __future__ import annotations

from collections.abc import Mapping

from bot.now import now
from bot.office.usual import HELLO, whole_registration
from conversations.engine.core import Text
from conversations.engine.knowledge import Knowledge
from conversations.engine.world import World

ANSWERS: Mapping[str, str] = {  # besides the usual ones: one worker, a price, an address
    "regency": "Klaten",
    "workers": "[1 orang dibayar]",
    "income": "[1 sampai 2 juta]",
    "program": "[Dasar]",
    "district": "Delanggu",
    "business_name": "Warung Bu Siti",
    "phone": "081200007001",
}


def script(knows: Knowledge, *, hello: str = "halo", news: bool = False) -> dict[str, str]:
    """Each word or button ("[Belum]") by its question, from the greeting to the lead; with ``news`` the yes to them too."""
    said = whole_registration(World(now(), knows, fresh="RK-222222"), {**ANSWERS, HELLO: hello})
    return {**said, "news": f"[{knows.labels(Text('news.allow.yes'))[0]}]"} if news else said
