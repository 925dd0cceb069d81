"""What one transaction leaves to send: messages, leads' cards, and the codes in them."""
