"""The same registration as other libraries' own guides would have one write it: what we are measured against."""
