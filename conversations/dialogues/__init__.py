"""The dialogues, a file each: what is asked of whom, and what is done in the end."""
