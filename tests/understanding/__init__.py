"""How much of what people write is understood: a corpus, the bot's own path through it, and the marks."""
