"""What time brings, without anybody having written."""
