"""Stand-ins for the platforms: servers of our own, as strict as the real ones where it matters, for tests without a net."""
