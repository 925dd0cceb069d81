"""Make ``bot_api_schema.json.gz`` from the published description: ``python make_bot_api_schema.py api.json``.

What is kept: for each method its parameters, for each type its fields, each as ``[types, required, limit]``. A limit is
``[least, most, unit]`` with the unit "characters", "bytes", "items" or "number", or ``["is", value, …]`` for a constant, or
null. Limits are read from the descriptions, where they are written in a handful of ways.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

_SIZED = re.compile(r"\b(\d+)-(\d+) (characters|bytes)(?! after)")
_RANGE = re.compile(r"Values between (\d+)-(\d+) are accepted")
_AT_MOST = re.compile(r"At most (\d+) \w+")
_CONSTANT = re.compile(r'(?:always "(\w+)"|must be (\w+)$)')


def reduced(api: dict[str, Any]) -> dict[str, Any]:
    """The description without its prose."""
    types = {}
    for name, kind in api["types"].items():
        types[name] = {"any": kind["subtypes"]} if kind.get("subtypes") else {"fields": _fields(kind)}
    return {
        "version": api["version"],
        "released": api["release_date"],
        "methods": {name: _fields(method) for name, method in api["methods"].items()},
        "types": types,
    }


def _fields(holder: dict[str, Any]) -> dict[str, Any]:
    return {f["name"]: [f["types"], f["required"], _limit(f)] for f in holder.get("fields", ())}


def _limit(field: dict[str, Any]) -> list[Any] | None:
    said = field["description"]
    if sized := _SIZED.search(said):
        return [int(sized[1]), int(sized[2]), sized[3]]
    if between := _RANGE.search(said):
        return [int(between[1]), int(between[2]), "number"]
    if (most := _AT_MOST.search(said)) and field["types"][0].startswith("Array of"):
        return [0, int(most[1]), "items"]
    if constant := _CONSTANT.search(said):
        return ["is", constant[1] or constant[2]]
    return None


if __name__ == "__main__":
    made = json.dumps(reduced(json.loads(Path(sys.argv[1]).read_text("utf-8"))), separators=(",", ":"), sort_keys=True)
    Path(__file__).with_name("bot_api_schema.json.gz").write_bytes(gzip.compress(made.encode(), mtime=0))
