"""delineate: medical image segmentation in the memory and the time you have."""

__version__ = "0.1.0"
