"""`Auxiliary`: an output a network has for training only."""

from __future__ import annotations

from typing import Literal

from delineate.core.record import Record


class Auxiliary(Record):
    """How an extra output is supervised: its ``weight`` beside the main output's 1, and its truth.

    ``labels`` are the task's own, at the output's size; ``boundary`` is one channel, the voxels of any class that touch
    another class or the background (edge branches); ``presence`` is one channel of one voxel, whether there is
    any class at all.
    """

    weight: float
    target: Literal["labels", "boundary", "presence"] = "labels"
