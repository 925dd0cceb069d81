"""Messages that one transaction leaves to send: notices, officers' cards of leads, and leads' reference codes."""
