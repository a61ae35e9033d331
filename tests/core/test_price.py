from __future__ import annotations

import subprocess
import sys
from math import prod

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from delineate.core.price import price_unet
from delineate.nets import build_net, count_parameters

SETTINGS = {
    "3d": (
        (16, 24, 32),
        {
            "widths": (8, 12, 16),
            "strides": ((1, 1, 1), (1, 2, 2), (2, 2, 2)),
            "kernels": ((1, 3, 3), (3, 3, 3), (3, 3, 3)),
            "blocks": (1, 3, 2),
            "decoder_blocks": (1, 2),
        },
    ),
    "2d": (
        (48, 64),
        {
            "widths": (6, 12, 24, 24),
            "strides": ((1, 1), (2, 2), (2, 2), (2, 1)),
            "kernels": ((3, 3), (3, 3), (5, 3), (3, 3)),
            "blocks": (2, 2, 2, 2),
            "decoder_blocks": (2, 2, 2),
        },
    ),
    "same width": (
        (16, 16, 16),
        {
            "widths": (8, 8),
            "strides": ((1, 1, 1), (2, 2, 2)),
            "kernels": ((3, 3, 3), (3, 3, 3)),
            "blocks": (1, 2),
            "decoder_blocks": (1,),
        },
    ),
}
CASES = [(name, setting, heads) for name in ("plain_unet", "resenc_unet") for setting in SETTINGS for heads in (1, 2)]


def made(name, setting, heads):
    patch, options = SETTINGS[setting]
    heads = min(heads, len(options["widths"]) - 1)
    torch.manual_seed(0)
    net = build_net(name, len(patch), 2, 3, {**options, "deep_supervision": heads})
    price = price_unet(len(patch), patch, 2, 3, **options, residual=name == "resenc_unet", heads=heads)
    return net, price, torch.zeros(1, 2, *patch)


@pytest.mark.parametrize(("name", "setting", "heads"), CASES)
def test_parameters_are_exact(name, setting, heads):
    net, price, _ = made(name, setting, heads)
    assert price.parameters == count_parameters(net)


@pytest.mark.parametrize(("name", "setting", "heads"), CASES)
def test_flops_are_those_torch_counts(name, setting, heads):
    net, price, x = made(name, setting, heads)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(x)
    assert price.flops == pytest.approx(counter.get_total_flops() / 2, rel=0.01)


@pytest.mark.parametrize(("name", "setting", "heads"), CASES)
def test_activations_are_those_autograd_keeps(name, setting, heads):
    net, price, x = made(name, setting, heads)
    weights = {p.untyped_storage().data_ptr() for p in net.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes() // tensor.element_size()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = net(x)  # kept alive, so that no storage is counted twice
    assert out is not None
    assert price.activations == pytest.approx(sum(kept.values()), rel=0.1)


def test_a_patch_is_priced_at_its_padded_size():
    _, options = SETTINGS["2d"]
    odd = price_unet(2, (41, 63), 1, 2, **options, residual=True)
    assert odd == price_unet(2, (48, 64), 1, 2, **options, residual=True)


def test_flops_grow_with_the_voxels():
    _, options = SETTINGS["3d"]
    small, large = (price_unet(3, p, 1, 2, **options, residual=True) for p in ((16, 32, 32), (32, 64, 64)))
    assert large.flops == prod((2, 2, 2)) * small.flops
    assert large.parameters == small.parameters


def test_pricing_loads_no_torch():
    code = "import sys, delineate.core.price; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
