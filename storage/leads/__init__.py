"""Leads with their histories and timers, officers with their digests, and who may see which lead."""
