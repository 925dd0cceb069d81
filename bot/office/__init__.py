"""Commands of an operator at the command line: leads, officers, broadcasts, outbox, backups, checks."""
