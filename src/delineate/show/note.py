"""`Note`: one finding about a training, in plain language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One finding: ``seen`` holds the numbers, one sentence for each fold; ``kind`` names the rule."""

    kind: str
    title: str
    seen: tuple[str, ...]
    meaning: str
    advice: str
    command: str = ""

    @property
    def good(self) -> bool:
        """Nothing to do."""
        return self.kind == "healthy"
