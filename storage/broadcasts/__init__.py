"""One message to many: the plan, its audience, and each recipient."""
