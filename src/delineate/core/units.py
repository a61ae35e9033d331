"""Amounts as people write them: ``8GiB``, ``20min``; and back."""

from __future__ import annotations

import re

from delineate.core.errors import UsageError

GIB = 1024**3

_BYTES = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": GIB, "t": 1024**4}
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_memory(text: str) -> int:
    """Bytes of ``8GiB``, ``8G``, ``512 MiB``, ``8gb``: one kilo is 1024 whatever the spelling."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not match or float(match[1]) == 0:
        raise UsageError(f"{text!r} is not an amount of memory", "a number with MiB or GiB", "write for example 8GiB")
    return int(float(match[1]) * _BYTES[match[2]])


def parse_time(text: str) -> float:
    """Seconds of ``90s``, ``10min``, ``1.5h``, ``1h30min``, ``2d``."""
    pieces = re.findall(r"(\d+(?:\.\d+)?)\s*(sec|min|[smhd]?)", text.lower())
    if not pieces or not re.fullmatch(r"\s*(?:\d+(?:\.\d+)?\s*(?:sec|min|[smhd])?\s*)+", text.lower()):
        raise UsageError(f"{text!r} is not a length of time", "a number with s, min, h or d", "write for example 20min")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in pieces)
    if seconds <= 0:
        raise UsageError(f"{text!r} leaves no time", "more than zero", "write for example 20min")
    return seconds


def show_memory(size_bytes: float) -> str:
    """``3.2 GiB`` or ``410 MiB``."""
    return f"{size_bytes / GIB:.1f} GiB" if size_bytes >= GIB else f"{size_bytes / 1024**2:.0f} MiB"


def show_time(seconds: float) -> str:
    """``45 s``, ``12 min 5 s`` or ``3 h 20 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
