"""The rights of those who work in the office: who may do what, and with whose lead. One table, tested cell by cell.

An officer's chat answers by this table whatever is pressed or typed, and the cards show no button that it refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

OWN, HANDED, OFFICE, OTHER = "own", "handed", "office", "other"
WHOSE = (OWN, HANDED, OFFICE, OTHER)
"""Whose a lead is: one's own; a colleague's who hands it to one; of one's own office; of another office."""

ALL, OFFICES = frozenset(WHOSE), frozenset((OWN, HANDED, OFFICE))
_OWN, _HANDED, _NONE = frozenset((OWN,)), frozenset((HANDED,)), frozenset[str]()

# ``hand``: offer it to a colleague, who agrees or gives it back; ``merge``: make it one with another that is the same
# business; ``move``: hand it to somebody without asking them; ``undo``: of an officer only what they did themselves;
# ``team``: read what others have and do; ``invite``: an officer for that office; ``complaint``: be told of an owner's
# complaint.
RIGHTS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "officer": {
        "see": OFFICES,
        "take": frozenset((OFFICE,)),
        "note": _OWN,
        "undo": OFFICES,
        "release": _OWN,
        "hand": _OWN,
        "answer": _HANDED,
        "merge": _OWN,
        "move": _NONE,
        "team": _NONE,
        "invite": _NONE,
        "complaint": _NONE,
    },
    "coordinator": {
        "see": OFFICES,
        "take": frozenset((OFFICE,)),
        "note": _OWN,
        "undo": OFFICES,
        "release": _OWN,
        "hand": _NONE,
        "answer": _HANDED,
        "merge": OFFICES,
        "move": OFFICES,
        "team": OFFICES,
        "invite": OFFICES,
        "complaint": OFFICES,
    },
    "admin": {
        "see": ALL,
        "take": ALL - _OWN - _HANDED,
        "note": _OWN,
        "undo": ALL,
        "release": _OWN,
        "hand": _NONE,
        "answer": _HANDED,
        "merge": ALL,
        "move": ALL,
        "team": ALL,
        "invite": ALL,
        "complaint": ALL,
    },
}
ACTIONS = tuple(RIGHTS["officer"])


def may(role: str, action: str, whose: str) -> bool:
    """Whether somebody in this role may do this with such a lead, or in such an office.

    >>> may("officer", "note", OWN), may("officer", "note", OFFICE), may("coordinator", "move", OTHER)
    (True, False, False)
    """
    return whose in RIGHTS[role][action]


def office_of(area: Collection[str] | None, theirs: Collection[str]) -> str:
    """``OFFICE`` where the regencies that somebody looks after (None: all) meet ``theirs``, else ``OTHER``.

    >>> office_of(["33.72"], ["33.72", "33.11"]), office_of([], ["33.72"]), office_of(None, ["33.72"])
    ('office', 'other', 'office')
    """
    return OFFICE if area is None or not set(area).isdisjoint(theirs) else OTHER
