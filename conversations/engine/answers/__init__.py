"""Answers: taken by a reader, taken literally, told unasked, or given as a correction of an earlier answer."""
