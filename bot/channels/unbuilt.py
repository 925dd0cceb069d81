"""Import of a library whose pydantic models are not used here, without building the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def unbuilt() -> Iterator[None]:
    """Within the block, pydantic models that refer to later ones are not built when defined, but at their first use.

    aiogram builds several hundred models of updates and methods when it is imported; we use none. That is 100 MB of
    memory and three seconds of every start.
    """
    rebuild = BaseModel.__dict__["model_rebuild"]
    model: Any = BaseModel
    model.model_rebuild = classmethod(lambda _, **__: None)
    try:
        yield
    finally:
        model.model_rebuild = rebuild
