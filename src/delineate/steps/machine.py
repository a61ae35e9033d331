"""The verb `env`: this machine and the versions numbers depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import delineate

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.train.machine import Machine


def env() -> tuple[Machine, dict[str, str]]:
    """This machine as training sees it, and the versions of what numbers depend on."""
    from delineate.train.machine import look

    return look(), versions()


def versions() -> dict[str, str]:
    """Versions of what numbers depend on, without importing any of it."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"delineate": delineate.__version__, "python": platform.python_version()}
    for name in ("torch", "numpy", "scipy", "nibabel", "SimpleITK", "blosc2", "lightning-fabric"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
