"""`Diagram`: the parts of a network in the order in which they run, and which feeds which."""

from __future__ import annotations

from delineate.core.record import Record


class Node(Record):
    """A part: its place in the network (``encoder.2``), its class, the shape it gives (channels first), its weights."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


class Diagram(Record):
    """``edges`` are pairs of positions in ``nodes``, from and to; ``patch`` is the size of the input."""

    title: str
    channels: int
    patch: tuple[int, ...]
    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]

    def level(self, node: Node) -> float:
        """How coarse a part's map is: 0 at the input's size, 1 at half of it, 2 at a quarter."""
        from math import log2

        sizes = [whole / n for whole, n in zip(self.patch, node.shape[1:], strict=True) if n]
        return max((log2(s) for s in sizes), default=0.0)
