"""Turns: an event is decided on, and stored with all its effects, in one transaction."""
