"""Messages in and out: what is to leave, who sends it, what became of it, and what the platforms allow."""
