"""What networks, backbones and heads are built of, in two and three dimensions: one block per file."""
