"""What is on disk: the layout, the commit log, and what can be told from them."""
