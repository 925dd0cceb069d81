"""Plain answers with real spellings of slang in them: how much of that is read.

``corpus/slang.jsonl``: lines of the corpus with the name of their ``file`` besides, which says how they are marked.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from tests.understanding.marks import CORPUS, Marks, marked
from tests.understanding.predict import predict
from tests.understanding.progress import shown


def rows() -> list[dict[str, Any]]:
    path = CORPUS / "slang.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def marks(*, held_out: bool) -> Marks:
    """The marks of all lines together."""
    by_file: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in shown("slang", [row for row in rows() if row.get("held_out", False) is held_out]):
        by_file[row["file"]].append(row)
    parts = [marked(file, some, predict) for file, some in by_file.items()]
    return Marks(sum((part.count for part in parts), Counter()), [line for part in parts for line in part.missed])
