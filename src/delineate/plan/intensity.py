"""Which normaliser each channel needs."""

from __future__ import annotations

from delineate.core.errors import PlanError, UsageError
from delineate.dataset.fingerprint import ChannelFingerprint
from delineate.dataset.landmarks import landmark_names
from delineate.plan.plan import Normaliser, Reason
from delineate.plan.windows import window_numbers

_MANY_ZEROS = 0.25

Wanted = str | tuple[str, ...] | None
"""What a person asked for: one normaliser for every channel, one for each, or none in particular."""


def choose_normalisers(
    channels: tuple[ChannelFingerprint, ...], cropped: bool, wanted: Wanted = None
) -> tuple[tuple[Normaliser, ...], tuple[Reason, ...]]:
    """A normaliser and its reason for every channel.

    Raises:
        UsageError: another number of names than channels, or a window that shows nothing of a channel.
    """
    names = (wanted,) * len(channels) if wanted is None or isinstance(wanted, str) else wanted
    if len(names) != len(channels):
        raise UsageError(
            f"plan.normaliser names {len(names)} normalisers",
            f"one for all channels or one for each of {', '.join(c.name for c in channels)}",
            'write for example --set plan.normaliser=zscore or plan.normaliser=["window:liver", "zscore"]',
        )
    chosen = [
        choose_normaliser(c, cropped) if name is None else asked_normaliser(c, name)
        for c, name in zip(channels, names, strict=True)
    ]
    return tuple(n for n, _ in chosen), tuple(r for _, r in chosen)


def choose_normaliser(channel: ChannelFingerprint, cropped: bool) -> tuple[Normaliser, Reason]:
    """CT is clipped to foreground percentiles and scaled by the data set's own statistics (its numbers mean the same
    in every scan); pictures are scaled by their range; all else is scored per scan, inside the non-zero region where a
    scan was masked (Isensee et al. 2021)."""
    if channel.kind == "ct":
        why = "Hounsfield units mean the same in every scan, so the data set's foreground statistics are used for all"
        return Normaliser(name="ct", numbers=_statistics(channel)), _reason(channel, "ct", why)
    if channel.kind == "picture":
        maximum = _range(channel)
        why = f"a picture's range is known (0 to {maximum:g})"
        return Normaliser(name="scale", numbers={"maximum": maximum}), _reason(channel, "scale", why)
    if cropped or channel.zero_fraction > _MANY_ZEROS:
        why = f"{channel.zero_fraction:.0%} of the voxels are exactly 0: outside the body there is nothing to measure"
        return Normaliser(name="zscore_nonzero"), _reason(channel, "zscore_nonzero", why)
    return Normaliser(name="zscore"), _reason(channel, "zscore", "the unit differs from scan to scan")


def asked_normaliser(channel: ChannelFingerprint, wanted: str) -> tuple[Normaliser, Reason]:
    """The normaliser a person named, with the numbers it takes from the fingerprint: ``name``, or ``window:preset``.

    A scheme of another package is given all that is known of the channel.

    Raises:
        UnknownNameError: no such window.
        UsageError: the foreground lies wholly outside of the window.
        PlanError: the fingerprint has no landmarks to learn from.
    """
    name, _, preset = wanted.partition(":")
    if name == "window":
        numbers = window_numbers(preset)
        _refuse_blind(channel, wanted, numbers)
    elif name == "nyul":
        numbers = _landmarks(channel)
    elif name == "scale":
        numbers = {"maximum": _range(channel)}
    elif name in ("zscore", "zscore_nonzero", "percentile"):
        numbers = {}
    elif name == "ct":
        numbers = _statistics(channel)
    else:
        numbers = {**_statistics(channel), "maximum": channel.maximum, "minimum": channel.minimum}
    return Normaliser(name=name, numbers=numbers), _reason(channel, wanted, "asked for")


def _statistics(channel: ChannelFingerprint) -> dict[str, float]:
    return {
        "low": channel.percentile_00_5,
        "high": channel.percentile_99_5,
        "mean": channel.mean,
        "std": max(channel.std, 1e-6),
    }


def _range(channel: ChannelFingerprint) -> float:
    """The largest value the channel's numbers can take: of a picture by its bits, of a scan as it was measured."""
    if channel.kind != "picture":
        return max(channel.maximum, 1e-6)
    return 65535.0 if channel.maximum > 255 else 255.0 if channel.maximum > 1 else 1.0


def _landmarks(channel: ChannelFingerprint) -> dict[str, float]:
    if not channel.landmarks:
        raise PlanError(
            f"the fingerprint has no histogram landmarks of {channel.name}",
            "scans whose bodies are not constant, measured by this version",
            "delete fingerprint.json to have it made anew, or choose another plan.normaliser",
        )
    return dict(zip(landmark_names(), channel.landmarks, strict=True))


def _refuse_blind(channel: ChannelFingerprint, wanted: str, numbers: dict[str, float]) -> None:
    """A window that all of the foreground lies above or below would make every scan constant."""
    low, high = numbers["level"] - numbers["width"] / 2, numbers["level"] + numbers["width"] / 2
    if channel.percentile_99_5 <= low or channel.percentile_00_5 >= high:
        raise UsageError(
            f"{wanted} shows {low:g} to {high:g} HU, but what is marked in {channel.name} lies between "
            f"{channel.percentile_00_5:g} and {channel.percentile_99_5:g}",
            "a window that the marked voxels lie in, and scans in HU",
            "choose another window, or leave plan.normaliser out",
        )


def _reason(channel: ChannelFingerprint, name: str, why: str) -> Reason:
    return Reason(decision=f"normaliser of {channel.name}", value=name, why=why)
