"""What the pages of the console read and keep besides what the chat has: sessions of browsers, and the queries of pages."""
