"""WhatsApp's message templates and prices; the channel itself is in ``bot/channels``."""
