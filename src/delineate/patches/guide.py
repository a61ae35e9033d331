"""`Guide`: what a sampler may be told besides the cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from delineate.store.likelihood import BlockMap


class CaseMaps(Protocol):
    """A map per case; a case may have none."""

    def get(self, name: str, index: int) -> BlockMap | None:
        """The map of a case that the draw ``index`` goes by."""
        ...

    def names(self, index: int) -> tuple[str, ...]:
        """The cases that have one, in a fixed order."""
        ...


@dataclass(frozen=True)
class Guide:
    """``class_ids`` are the label ids of each class by name, the background included; ``weights`` the maps a person
    gave; ``mistakes`` the maps of where the last validation was wrong."""

    class_ids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weights: CaseMaps | None = None
    mistakes: CaseMaps | None = None
