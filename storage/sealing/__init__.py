"""Sealing of personal data: the keys, the vault that seals and opens by them, rotation, and values that do not open."""
