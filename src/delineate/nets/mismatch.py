"""`suspicions`: what a file of weights is of where it is not of this network: another depth, block, shortcut, stem."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_SHORTCUT = re.compile(r"\.(downsample|shortcut|proj_conv)\.")
_MOST = 4


def suspicions(own: Collection[str], file: Collection[str], differing: Mapping[str, str]) -> tuple[str, ...]:
    """Guesses, each a phrase with the names it rests on, from the names of a network and of a file, brought to the
    network's; ``differing`` are of another shape in both."""
    found = [_block(own, file) or _shortcut(own, file), _stem(own, file), _depth(own, file)]
    if len(differing) > len(own) // 2:
        found.append("another width: more than half of the tensors have another shape")
    return tuple(told for told in found if told)


def _depth(own: Collection[str], file: Collection[str]) -> str:
    """Numbered parts that one of the two has more of."""
    here, there = _counted(own), _counted(file)
    told = [
        f"{len(there[name])} of {name.rstrip('.')} for {len(here[name])}"
        for name in sorted(here.keys() & there.keys())
        if here[name] != there[name] and not _SHORTCUT.search(name) and not name.endswith("conv1.")
    ]
    return "another depth: " + "; ".join(told[:_MOST]) if told else ""


def _block(own: Collection[str], file: Collection[str]) -> str:
    """Blocks of two convolutions for blocks of three."""
    here, there = (_ends(names, r"\.conv3\.weight$") for names in (own, file))
    blocks = _ends(own, r"\.\d+\.conv1\.weight$") and _ends(file, r"\.\d+\.conv1\.weight$")
    if not blocks or bool(here) == bool(there):
        return ""
    if there:
        return f"another kind of block: bottlenecks ({there[0]}), for blocks of two convolutions"
    return f"another kind of block: two convolutions each, for bottlenecks ({here[0]})"


def _shortcut(own: Collection[str], file: Collection[str]) -> str:
    """Shortcuts of blocks that both have."""
    blocks = _parents(own) & _parents(file)
    here, there = (
        sorted(k for k in names if _SHORTCUT.search(k) and _SHORTCUT.split(k)[0] in blocks) for names in (own, file)
    )
    more, fewer = [k for k in there if k not in own], [k for k in here if k not in file]
    if here and not there:
        return f"another shortcut: the file has no weights in any ({here[0]} is missing); padded ones (skip='pad')?"
    if there and not here:
        return f"another shortcut: the file has weights in its shortcuts ({there[0]}), the network's have none"
    if more or fewer:
        return "another shortcut: " + (f"{more[0]} in the file" if more else f"{fewer[0]} is missing")
    return ""


def _stem(own: Collection[str], file: Collection[str]) -> str:
    """One convolution for several."""
    for names, others, told in (
        (file, own, "one convolution for several"),
        (own, file, "several convolutions for one"),
    ):
        alone = next((k for k in names if k.endswith("conv1.weight") and not re.search(r"\d+\.conv1", k)), "")
        if alone and any(k.startswith(alone.replace("weight", "0.")) for k in others):
            return f"another stem: {told} ({alone.removesuffix('.weight')})"
    return ""


def _counted(names: Collection[str]) -> dict[str, set[int]]:
    """The numbers in names by what stands before them."""
    out: dict[str, set[int]] = {}
    for name in names:
        for part in re.finditer(r"\d+(?=\.)", name):
            out.setdefault(name[: part.start()], set()).add(int(part[0]))
    return out


def _parents(names: Collection[str]) -> set[str]:
    """What has parts, at every level."""
    return {name[: dot.start()] for name in names for dot in re.finditer(r"\.", name)}


def _ends(names: Collection[str], pattern: str) -> list[str]:
    return sorted(k for k in names if re.search(pattern, k))
