"""Every dialogue by name."""

from __future__ import annotations

from .core import Book, Session, World
from .home import deletion, home, news
from .officer import followup
from .registration import registration

BOOK: Book = {dialogue.name: dialogue for dialogue in (home, registration, news, deletion, followup)}


def first_session(world: World) -> Session:
    """Where somebody begins of whom no session is kept: owners at the opening, those with a lead or an office at home."""
    began = int(world.now.timestamp())
    return Session("home" if world.leads or world.officer else "registration", began=began)
