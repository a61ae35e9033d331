"""`dilated`: the options that make a residual network the one a paper used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def dilated(backbone: str, given: Mapping[str, Any] | None, **reference: Any) -> dict[str, Any]:
    """Options of ``backbone``: those ``given``, over those of the ``reference`` where it is a ResNet.

    Other backbones do not know a ResNet's options, so they start with none.
    """
    return {**(reference if backbone.startswith("resnet") else {}), **(given or {})}
