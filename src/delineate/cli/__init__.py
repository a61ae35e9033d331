"""The command line: arguments in, text out; nothing else."""

from delineate.cli.commands import app
from delineate.cli.entry import main

__all__ = ["app", "main"]
