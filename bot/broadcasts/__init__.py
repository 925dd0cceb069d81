"""One message to many: planned, tried, approved, put out, watched."""
