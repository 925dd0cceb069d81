"""The engine of conversations: from a session, an event and the world to a reply and its effects."""
