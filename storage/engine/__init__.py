"""The database itself: where it is, how it is written and read, which of its errors pass."""
