"""A copy of the database while it serves, and the way back."""
