"""Weeks at five offices in simulated time, with owners and officers of many habits, and a product that is killed."""
