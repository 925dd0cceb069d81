"""The web side: what is shown in a browser. Nothing here is imported unless it is served."""
