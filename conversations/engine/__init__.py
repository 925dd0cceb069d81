"""How a conversation goes on: a session, what was heard and the world become a reply and its effects."""
