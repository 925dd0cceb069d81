"""``python -m bot`` is ``rangkul``."""

from bot.cli import main

main()
