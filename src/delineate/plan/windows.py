"""CT windows that radiologists look through."""

from __future__ import annotations

from delineate.core.errors import UnknownNameError

WINDOWS: dict[str, tuple[float, float]] = {
    "lung": (-600.0, 1500.0),
    "liver": (30.0, 150.0),
    "bone": (400.0, 1800.0),
    "brain": (40.0, 80.0),
    "soft_tissue": (50.0, 400.0),
}
"""Level (centre) and width in HU, by the convention of radiology: level ± width / 2 spans black to white. The values
are those of the reading rooms' common presets (Radiopaedia, "Windowing (CT)")."""


def window_numbers(preset: str) -> dict[str, float]:
    """A preset as a normaliser's numbers.

    Raises:
        UnknownNameError: no such preset; all are named.
    """
    if preset not in WINDOWS:
        raise UnknownNameError(
            f"no CT window is named {preset!r}" if preset else "the normaliser window needs the name of a window",
            "one of " + ", ".join(f"window:{name}" for name in WINDOWS),
            "write for example --set plan.normaliser=window:liver",
        )
    level, width = WINDOWS[preset]
    return {"level": level, "width": width}
