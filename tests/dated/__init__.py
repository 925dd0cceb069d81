"""The suite on other days and in other zones than the machine's: ``make test-calendar``, or ``python -m tests.dated``."""
