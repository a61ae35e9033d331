"""One file per sampler."""
