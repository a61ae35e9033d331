"""`transplant`: their weights in our network."""

from __future__ import annotations

from typing import Any

from torch import nn

from delineate.nets.loadcheck import check_weights, fit_weights
from originals.pair import Side

NAMES = ("weight", "bias", "running_mean", "running_var")


def randomise(net: nn.Module) -> None:
    """Numbers in what starts as zeros and ones: norms, biases, scales of residual branches."""
    for name, tensor in net.state_dict().items():
        if name.endswith(("running_var", "norm.weight")) or (tensor.ndim == 1 and name.endswith("weight")):
            tensor.uniform_(0.5, 1.5)
        elif tensor.is_floating_point() and (tensor.ndim < 2 or not tensor.any()):
            tensor.normal_(0, 0.2)


def transplant(theirs: Side, ours: Side, x: Any, order: tuple[str, ...]) -> None:
    """By names where all of ours are in theirs, else layer by layer in the order in which they are called."""
    tensors = theirs.net.state_dict()
    if check_weights(ours.net, tensors).complete and not order:
        fit_weights(ours.net, tensors)
        return
    source, target = called(theirs, x), called(ours, x)
    source, target = _skips_last(source), _skips_last(target)
    if order:
        source.sort(key=lambda named: next(i for i, start in enumerate(order) if named[0].startswith(start)))
    shapes = [[(name, tuple(layer.weight.shape)) for name, layer in layers] for layers in (source, target)]
    if [s for _, s in shapes[0]] != [s for _, s in shapes[1]]:
        at = next((i for i, (a, b) in enumerate(zip(*shapes, strict=False)) if a[1] != b[1]), min(map(len, shapes)))
        raise ValueError(f"layers differ from number {at}: {shapes[0][at : at + 3]} and {shapes[1][at : at + 3]}")
    for (_, a), (_, b) in zip(source, target, strict=True):
        _copy(a, b)
    scales = [
        [p for m in side.net.modules() if not _has_weight(m) for p in m._parameters.values() if p is not None]
        + [m._buffers["mu" if "mu" in m._buffers else "bases"] for m in side.net.modules() if _bases(m)]
        for side in (theirs, ours)
    ]
    for a, b in zip(*scales, strict=True):
        b.copy_(a.reshape(b.shape))


def called(side: Side, x: Any) -> list[tuple[str, Any]]:
    """The layers with weights by name, each once, in the order of their first calls."""
    found: dict[str, Any] = {}
    hooks = [
        layer.register_forward_pre_hook(lambda layer, _, name=name: found.setdefault(name, layer) and None)
        for name, layer in side.net.named_modules()
        if _has_weight(layer)
    ]
    side(x)
    for hook in hooks:
        hook.remove()
    return list(found.items())


def _skips_last(layers: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Shortcuts named ``skip`` behind the other layers of their blocks, whenever they are called."""
    blocks = {name.split(".skip.")[0] + "." for name, _ in layers if ".skip." in name}
    within = [next((b for b in blocks if name.startswith(b)), name) for name, _ in layers]
    keys = [(within.index(block), ".skip." in name) for (name, _), block in zip(layers, within, strict=True)]
    return [layers[i] for i in sorted(range(len(layers)), key=lambda i: keys[i])]


def _copy(a: nn.Module, b: nn.Module) -> None:
    """A bias that only one of the two has is zero in both."""
    for name in NAMES:
        one, other = getattr(a, name, None), getattr(b, name, None)
        if one is not None and other is not None:
            other.copy_(one)
        elif one is not None or other is not None:
            (one if other is None else other).zero_()


def _has_weight(module: nn.Module) -> bool:
    return module._parameters.get("weight") is not None


def _bases(module: nn.Module) -> bool:
    return "mu" in module._buffers or "bases" in module._buffers
