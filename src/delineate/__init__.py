"""delineate: medical image segmentation in the memory and the time you have.

Every verb of the command line is a function of `delineate.steps`, for example
``steps.train(data, out, load_config(time="20min"))``. Names are loaded when they are first used, so that importing the
package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from delineate import steps
    from delineate.config import Config, load_config
    from delineate.core.errors import DelineateError
    from delineate.nets.net import build_net

__all__ = ["Config", "DelineateError", "__version__", "build_net", "load_config", "steps"]

_HOMES = {
    "Config": "delineate.config",
    "load_config": "delineate.config",
    "DelineateError": "delineate.core.errors",
    "build_net": "delineate.nets.net",
}


def __getattr__(name: str) -> Any:
    if name == "steps":
        return importlib.import_module("delineate.steps")
    if name not in _HOMES:
        raise AttributeError(f"module 'delineate' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
