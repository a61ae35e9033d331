from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone


@pytest.mark.parametrize(("depth", "params"), [(41, 26_969_560), (65, 39_916_312)])
def test_parameters_follow_the_layer_list(depth, params):
    """With a classifier of 1000 classes: timm publishes 26.97 and 39.92 million."""
    with torch.device("meta"):
        net = build_backbone(f"xception{depth}", 2, 3)
    assert count_parameters(net) + 2048 * 1000 + 1000 == params


def test_names_are_timms():
    with torch.device("meta"):
        keys = set(build_backbone("xception65", 2, 3).state_dict())
    block = {f"blocks.0.stack.conv{i}.{n}.weight" for i in (1, 2, 3) for n in ("conv_dw", "bn_dw", "conv_pw", "bn_pw")}
    assert block | {"stem.1.conv.weight", "stem.0.bn.bias", "blocks.0.shortcut.conv.weight"} <= keys
    shortcuts = {k.split(".")[1] for k in keys if "shortcut" in k}
    assert shortcuts == {"0", "1", "2", "19"} and max(int(k.split(".")[1]) for k in keys) == 20


@pytest.mark.parametrize(("stride", "wanted"), [(32, (1, 1, 1, 1)), (16, (1, 1, 1, 2)), (8, (1, 2, 2, 4))])
def test_rates_grow_after_a_block_that_no_longer_strides(stride, wanted):
    with torch.device("meta"):
        net = build_backbone("xception41", 2, 1, stride)
    assert tuple(net.blocks[i].stack["conv1"].conv_dw.dilation[0] for i in (2, 3, 11, 12)) == wanted


def test_the_fine_map_is_taken_before_the_block_strides():
    torch.manual_seed(0)
    net = build_backbone("xception41", 2, 1, 16, {"width": 4}).eval()
    x = torch.randn(1, 1, 32, 24)
    with torch.no_grad():
        y = x
        for conv in net.stem:
            y = F.relu(conv(y))
        y = net.blocks[0](y)[0]
        stack = net.blocks[1].stack
        wanted = stack["conv2"](F.relu(stack["conv1"](F.relu(y))))
        torch.testing.assert_close(net(x)[1], wanted)
