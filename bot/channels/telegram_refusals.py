"""What it means when the Bot API refuses a call: for whom, for how long, and whether another try makes sense. Pure.

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

NO_ANSWER = 0  # status of a call that got none: cut off, timed out, or not understood


class TelegramRefused(Exception):  # noqa: N818 - named for what happened
    """Raised when a call got no result: ``status`` as in HTTP, ``NO_ANSWER`` without an answer; seconds to wait.

    ``unsure``: it was handed over, and may have been carried out all the same.
    """

    def __init__(self, status: int, reason: str, retry_after: float | None = None, *, unsure: bool = False) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason, self.retry_after, self.unsure = status, reason, retry_after, unsure


def must_be_telegrams(status: int, content: bytes) -> None:
    """Look whether a refusal has the shape that https://core.telegram.org/bots/api#making-requests gives. Raises Refused
    without an answer where it has not; then nothing was sent, unless it is a server's error."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    own = isinstance(answer, dict) and answer.get("ok") is False
    if not (own and isinstance(answer.get("error_code"), int) and isinstance(answer.get("description"), str)):
        raise TelegramRefused(NO_ANSWER, f"not Telegram's ({status})", unsure=status >= 500)


Api = Callable[[Call], Awaitable[Any]]
"""Makes a call and gives its result as JSON. Raises Refused."""

# Only 403 needs no words: it is always about this person. These are 400s that say the same.
_GONE = ("chat not found", "user is deactivated", "user not found", "bot was blocked", "peer_id_invalid")
_UNCHANGED = ("message is not modified",)
_UNEDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not",
)
_UNKNOWN_FILE = ("file identifier", "file_id", "file reference")
_OF_THE_BOT = (401, 404)  # the token is wrong or revoked: that is no fault of the message, which stays to be sent
_OPERATOR = 60.0  # seconds until it is tried again whether somebody has mended that


def is_unchanged(refused: TelegramRefused) -> bool:
    """An edit that changed nothing: it is as was wished."""
    return refused.status == 400 and _says(refused, _UNCHANGED)


def is_uneditable(refused: TelegramRefused) -> bool:
    """The message to be replaced is gone or too old: the new one is sent below."""
    return refused.status == 400 and _says(refused, _UNEDITABLE)


def is_unknown_file(refused: TelegramRefused) -> bool:
    """The name that a file was sent by is no good any more: it must be uploaded again."""
    return refused.status == 400 and _says(refused, _UNKNOWN_FILE)


def failure(refused: TelegramRefused, *, wide: bool, edits: bool = False) -> SendFailed:
    """What the outbox must decide on. ``wide``: a wait holds for the whole bot, as far as one can tell.

    ``edits``: it was an edit, which does no harm when it is made twice.
    """
    if refused.retry_after is not None:
        return SendFailed("flood", retry_after=refused.retry_after, wide=wide)
    if refused.status in _OF_THE_BOT:
        return SendFailed(str(refused), retry_after=_OPERATOR, wide=True, alert=True)
    gone = refused.status == 403 or (refused.status == 400 and _says(refused, _GONE))
    permanent = 400 <= refused.status < 500
    unsure, silent = refused.unsure and not edits, refused.status == NO_ANSWER
    return SendFailed(str(refused), gone=gone, permanent=permanent, unsure=unsure, silent=silent)


def _says(refused: TelegramRefused, phrases: tuple[str, ...]) -> bool:
    reason = refused.reason.casefold()
    return any(phrase in reason for phrase in phrases)


class TelegramFloods:
    """Tells a wait of one chat from one of the whole bot: Telegram names the seconds, but not whose they are.

    A chat that gets too much is refused alone. So a second chat that is refused while the first still waits is taken
    as a sign that all must wait.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def note(self, address: str, seconds: float, now: float) -> bool:
        """Remember a refusal (``now`` on any steady clock, in seconds); True when it is the whole bot's.

        >>> floods = TelegramFloods()
        >>> floods.note("7", 5, now=0), floods.note("7", 5, now=2), floods.note("8", 5, now=6), floods.note("9", 5, now=20)
        (False, False, True, False)
        """
        self._until = {chat: until for chat, until in self._until.items() if until > now}
        wide = any(chat != address for chat in self._until)
        self._until[address] = now + seconds
        return wide
