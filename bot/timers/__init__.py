"""Timed work: reminders, digests, escalation, re-engagement, retention."""
