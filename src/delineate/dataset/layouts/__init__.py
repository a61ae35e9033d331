"""One file per layout: a function that knows one way people arrange images and masks in a folder.

A layout gets the path a person typed (a folder or a file) and returns the `Dataset`, or None where the folder is
arranged otherwise. It raises `LayoutError` where the arrangement is its own but cases cannot be told without guessing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from delineate.core.registry import Registry
from delineate.dataset.case import Dataset

Layout = Callable[[Path], Dataset | None]

LAYOUTS: Registry[Layout] = Registry("layout", "delineate.dataset.layouts")

__all__ = ["LAYOUTS", "Layout"]
