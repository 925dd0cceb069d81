"""How something is typed does not change what it means; where it does become unreadable, it is asked, never guessed."""

from __future__ import annotations

from random import Random

import pytest

from tests.understanding.dress import DRESSES
from tests.understanding.marks import FILES, lines, marked
from tests.understanding.predict import predict

# Of the lines that are read as written, in this dress: at least right, at most wrong. A slip may make another word.
FLOORS = {"slipped": (0.87, 0.07)}
FLOOR = (0.95, 0.02)
MOST = 60  # lines of each file, taken evenly


@pytest.mark.parametrize("dress", DRESSES)
def test_a_line_in_another_dress_means_the_same(dress: str) -> None:
    chance = Random(4)
    right = wrong = total = 0
    missed: list[str] = []
    for file in FILES:
        rows = lines(file)
        rows = [row for row in rows[:: max(1, len(rows) // MOST)] if not row["text"].startswith("/")]
        read = [row for row in rows if marked(file, [row], predict).count["right"]]
        marks = marked(file, [{**row, "text": DRESSES[dress](row["text"], chance)} for row in read], predict)
        right, wrong, total = right + marks.count["right"], wrong + marks.count["wrong"], total + marks.count["lines"]
        assert marks.count["grave"] == 0, marks.missed
        missed += marks.missed
    least, most = FLOORS.get(dress, FLOOR)
    assert right / total >= least, missed
    assert wrong / total <= most, missed
