"""`Tally`: what was drawn, against what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.patches.draw import Draw
from delineate.patches.sampler import Aim

_WORDS = {
    "uniform": "anywhere",
    "background": "background",
    "weighted": "by the probability maps",
    "hard": "where validation was wrong",
    "grid": "on the grid",
}


class DrawShare(Record):
    """One aim in words, how many patches were drawn for it, and how many it should have got."""

    aim: str
    drawn: int
    asked: float


class Tally:
    """Counts of draws by aim; a fallback counts as such and not for the class it was meant for."""

    def __init__(self) -> None:
        self._drawn: Counter[Aim] = Counter()
        self._asked: dict[Aim, float] = {}

    def add(self, draws: Iterable[Draw], asked: Mapping[Aim, float]) -> None:
        """Draws of a sampler that was asked for these shares."""
        aims: list[Aim] = [(draw.kind, draw.class_id) for draw in draws]
        self._drawn.update(aims)
        for aim, share in asked.items():
            self._asked[aim] = self._asked.get(aim, 0.0) + share * len(aims)

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Self:
        """Several folds' as one."""
        total = cls()
        for tally in tallies:
            total._drawn.update(tally._drawn)
            for aim, asked in tally._asked.items():
                total._asked[aim] = total._asked.get(aim, 0.0) + asked
        return total

    def shares(self, labels: Labels) -> tuple[DrawShare, ...]:
        """Every aim that was asked for or drawn, those asked for first."""
        aims = [*self._asked, *sorted((a for a in self._drawn if a not in self._asked), key=str)]
        return tuple(
            DrawShare(aim=_words(aim, labels), drawn=self._drawn[aim], asked=round(self._asked.get(aim, 0.0), 3))
            for aim in aims
        )


def tell_shares(shares: Iterable[DrawShare]) -> str:
    """One line for the log."""
    rows = tuple(shares)
    total = max(sum(row.drawn for row in rows), 1)
    told = (f"{row.aim} {row.drawn / total:.1%} (asked {row.asked / total:.1%})" for row in rows)
    return "patches drawn: " + ", ".join(told)


def _words(aim: Aim, labels: Labels) -> str:
    kind, class_id = aim
    names = [c.name for c in labels.classes if c.ids == (class_id,)]
    name = names[0] if names else "background" if class_id == 0 else f"label {class_id}"
    if kind == "fallback":
        return f"anywhere, since no {name} was found"
    return f"around {name}" if kind == "foreground" else _WORDS[kind]
