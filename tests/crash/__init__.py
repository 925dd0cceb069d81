"""Tests that really kill the process."""
