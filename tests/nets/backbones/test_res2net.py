from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone
from delineate.nets.backbones.res2net import Bottle2neck


@pytest.mark.parametrize(("depth", "params"), [(50, 23_668_776), (101, 43_176_344)])
def test_parameters_equal_timms_v1b(depth, params):
    with torch.device("meta"):
        assert count_parameters(build_backbone(f"res2net{depth}", 2, 1)) == params


def test_names_are_those_of_timms_v1b():
    with torch.device("meta"):
        keys = set(build_backbone("res2net50", 2, 3).state_dict())
    named = {f"layer1.0.{n}.weight" for n in ("conv1", "convs.0", "convs.2", "bns.2", "conv3", "bn3")}
    assert named | {"conv1.6.weight", "layer1.0.downsample.1.weight", "layer1.0.downsample.2.weight"} <= keys
    assert not any(k.startswith(("layer1.0.downsample.0", "layer1.0.convs.3", "layer1.1.downsample")) for k in keys)


@pytest.mark.parametrize("first", [True, False])
def test_groups_follow_each_other_in_all_but_the_first_block(first):
    torch.manual_seed(0)
    block = Bottle2neck(2, 16 if first else 128, 32, 2 if first else 1, skip="mean").eval()
    x = torch.randn(1, 16 if first else 128, 9, 7)
    with torch.no_grad():
        groups = F.relu(block.bn1(block.conv1(x))).chunk(4, 1)
        done = []
        for i in range(3):
            seen = groups[i] + done[-1] if i and not first else groups[i]
            done.append(F.relu(block.bns[i](block.convs[i](seen))))
        done.append(F.avg_pool2d(groups[3], 3, 2, 1) if first else groups[3])
        wanted = F.relu(block.bn3(block.conv3(torch.cat(done, 1))) + (block.downsample(x) if first else x))
        torch.testing.assert_close(block(x), wanted)
