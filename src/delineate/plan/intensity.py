"""Which normaliser each channel needs."""

from __future__ import annotations

from delineate.dataset.fingerprint import ChannelFingerprint
from delineate.plan.plan import Normaliser, Reason

_MANY_ZEROS = 0.25


def choose_normaliser(channel: ChannelFingerprint, cropped: bool) -> tuple[Normaliser, Reason]:
    """CT is clipped to foreground percentiles and scaled by the data set's own statistics (its numbers mean the same
    in every scan); pictures are scaled by their range; all else is scored per scan, inside the non-zero region where a
    scan was masked (Isensee et al. 2021)."""
    if channel.kind == "ct":
        numbers = {
            "low": channel.percentile_00_5,
            "high": channel.percentile_99_5,
            "mean": channel.mean,
            "std": max(channel.std, 1e-6),
        }
        why = "Hounsfield units mean the same in every scan, so the data set's foreground statistics are used for all"
        return Normaliser(name="ct", numbers=numbers), _reason(channel, "ct", why)
    if channel.kind == "picture":
        maximum = 65535.0 if channel.maximum > 255 else 255.0 if channel.maximum > 1 else 1.0
        why = f"a picture's range is known (0 to {maximum:g})"
        return Normaliser(name="scale", numbers={"maximum": maximum}), _reason(channel, "scale", why)
    if cropped or channel.zero_fraction > _MANY_ZEROS:
        why = f"{channel.zero_fraction:.0%} of the voxels are exactly 0: outside the body there is nothing to measure"
        return Normaliser(name="zscore_nonzero"), _reason(channel, "zscore_nonzero", why)
    return Normaliser(name="zscore"), _reason(channel, "zscore", "the unit differs from scan to scan")


def _reason(channel: ChannelFingerprint, name: str, why: str) -> Reason:
    return Reason(decision=f"normaliser of {channel.name}", value=name, why=why)
