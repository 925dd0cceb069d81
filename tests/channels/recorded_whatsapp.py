"""Webhook bodies of every kind as the Cloud API sends them (made-up people), and a strategy that breaks them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.channels.recorded import break_places

BODIES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "whatsapp_payloads").glob("*.json"))
}


@st.composite
def broken_bodies(draw: st.DrawFn) -> Any:
    """A recorded body with up to four of its values replaced by others, moved or taken out."""
    return break_places(draw, copy.deepcopy(BODIES[draw(st.sampled_from(sorted(BODIES)))]))
