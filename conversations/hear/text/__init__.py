"""A message before anything is read from it: plain forms, tokens, known phrases, clauses, bounds."""
