"""Persons, where each stands in a conversation, what they agreed to, and who looked at what."""
