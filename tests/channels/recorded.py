"""Updates of every kind as Telegram sends them (made-up people), and a strategy that breaks them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

UPDATES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "updates").glob("*.json"))
}

_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.sampled_from(["", "/start", "/start \x00", "/@", "lead.take=RK-222AAA~", "lead.take=\x00", "a.b=c~d", "private"]),
)  # fmt: skip
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path into a JSON value but the value itself."""
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from _places(inner, (*path, step))


@st.composite
def broken_updates(draw: st.DrawFn) -> Any:
    """A recorded update with up to four of its values replaced by others, moved or taken out."""
    return break_places(draw, copy.deepcopy(UPDATES[draw(st.sampled_from(sorted(UPDATES)))]))


def break_places(draw: st.DrawFn, update: Any) -> Any:
    """This JSON value with up to four of the values in it replaced by others or taken out; or another altogether."""
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(update))
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        holder: Any = update
        for step in path:
            holder = holder[step]
        if draw(st.integers(0, 3)) == 0:
            del holder[last]
        else:
            holder[last] = draw(_values)
    return draw(st.one_of(st.just(update), st.just(update), st.just(update), _values))
