"""Plain answers in the spellings of slang are read, or asked about; nothing grave comes of them."""

from __future__ import annotations

import pytest

from tests.understanding import slang

LEAST, MOST = 0.90, 0.02  # right, wrong


@pytest.mark.parametrize("held_out", [False, True])
def test_slang_is_read_or_asked_about(held_out: bool) -> None:
    marks = slang.marks(held_out=held_out)
    missed = [] if held_out else marks.missed  # what is held out stays unread
    grave, right, wrong = marks.count["grave"], marks.share("right"), marks.share("wrong")
    assert marks.count["lines"] >= 200
    assert grave == 0, missed
    assert right >= LEAST, missed
    assert wrong <= MOST, missed
