"""What ``delineate train`` works out before the work begins."""

from __future__ import annotations

import time

import pytest

from delineate.cli.training import dimensions, process_start
from delineate.core.errors import UsageError


@pytest.mark.parametrize(("text", "value"), [("2", 2), ("2.5", 2.5), ("3", 3)])
def test_dimensions(text, value):
    assert dimensions(text) == value


@pytest.mark.parametrize("text", ["4", "2.0", "three", ""])
def test_other_dimensions_are_refused(text):
    with pytest.raises(UsageError, match="not available"):
        dimensions(text)


def test_start_up_counts():
    """The process began before this line, and no longer ago than the machine runs."""
    now = time.monotonic()
    assert 0 < now - process_start() < now + 1
