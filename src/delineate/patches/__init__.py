"""Where to look, how to vary what is seen, and how to put windows together again."""
