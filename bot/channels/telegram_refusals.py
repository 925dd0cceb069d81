"""The meaning of Telegram's refusals: whom they concern, for how long, and whether another try makes sense. Pure.

The texts are those of the server's own source and of years of bots: the page of the Bot API lists none. They are
compared without regard to case, and where none is known the status alone decides. **Only a body that is Telegram's own
decides anything** (``must_be_telegrams``): a proxy, a filter or a login page on the way answers with the same statuses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from .base import SendFailed
from .telegram import Call

NO_ANSWER = 0  # status of a call without an answer: cut off, timed out, or not understood


class TelegramRefused(Exception):  # noqa: N818 - named for what happened
    """Raised when a call got no result: ``status`` as in HTTP, ``NO_ANSWER`` without an answer; ``retry_after``,
    seconds to wait.

    ``unsure``: the call was handed over, and may have been carried out all the same.
    """

    def __init__(self, status: int, reason: str, retry_after: float | None = None, *, unsure: bool = False) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason, self.retry_after, self.unsure = status, reason, retry_after, unsure


def must_be_telegrams(status: int, content: bytes) -> None:
    """Check that a refusal is Telegram's own, by its shape (https://core.telegram.org/bots/api#making-requests). Raises
    TelegramRefused with ``NO_ANSWER`` where it is not; then nothing was sent, unless the status is a server's error."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    own = isinstance(answer, dict) and answer.get("ok") is False and answer.get("error_code") == status
    if not (own and isinstance(answer.get("description"), str)):
        raise TelegramRefused(NO_ANSWER, f"not Telegram's ({status})", unsure=status >= 500)


Api = Callable[[Call], Awaitable[Any]]
"""Makes a call and gives its result as JSON. Raises TelegramRefused."""

# What Telegram says of a person who cannot be reached, with 403 or 400. Another 403 is one that nobody has listed.
_GONE = (
    *("chat not found", "user is deactivated", "user not found", "peer_id_invalid", "chat_write_forbidden"),
    *("bot was blocked", "user_is_blocked", "bot was kicked", "bot is not a member", "the group chat was deleted"),
    *("bot can't initiate", "bot can't send messages to", "have no rights to send"),
)
_UNCHANGED = ("message is not modified",)
_UNEDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not",
)
_UNKNOWN_FILE = ("file identifier", "file_id", "file reference")
_OF_THE_MESSAGE = (400, 413)
_OF_THE_BOT = (401, 404)  # the token is wrong or revoked: that is no fault of the message, which stays to be sent
_LOGGED_OUT = ("logged out",)  # with 400: somebody has moved the bot to another Bot API server
_OPERATOR = 60.0  # seconds until the next try, as an operator may have mended the token


def is_unchanged(refused: TelegramRefused) -> bool:
    """Whether an edit was refused because it would change nothing: the message is as wished."""
    return refused.status == 400 and _says(refused, _UNCHANGED)


def is_uneditable(refused: TelegramRefused) -> bool:
    """Whether an edit was refused because the old message is gone or too old: then the new one is sent below."""
    return refused.status == 400 and _says(refused, _UNEDITABLE)


def is_unknown_file(refused: TelegramRefused) -> bool:
    """Whether a file was refused because its ``file_id`` is no longer valid: it must be uploaded again."""
    return refused.status == 400 and _says(refused, _UNKNOWN_FILE)


def failure(refused: TelegramRefused, *, wide: bool, edits: bool = False) -> SendFailed:
    """The failure for the outbox to decide on. ``wide``: the wait holds for the whole bot, as far as one can tell.

    ``edits``: the call was an edit, which does no harm when made twice.
    """
    if refused.retry_after is not None:
        return SendFailed("flood", retry_after=refused.retry_after, wide=wide)
    if refused.status in _OF_THE_BOT or (refused.status == 400 and _says(refused, _LOGGED_OUT)):
        return SendFailed(str(refused), retry_after=_OPERATOR, wide=True, alert=True)
    gone = refused.status in (400, 403) and _says(refused, _GONE)
    permanent = gone or refused.status in _OF_THE_MESSAGE
    unsure, silent = refused.unsure and not edits, refused.status == NO_ANSWER
    alert = 400 <= refused.status < 500 and not gone  # our mistake, or something that nobody has listed
    return SendFailed(str(refused), gone=gone, permanent=permanent, unsure=unsure, silent=silent, alert=alert)


def _says(refused: TelegramRefused, phrases: tuple[str, ...]) -> bool:
    reason = refused.reason.casefold()
    return any(phrase in reason for phrase in phrases)


class TelegramFloods:
    """Tells a wait of one chat from a wait of the whole bot: Telegram names the seconds, but not whose they are.

    A chat that gets too much is refused alone. So a second chat that is refused while the first still waits is taken as
    a sign that all must wait.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def note(self, address: str, seconds: float, now: float) -> bool:
        """Note a refusal of a chat (``now`` on any steady clock, in seconds); True when the wait is the whole bot's.

        >>> floods = TelegramFloods()
        >>> floods.note("7", 5, now=0), floods.note("7", 5, now=2), floods.note("8", 5, now=6), floods.note("9", 5, now=20)
        (False, False, True, False)
        """
        self._until = {chat: until for chat, until in self._until.items() if until > now}
        wide = any(chat != address for chat in self._until)
        self._until[address] = now + seconds
        return wide
