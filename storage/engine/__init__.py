"""The database engine: connections, transactions, row ids, leases, statements for SQLite and PostgreSQL, transient errors."""
