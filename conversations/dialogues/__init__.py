"""The dialogues, a file each: the questions to a person, and the effects in the end."""
