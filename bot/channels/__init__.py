"""The channels, each a translator between a platform and three plain values; see ``base.py``."""
