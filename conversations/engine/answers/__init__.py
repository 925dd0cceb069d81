"""How answers are taken: by a reader, literally, told unasked, or as a correction of an earlier one."""
