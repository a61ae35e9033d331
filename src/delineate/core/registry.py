"""`Registry`: plug-ins by name, found by looking into one folder and one group of entry points."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from delineate.core.errors import UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Plug-ins of one kind.

    The package ``package`` is scanned on the first question, then the entry-point group of the same name, so
    that importing a room costs nothing until somebody asks for a plug-in.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._entries: dict[str, T] = {}
        self._aliases: dict[str, str] = {}
        self._scanned = False
        self._lock = threading.RLock()

    def register(self, name: str, aliases: Sequence[str] = ()) -> Callable[[T], T]:
        """The decorator that adds a plug-in under ``name``, and under ``aliases``, which answer but are not listed; a
        second plug-in of such a name raises."""

        def add(entry: T) -> T:
            for one in (name, *aliases):
                there = self._entries.get(self._aliases.get(one, one))
                if there is not None:
                    raise ValueError(f"two {self.kind}s are named {one!r}: {there!r} and {entry!r}")
            self._entries[name] = entry
            self._aliases.update(dict.fromkeys(aliases, name))
            return entry

        return add

    def __getitem__(self, name: str) -> T:
        self._scan()
        name = self._aliases.get(name, name)
        if name not in self._entries:
            near = difflib.get_close_matches(name, self._entries, n=1, cutoff=0.4)
            raise UnknownNameError(
                f"no {self.kind} is named {name!r}",
                "one of " + ", ".join(self.names()),
                f"did you mean {near[0]!r}?" if near else "",
            )
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        self._scan()
        return name in self._entries or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        self._scan()
        return tuple(sorted(self._entries))

    def _scan(self) -> None:
        with self._lock:  # a second thread waits; a plug-in that asks while it is imported passes
            if not self._scanned:
                self._scanned = True
                try:
                    self._import_all()
                except BaseException:
                    self._scanned = False
                    raise

    def _import_all(self) -> None:
        folder = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(folder.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        for entry in entry_points(group=self.package):
            entry.load()
