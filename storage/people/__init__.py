"""Persons with their addresses, their sessions, their consents, and the audit log."""
