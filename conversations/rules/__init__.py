"""Rules that hold for every person: rates, working days, quiet hours, offices, promises, and how values are shown."""
