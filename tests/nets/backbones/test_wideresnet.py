from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone
from delineate.nets.backbones.wideresnet import WideBlock


def test_names_are_those_of_wider_resnet38_a2():
    with torch.device("meta"):
        net = build_backbone("wideresnet38", 2, 3)
    shapes = {k: tuple(v.shape) for k, v in net.state_dict().items()}
    assert count_parameters(net) == 105_062_720 + 2 * 4096
    assert shapes["mod1.conv1.weight"] == (64, 3, 3, 3) and shapes["bn_out.0.weight"] == (4096,)
    assert shapes["mod2.block1.bn1.0.weight"] == (64,)
    assert shapes["mod4.block6.convs.conv2.weight"] == (512, 512, 3, 3)
    assert shapes["mod5.block1.proj_conv.weight"] == (1024, 512, 1, 1)
    assert "mod5.block2.proj_conv.weight" not in shapes and "mod5.block4.bn1.0.weight" not in shapes
    assert shapes["mod6.block1.convs.conv3.weight"] == (2048, 1024, 1, 1)
    assert shapes["mod7.block1.convs.bn3.0.running_var"] == (2048,)


@pytest.mark.parametrize(
    ("stride", "strides", "rates"),
    [
        (32, (2, 4, 8, 16, 32), (1, 1, 1, 1, 1, 1)),
        (16, (2, 4, 8, 16, 16), (1, 1, 1, 1, 2, 2)),
        (8, (2, 4, 8, 8, 8), (1, 1, 1, 2, 4, 4)),
    ],
)
def test_modules_that_do_not_stride_are_dilated(stride, strides, rates):
    net = build_backbone("wideresnet38", 2, 1, stride, {"width": 1})
    assert net.strides == strides
    for i, rate in enumerate(rates, start=2):
        convs = [m for m in net.get_submodule(f"mod{i}").modules() if getattr(m, "kernel_size", 0) == (3, 3)]
        assert {m.dilation for m in convs} == {(rate, rate)}


@pytest.mark.parametrize(("widths", "inputs"), [((4, 4), 4), ((4, 6), 4), ((2, 4, 6), 4)])
def test_a_block_normalises_before_it_convolves(widths, inputs):
    torch.manual_seed(0)
    block = WideBlock(2, inputs, widths, stride=1, rate=2, dropout=0.5).eval()
    x = torch.randn(1, inputs, 7, 6)
    normed = F.relu(block.bn1[0](x))
    out = normed
    for i in range(1, len(widths) + 1):
        out = F.relu(block.convs.get_submodule(f"bn{i}")[0](out)) if i > 1 else out
        out = block.convs.get_submodule(f"conv{i}")(out)
    other = x if widths[-1] == inputs else F.conv2d(normed, block.proj_conv.weight)
    torch.testing.assert_close(block(x), out + other)
