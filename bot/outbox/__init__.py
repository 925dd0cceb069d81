"""Delivery: rows of the outbox are sent in order, at the platform's pace, and only once where that is possible."""
