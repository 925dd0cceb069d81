"""What names a person is sealed: the keys, the vault that uses them, and a new key for all that is sealed."""
