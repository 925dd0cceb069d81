"""What moves the date is for the start of a process, not for doctests to import."""

collect_ignore = ["moved"]
