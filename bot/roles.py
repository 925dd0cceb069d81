"""The roles of a process: which parts of the product it runs. One process may have them all, or several share them.

rangkul serve                               # everything
rangkul serve --only web --only clock       # these two; others run the rest on the same PostgreSQL
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.settings import SWITCHES, BadSetting, Settings
from storage.engine.engines import address


class Role(StrEnum):
    """A role of a process: a part of the product that it runs."""

    WEB = "web"  # receives events by webhook, runs the turns
    TELEGRAM = "telegram"  # polls Telegram, runs the turns; of several processes one polls, the others stand by
    DELIVERY = "delivery"  # sends the rows of the outbox
    CLOCK = "clock"  # reminders, broadcasts, retention; of several one works, the others stand by
    CONSOLE = "console"  # the simulator, where it is on


EVERYTHING = frozenset(Role)
TALKING = frozenset((Role.WEB, Role.TELEGRAM, Role.CONSOLE))  # these roles run turns, so they load ear and dialogues
_SWITCHES = ", ".join(f"RANGKUL_{setting.upper()}" for setting in SWITCHES.values())


def chosen(only: Iterable[str]) -> frozenset[Role]:
    """The roles that ``--only`` names, each time one or several with commas; all roles where it names none.

    >>> sorted(chosen(["web,clock", "delivery"]))
    [<Role.CLOCK: 'clock'>, <Role.DELIVERY: 'delivery'>, <Role.WEB: 'web'>]

    Raises BadSetting for a name that is none.
    """
    names = [name.strip() for each in only for name in each.split(",")]
    if unknown := [name for name in names if name not in list(Role)]:
        raise BadSetting(f"--only {unknown[0]}: is none of {', '.join(Role)}")
    return frozenset(map(Role, names)) or EVERYTHING


def fit(roles: frozenset[Role], settings: Settings, webhooks: Sequence[str]) -> None:
    """Raises BadSetting when these roles cannot run apart, or one of the roles would have nothing to do.

    ``webhooks``: the channels, of those that are on, that receive by webhook.
    """
    if roles == EVERYTHING:
        return
    if address(settings.database_url).get_backend_name() == "sqlite":
        raise BadSetting("--only: SQLite takes one process, which does everything; leave --only away or use PostgreSQL")
    if Role.TELEGRAM in roles and not (settings.telegram_token and settings.telegram_mode == "polling"):
        raise BadSetting("--only telegram: needs RANGKUL_TELEGRAM_TOKEN and RANGKUL_TELEGRAM_MODE=polling")
    if Role.WEB in roles and not webhooks:
        raise BadSetting(f"--only web: nothing comes by webhook; see RANGKUL_TELEGRAM_MODE, {_SWITCHES}")
    if Role.DELIVERY in roles and not settings.real_channels:
        raise BadSetting(f"--only delivery: no channel is on; see {_SWITCHES}")
