"""The inbox and the outbox: messages to send, leases of outbox rows, delivery status, costs, and the platforms' limits."""
