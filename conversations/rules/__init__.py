"""What holds whoever talks: rates, working days, quiet hours, offices, and how values are shown."""
