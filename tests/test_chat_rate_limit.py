"""How fast one chat is written to: a burst of replies, then one a gap; notices and bulk never close upon another.

WhatsApp's figures: https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.channels import telegram, whatsapp
from bot.channels.base import Limits
from bot.outbox.chat_rate_limit import ChatPace
from storage.outbox.messages import BULK, NOTICE, REPLY


class Time:
    """Seconds that pass when they are waited for."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def send(self, pace: ChatPace, lane: int, limits: Limits, chat: int = 1) -> float:
        """When the next message of this lane leaves, as soon as it may."""
        self.now += pace.ahead(chat, lane, limits)
        pace.left(chat, limits)
        return self.now


def test_fifty_quick_replies_on_whatsapp_are_forty_five_at_once_and_then_one_in_six_seconds() -> None:
    clock = Time()
    pace = ChatPace(clock)
    left = [clock.send(pace, REPLY, whatsapp.LIMITS) for _ in range(50)]
    assert left[:45] == [100.0] * 45
    assert [later - earlier for earlier, later in pairwise(left[44:])] == pytest.approx([6.0] * 5)


def test_a_burst_is_paid_back_by_silence() -> None:
    clock = Time()
    pace = ChatPace(clock)
    for _ in range(45):
        clock.send(pace, REPLY, whatsapp.LIMITS)
    clock.now += 10 * 6.0
    began = clock.now
    assert [clock.send(pace, REPLY, whatsapp.LIMITS) - began for _ in range(11)] == pytest.approx([0.0] * 10 + [6.0])


@pytest.mark.parametrize("lane", [NOTICE, BULK])
@pytest.mark.parametrize(("limits", "gap"), [(whatsapp.LIMITS, 6.0), (telegram.LIMITS, 1.0)])
def test_what_nobody_asked_for_keeps_its_distance_from_whatever_came_last(
    lane: int, limits: Limits, gap: float
) -> None:
    clock = Time()
    pace = ChatPace(clock)
    clock.send(pace, REPLY, limits)
    assert clock.send(pace, lane, limits) == 100.0 + gap
    assert clock.send(pace, lane, limits) == 100.0 + 2 * gap


def test_a_chat_waits_for_no_other() -> None:
    clock = Time()
    pace = ChatPace(clock)
    assert [clock.send(pace, BULK, whatsapp.LIMITS, chat) for chat in range(100)] == [100.0] * 100
