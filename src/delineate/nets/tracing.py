"""A network taken apart by running it on tensors without content and noting which part feeds which."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from delineate.core.diagram import Diagram, Node
from delineate.nets.net import NETS, build_net

_ENOUGH = 8
_TOO_MANY = 60


def trace_net(
    name: str, dims: int, in_channels: int, out_channels: int, options: Mapping[str, Any], patch: Sequence[int]
) -> Diagram:
    """The parts of a network of the registry, as few as show its shape."""
    with torch.device("meta"):
        net = build_net(name, dims, in_channels, out_channels, options).eval()
        image = torch.empty((1, in_channels, *patch))
    with torch.no_grad():
        trace = _Trace(_parts(net, image))
        with trace:
            net(image)
        trace.release()
    return Diagram(
        title=NETS[name].card.title, channels=in_channels, patch=tuple(patch), nodes=tuple(trace.nodes),
        edges=tuple(sorted(trace.edges)),
    )  # fmt: skip


def _parts(net: nn.Module, image: torch.Tensor) -> dict[str, nn.Module]:
    """The modules to show: the children, taken apart until there are enough of them."""
    called = _called(net, image)
    parts = _running(dict(net.named_children()), called)
    while len(parts) < _ENOUGH:
        finer = {n: p for name, part in parts.items() for n, p in (_children(name, part) or {name: part}).items()}
        finer = _running(finer, called)
        if len(finer) <= len(parts) or len(finer) > _TOO_MANY:
            break
        parts = finer
    return parts


def _children(name: str, part: nn.Module) -> dict[str, nn.Module]:
    return {f"{name}.{n}": child for n, child in part.named_children()}


def _called(net: nn.Module, image: torch.Tensor) -> set[nn.Module]:
    """The modules that run."""
    called: set[nn.Module] = set()
    hooks = [m.register_forward_hook(lambda m, *_: called.add(m)) for m in net.modules()]
    net(image)
    for hook in hooks:
        hook.remove()
    return called


def _running(parts: dict[str, nn.Module], called: set[nn.Module]) -> dict[str, nn.Module]:
    """Lists of modules are never called themselves: their members take their place; what never runs is left out."""
    out: dict[str, nn.Module] = {}
    for name, part in parts.items():
        if part in called:
            out[name] = part
        elif any(m in called for m in part.modules()):
            out |= _running(_children(name, part), called)
    return out


class _Trace(TorchDispatchMode):
    """Carries along, with every tensor, the parts it comes from."""

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.edges: set[tuple[int, int]] = set()
        self._from: weakref.WeakKeyDictionary[torch.UntypedStorage, frozenset[int]] = weakref.WeakKeyDictionary()
        self._hooks: list[Any] = []
        self._inside: list[frozenset[int]] = []
        for name, part in parts.items():
            self._hooks.append(part.register_forward_pre_hook(self._enter, with_kwargs=True))
            self._hooks.append(part.register_forward_hook(self._leave(name)))

    def release(self) -> None:
        """Take the hooks away."""
        for hook in self._hooks:
            hook.remove()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation; what it gives comes from where its arguments come from."""
        origin = self._origin((args, kwargs))
        out = func(*args, **(kwargs or {}))
        self._mark(out, origin)
        return out

    def _enter(self, part: nn.Module, args: Any, kwargs: Any) -> None:
        self._inside.append(self._origin((args, kwargs)))

    def _leave(self, name: str) -> Any:
        def hook(part: nn.Module, args: Any, out: Any) -> None:
            number = len(self.nodes)
            shown = next(t for t in tree_leaves(out) if isinstance(t, torch.Tensor))
            weights = sum(p.numel() for p in part.parameters())
            self.nodes.append(
                Node(name=name, kind=type(part).__name__, shape=tuple(shown.shape[1:]), parameters=weights)
            )
            self.edges |= {(before, number) for before in self._inside.pop()}
            self._mark(out, frozenset({number}))

        return hook

    def _origin(self, values: Any) -> frozenset[int]:
        storages: Iterable[Any] = (t.untyped_storage() for t in tree_leaves(values) if isinstance(t, torch.Tensor))
        return frozenset().union(*(self._from.get(s, frozenset()) for s in storages))

    def _mark(self, values: Any, origin: frozenset[int]) -> None:
        for tensor in tree_leaves(values):
            if isinstance(tensor, torch.Tensor):
                self._from[tensor.untyped_storage()] = origin
