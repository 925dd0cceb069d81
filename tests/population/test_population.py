"""A week over Christmas at five offices, with a product that is killed every few hours: no lead is forgotten, nobody is
told twice. ``python -m tests.population`` lets two thousand owners live for four weeks.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.population.play import BEGINS, play

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets whose product was shot
]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        address: str = request.getfixturevalue("postgres_url")
        return address
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "population.db")
    return str(tmp_path / "population.db")


@pytest.mark.parametrize(("url", "owners", "days"), [("sqlite", 30, 6), ("postgresql", 15, 3)], indirect=["url"])
def test_owners_and_officers_of_many_habits_and_a_product_that_is_killed_leave_no_lead_forgotten(
    tmp_path: Path, url: str, owners: int, days: int
) -> None:
    outcome = play(tmp_path, url, owners_count=owners, days=days, begins=BEGINS + timedelta(days=8))
    assert outcome.broken == []
    assert outcome.kills > days
    assert outcome.counted.came == outcome.happened["came"] > 0
