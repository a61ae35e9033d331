"""Scans as networks see them: reoriented, cropped, resampled, normalised, kept in chunks, and the way back."""
