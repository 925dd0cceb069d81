"""Reader of places: names of places found in a message, and the one chosen where a business is."""
