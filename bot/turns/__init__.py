"""One turn: an event comes in, is decided on, and is written down with all that follows, in one transaction."""
