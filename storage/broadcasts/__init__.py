"""Broadcasts in the database: the plan of a broadcast, its audience, and its recipients."""
