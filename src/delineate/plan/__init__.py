"""What the machine decided: spacing, patch, batch, network, memory, each with its reason."""
