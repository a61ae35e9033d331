from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net


def test_heads_follow_the_strides_and_the_crop(full):
    net = build_net("plain_unet", 3, 1, 2, {**full, "deep_supervision": 2}).train()
    outs = net(torch.randn(1, 1, 3, 7, 10))
    assert {k: o.shape[2:] for k, o in outs.items()} == {"out": (3, 7, 10), "deep1": (3, 4, 5)}
    assert net.auxiliaries["deep1"].weight == 0.5


def test_padding_reaches_no_further_than_the_end():
    torch.manual_seed(0)
    net = build_net("plain_unet", 2, 1, 2, {"widths": (4, 8)}).eval()
    x = torch.randn(1, 1, 8, 6)
    x[..., 5:] = 0
    torch.testing.assert_close(net(x)[..., :5], net(x[..., :5]))


# nnU-Net's networks at their published widths with 20 classes and 5 heads; it gives every convolution before a norm a
# bias as well (except in shortcuts), which the norm takes away again.
REFERENCE = {"plain_unet": (2, 2, 31_210_084), "resenc_unet": ((1, 3, 4, 6, 6, 6), 1, 102_364_260)}


@pytest.mark.parametrize("name", list(REFERENCE))
def test_as_many_parameters_as_the_reference(name):
    blocks, decoder_blocks, published = REFERENCE[name]
    options = {"widths": (32, 64, 128, 256, 320, 320), "blocks": blocks, "decoder_blocks": decoder_blocks}
    with torch.device("meta"):
        net = build_net(name, 3, 1, 20, {**options, "deep_supervision": 5})
    biases = sum(p.numel() for k, p in net.named_parameters() if k.endswith("norm.bias") and "shortcut" not in k)
    assert sum(p.numel() for p in net.parameters()) + biases == published
