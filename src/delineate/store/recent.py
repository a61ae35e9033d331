"""`Recent`: things kept while they are in use and fit, the least recently used making room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Values by name whose sizes sum to at most ``limit``; safe to use from several threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> T | None:
        """The value, now the most recently used; None where it is not kept."""
        with self._lock:
            if name not in self._kept:
                return None
            self._kept.move_to_end(name)
            return self._kept[name][0]

    def put(self, name: str, value: T, size: int) -> None:
        """Keep ``value``, dropping the oldest as needed; one larger than the limit is not kept."""
        if size > self.limit:
            return
        with self._lock:
            if name in self._kept:
                self.size -= self._kept.pop(name)[1]
            while self.size + size > self.limit:
                self.size -= self._kept.popitem(last=False)[1][1]
            self._kept[name] = (value, size)
            self.size += size
