"""What the registries hold."""

from __future__ import annotations

from typing import Any


def plugins(room: str) -> dict[str, str]:
    """The names a registry holds, each with the first line of what it says of itself.

    Raises:
        UnknownNameError: no such registry.
    """
    from delineate.core.errors import UnknownNameError

    if room not in _REGISTRIES:
        raise UnknownNameError(f"no registry is named {room!r}", "one of " + ", ".join(_REGISTRIES))
    import importlib

    module, name = _REGISTRIES[room]
    registry = getattr(importlib.import_module(module), name)
    return {n: _first_line(registry[n]) for n in registry.names()}


_REGISTRIES = {
    "nets": ("delineate.nets.net", "NETS"),
    "losses": ("delineate.losses.loss", "LOSSES"),
    "samplers": ("delineate.patches.sampler", "SAMPLERS"),
    "augmentations": ("delineate.patches.augmentation", "AUGMENTATIONS"),
    "metrics": ("delineate.evaluate.metric", "METRICS"),
    "formats": ("delineate.formats", "FORMATS"),
    "layouts": ("delineate.dataset.layouts", "LAYOUTS"),
    "checks": ("delineate.dataset.check", "CHECKS"),
    "normalisers": ("delineate.store.normalise", "NORMALISERS"),
    "planners": ("delineate.plan.planner", "PLANNERS"),
}


def _first_line(entry: Any) -> str:
    card = getattr(entry, "card", None)
    if card is not None:
        return f"{card.title} ({card.paper})"
    told = getattr(entry, "formula", entry)  # of a metric: its own words are those of all metrics
    return next(iter((getattr(told, "__doc__", None) or "").strip().splitlines()), "")
