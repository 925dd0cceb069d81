"""What an operator does at the command line about leads, officers, files and data."""
