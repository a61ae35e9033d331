"""One file per backbone: encoders that give maps at several resolutions."""
