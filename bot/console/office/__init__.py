"""The office's pages: rendered here, whole, by Jinja2; htmx swaps a part of a page where scripts run.

One file a page. A page reads in one transaction, and whatever changes something goes through the handlers of effects,
as in the chat (``bot/turns/deeds.py``). Nothing of a visitor is kept in memory, so any process serves any request.
"""
