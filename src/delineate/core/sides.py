"""Left and right in the names of classes, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile("left|right|左|右")
"""A side wherever it stands."""
_LETTER = re.compile(r"(?<![a-z0-9])([lr])(h?)(?![a-z0-9])")
"""A side only where its opposite is a class too: kidney_l, ctx-lh-cuneus; L1 is a vertebra."""
_OPPOSITES = {"left": "right", "right": "left", "左": "右", "右": "左", "l": "r", "r": "l"}


def tells_sides(names: Sequence[str]) -> bool:
    """Whether some names tell left from right: by a word, or by a letter whose opposite is there."""
    lowered = {name.lower() for name in names}
    return any(_WORD.search(n) or (_LETTER.search(n) and _opposite(n) in lowered) for n in lowered)


def side_pairs(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The places of names that differ in nothing but the side, lower first.

    Empty where no name tells a side, and where one that does has no opposite: then left cannot become right.
    """
    places = {name.lower(): i for i, name in enumerate(names)}
    sided = [n for n in places if _WORD.search(n) or _LETTER.search(n)]
    letters_count = any(not _WORD.search(n) and _opposite(n) in places for n in sided)
    wanted = [n for n in sided if letters_count or _WORD.search(n)]
    if len(places) < len(names) or any(_opposite(n) not in places for n in wanted):
        return ()
    return tuple(sorted((places[n], places[_opposite(n)]) for n in wanted if places[n] < places[_opposite(n)]))


def _opposite(name: str) -> str:
    """The name with every side turned into the other one; letters only where no word tells it."""
    if _WORD.search(name):
        return _WORD.sub(lambda found: _OPPOSITES[found[0]], name)
    return _LETTER.sub(lambda found: _OPPOSITES[found[1]] + found[2], name)
