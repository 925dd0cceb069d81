"""Broadcasts: planned, previewed, approved, put into the outbox, reported."""
