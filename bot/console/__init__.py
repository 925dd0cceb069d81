"""The web side: pages shown in a browser, and the web server. Nothing here is imported unless it is served."""
