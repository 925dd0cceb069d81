"""Where a business is: names of places found in a message, and one of them chosen."""
