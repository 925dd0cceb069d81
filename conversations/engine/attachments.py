"""Messages other than text: photos, voices, places. They are answered kindly and never fetched; a caption is read."""

from __future__ import annotations

from .core import Heard, Say, Text, Turn
from .patience import MISS, patient
from .turn_state import TurnState

OTHER = ("photo", "voice", "video", "sticker", "location", "document", "edited", "reaction", "poll", "contact")
IN_ALBUMS = frozenset({"photo", "video", "document"})
ALBUM_SECONDS = 10  # from one picture to the next: a slow line brings them one by one
PLACES = frozenset({"regency", "district"})  # questions that the name of a place that was sent may answer


def unreadable(state: TurnState) -> Turn | None:
    """Rung: a photo, a voice message, an edited message: say kindly what helps."""
    kind = state.heard.other
    if not kind or _words_count(state):
        return None
    if _is_rest_of_album(state):
        return Turn(state.session, ())
    if _is_for_a_broadcast(state):
        return state.say("compose.photo")
    return patient(state, state.say(f"other.{kind}" if kind in OTHER else "other.unknown"), MISS)


def beside_words(state: TurnState) -> tuple[Say, ...]:
    """The say about an attachment that came with words, where the words are answered; none otherwise."""
    if not (state.heard.other and _words_count(state)):
        return ()
    if _is_for_a_broadcast(state):
        return (Say(Text("compose.photo")),)
    return (Say(Text("other.place" if state.heard.other == "location" else "other.words")),)


def unread(heard: Heard) -> str:
    """The name of an attachment for ``Session.last``, one name for all kinds that an album may hold; "" for none."""
    return f"other.{'album' if heard.other in IN_ALBUMS else heard.other}" if heard.other else ""


def _is_rest_of_album(state: TurnState) -> bool:
    """Whether this is a further photo of an album, or another sticker right behind the first: the help was said just now."""
    came_before = 0 <= state.world.now.timestamp() - state.session.at <= ALBUM_SECONDS
    return came_before and state.session.last == unread(state.heard)


def _words_count(state: TurnState) -> bool:
    """Whether the words beside an attachment are read: a location's name only at a question for a place, as elsewhere
    it would be taken for a name."""
    about_a_place = state.open is not None and state.open.key in PLACES
    return bool(state.heard.text) and (state.heard.other != "location" or about_a_place)


def _is_for_a_broadcast(state: TurnState) -> bool:
    return state.session.dialogue == "compose" and state.heard.other in ("photo", "document")
