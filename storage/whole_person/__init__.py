"""What touches every table of a person: two become one, an address changes, a stop, an end."""
