"""The meaning of the Cloud API's errors: whom they concern, for how long, and whether another try makes sense. Pure.

Told by the error's code, never by its words or the status of HTTP, as
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes asks; the same whether the
error comes at once or later by webhook. **Only an error about this person or this message ends the message**: for an
error that an operator must mend, messages wait and the operator is called; a rate limit or passing error is tried
again, and so is a code that is not known here, which somebody should look up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import SendFailed

STOPPED = 131050  # this person has stopped what WhatsApp takes for marketing
PAIR = 131056  # too many messages to this person
THROUGHPUT = 130429  # too many messages a second

_LATER: dict[str, Any] = {}
_NEVER = {"permanent": True}
_GONE = {"gone": True, "permanent": True}
_BUG = {"permanent": True, "alert": True}
_CAMPAIGN = {"permanent": True, "halts": True, "alert": True}
_TEMPLATE = {"retry_after": 3600.0, "halts": True, "alert": True}  # not approved, paused, disabled: to be mended
_MUCH = {"retry_after": 60.0, "wide": True}
_OPERATOR = {"retry_after": 300.0, "wide": True, "alert": True}  # nothing leaves until somebody has done something
_UNKNOWN = {"alert": True}

_MEANING: Mapping[int, Mapping[str, Any]] = {
    # the token, permissions, the account, the number, the payment, the terms
    **dict.fromkeys((0, 3, 10, 33, 102, 190, *range(200, 300), 368, 131005, 131031, 131037, 131042, 131045), _OPERATOR),
    **dict.fromkeys((*range(133000, 133017), 134011), _OPERATOR),
    130497: {"retry_after": 3600.0, "alert": True},  # we may not write to this person's country
    # too much: for the whole app, for the number and for this person (each time longer: see Floods)
    **dict.fromkeys((4, 17, 32, 341, 613, *range(80000, 80015)), _MUCH),
    THROUGHPUT: {"retry_after": 1.0, "wide": True},
    PAIR: {"retry_after": 4.0},
    131030: {"retry_after": 3600.0, "alert": True},  # the app is on trial, and this number not on its list
    131048: {"retry_after": 3600.0, "halts": True, "alert": True},  # taken for spam
    # about this person
    131026: _GONE,  # no WhatsApp, has blocked us, an old app: Meta does not say which
    131047: {"closed": True},
    **dict.fromkeys((131049, STOPPED, 130472, 131021, 131062), _NEVER),
    # about this message
    **dict.fromkeys((100, 131008, 131009, 131051, 131052, 131053, 135000), _BUG),
    **dict.fromkeys((132000, 132005, 132012, 132018), _CAMPAIGN),
    **dict.fromkeys((132001, 132007, 132015, 132016), _TEMPLATE),
    # passing errors
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 132068, 132069), _LATER),
}  # fmt: skip


_OF_SUBCODES: Mapping[tuple[int, int], Mapping[str, Any]] = {
    (100, 33): _OPERATOR,  # the number's id is wrong, or the token may not use the number any more
}


def failure(code: object, subcode: object = None, *, status: int = 0) -> SendFailed:
    """The failure for the outbox to decide on. ``code`` is None where Meta gave none; then the HTTP ``status`` is named."""
    if code is None:
        return SendFailed(f"whatsapp: no answer of Meta's ({status})" if status else "whatsapp: no answer", silent=True)
    meaning: Mapping[str, Any] = _UNKNOWN
    if isinstance(code, int) and not isinstance(code, bool):
        special = _OF_SUBCODES.get((code, subcode)) if isinstance(subcode, int) else None
        meaning = special or _MEANING.get(code, _UNKNOWN)
    return SendFailed(f"whatsapp {code}"[:60], **meaning)


class WhatsAppFloods:
    """Waits where Meta says only that it is too much: longer each time until a message gets through.

    One person's wait is four times the last, as Meta asks; the whole number's twice the last.
    """

    LONGEST_PAIR = 256.0  # seconds
    LONGEST_WIDE = 64.0

    def __init__(self) -> None:
        self._people: dict[str, float] = {}
        self._wide = 0.0

    def note(self, code: object, address: str) -> SendFailed | None:
        """The failure with the wait that a refusal means; None for a code that is no rate limit.

        >>> floods = WhatsAppFloods()
        >>> [floods.note(PAIR, "7").retry_after for _ in range(3)], floods.note(THROUGHPUT, "8").wide, floods.note(1, "8")
        ([4.0, 16.0, 64.0], True, None)
        """
        if code == PAIR:
            wait = min(self.LONGEST_PAIR, 4 * self._people.get(address, 1.0))
            self._people[address] = wait
            return SendFailed("whatsapp 131056", retry_after=wait)
        if code == THROUGHPUT:
            self._wide = min(self.LONGEST_WIDE, 2 * self._wide or 1.0)
            return SendFailed("whatsapp 130429", retry_after=self._wide, wide=True)
        return None

    def passed(self, address: str) -> None:
        """Note that a message to this person got through: waits begin anew."""
        self._people.pop(address, None)
        self._wide = 0.0
