"""The named strengths of augmentation: one table; a knob that is set wins over its column."""

from __future__ import annotations

from functools import cache

from delineate.config import PatchConfig
from delineate.core.record import Record


class Strength(Record):
    """How much patches are varied: shares of the patches, the largest rotation and the range of scales."""

    affine: float
    rotation_degrees: float
    scale: tuple[float, float]
    elastic: float
    crop_resize: float
    intensity: float
    blur: float
    low_resolution: float
    anisotropy: float
    mr_artefacts: float
    ct_artefacts: float
    cutout: float


STRENGTHS = {
    "light": Strength(
        affine=0.3, rotation_degrees=10.0, scale=(0.9, 1.1), elastic=0.0, crop_resize=0.0, intensity=0.15,
        blur=0.05, low_resolution=0.05, anisotropy=0.0, mr_artefacts=0.0, ct_artefacts=0.0, cutout=0.0,
    ),
    "standard": Strength(
        affine=0.5, rotation_degrees=20.0, scale=(0.8, 1.25), elastic=0.0, crop_resize=0.0, intensity=0.3,
        blur=0.1, low_resolution=0.1, anisotropy=0.0, mr_artefacts=0.0, ct_artefacts=0.0, cutout=0.0,
    ),
    "strong": Strength(
        affine=0.7, rotation_degrees=30.0, scale=(0.7, 1.4), elastic=0.3, crop_resize=0.1, intensity=0.4,
        blur=0.2, low_resolution=0.2, anisotropy=0.15, mr_artefacts=0.1, ct_artefacts=0.1, cutout=0.1,
    ),
}  # fmt: skip


@cache
def strength_of(knobs: PatchConfig, planned: str = "standard") -> Strength:
    """The strength a person named, or the ``planned`` one, changed where single knobs were set."""
    own = {name: getattr(knobs, name) for name in Strength.model_fields}
    named = planned if knobs.strength == "auto" else knobs.strength
    return STRENGTHS[named].model_copy(update={k: v for k, v in own.items() if v is not None})
