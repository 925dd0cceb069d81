"""A message before any reader: plain forms, tokens, known phrases, clauses, bounds."""
