"""Backup of the database while it serves, and restore."""
