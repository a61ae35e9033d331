from __future__ import annotations

import pytest
import torch

from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone

TORCHVISION = {121: 7_978_856, 161: 28_681_000, 169: 14_149_480, 201: 20_013_928}
MONAI = {121: 11_263_124, 169: 18_576_020, 201: 25_369_236}
SMALL = {"width": 8, "growth": 4, "depths": (1, 2, 2, 2)}


@pytest.mark.parametrize(("depth", "params"), TORCHVISION.items())
def test_parameters_equal_torchvision_without_its_classifier(depth, params):
    with torch.device("meta"):
        net = build_backbone(f"densenet{depth}", 2, 3)
    assert count_parameters(net) + 1000 * (net.channels[-1] + 1) == params


@pytest.mark.parametrize(("depth", "params"), MONAI.items())
def test_parameters_equal_monai_in_3d_with_a_classifier_of_20(depth, params):
    with torch.device("meta"):
        net = build_backbone(f"densenet{depth}", 3, 1)
    assert count_parameters(net) + 20 * (net.channels[-1] + 1) == params


def test_names_are_torchvisions():
    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in build_backbone("densenet121", 2, 3).state_dict().items()}
    assert shapes["features.conv0.weight"] == (64, 3, 7, 7) and shapes["features.norm0.weight"] == (64,)
    assert shapes["features.denseblock1.denselayer6.norm1.weight"] == (224,)
    assert shapes["features.denseblock1.denselayer6.conv1.weight"] == (128, 224, 1, 1)
    assert shapes["features.denseblock1.denselayer6.norm2.running_mean"] == (128,)
    assert shapes["features.denseblock1.denselayer6.conv2.weight"] == (32, 128, 3, 3)
    assert shapes["features.transition3.norm.weight"] == (1024,)
    assert shapes["features.transition3.conv.weight"] == (512, 1024, 1, 1)
    assert shapes["features.norm5.weight"] == (1024,)
    assert (
        "features.denseblock4.denselayer16.conv2.weight" in shapes and "features.transition4.norm.weight" not in shapes
    )


@pytest.mark.parametrize(
    ("stride", "strides", "rates"),
    [
        (32, (2, 4, 8, 16, 32), (1, 1, 1, 1)),
        (16, (2, 4, 8, 16, 16), (1, 1, 1, 2)),
        (8, (2, 4, 8, 8, 8), (1, 1, 2, 4)),
    ],
)
def test_transitions_that_do_not_pool_dilate_what_follows(stride, strides, rates):
    net = build_backbone("densenet121", 2, 1, stride, SMALL).eval()
    assert net.strides == strides
    blocks = [net.get_submodule(f"features.denseblock{i}") for i in (1, 2, 3, 4)]
    for block, rate in zip(blocks, rates, strict=True):
        assert {layer.conv2.dilation for layer in block} == {(rate, rate)}
    with torch.no_grad():
        maps = net(torch.randn(1, 1, 64, 32))
    assert [tuple(m.shape[2:]) for m in maps] == [(64 // s, 32 // s) for s in strides]


@pytest.mark.parametrize("dims", [2, 3])
def test_the_mean_at_an_odd_border_is_of_the_voxels_that_are_there(dims):
    net = build_backbone("densenet121", dims, 1, 32, SMALL)
    pool = net.get_submodule("features.transition1").pool
    one = torch.arange(3.0).view(1, 1, 3, *(1,) * (dims - 1))
    assert pool(one).flatten().tolist() == [0.5, 2.0]


@pytest.mark.parametrize("dims", [2, 3])
def test_maps_equal_monais_with_its_weights(dims):
    nets = pytest.importorskip("monai.networks.nets")
    torch.manual_seed(0)
    theirs = nets.DenseNet(dims, 2, 1, init_features=8, growth_rate=4, block_config=(1, 2, 2, 2)).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    own = build_backbone("densenet121", dims, 2, 32, SMALL).eval()
    weights = {k.replace(".layers.", "."): v for k, v in theirs.features.state_dict(prefix="features.").items()}
    own.load_state_dict(weights)
    x = torch.randn(1, 2, *(64, 32, 32)[:dims])
    with torch.no_grad():
        torch.testing.assert_close(own(x)[-1], torch.relu(theirs.features(x)))
