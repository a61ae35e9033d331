from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone
from delineate.nets.backbones.resnet import MeanShortcut

TORCHVISION = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
MEDICALNET = {10: 14.356, 18: 32.986, 34: 63.296, 50: 46.155, 101: 85.201, 152: 117.360, 200: 126.560}


def on_meta(name, dims, channels, stride=32, **options):
    with torch.device("meta"):
        return build_backbone(name, dims, channels, stride, options)


def rates(net, stage, conv="conv2"):
    return [getattr(block, conv).dilation[0] for block in getattr(net, stage)]


@pytest.mark.parametrize(("depth", "published"), TORCHVISION.items())
def test_parameters_equal_torchvision_without_its_classifier(depth, published):
    net = on_meta(f"resnet{depth}", 2, 3)
    assert count_parameters(net) + net.channels[-1] * 1000 + 1000 == published


@pytest.mark.parametrize(
    ("name", "params"), [("resnet34", 21_278_400), ("resnet50", 23_501_760), ("resnet101", 42_493_888)]
)
def test_parameters_equal_timm_for_one_channel(name, params):
    assert count_parameters(on_meta(name, 2, 1)) == params


@pytest.mark.parametrize(("name", "params"), [("resnet50s", 25_680_808), ("resnet101s", 44_672_936)])
def test_parameters_equal_timm_with_a_deep_stem_and_classifier(name, params):
    assert count_parameters(on_meta(name, 2, 3)) + 2048 * 1000 + 1000 == params


@pytest.mark.parametrize(("depth", "millions"), MEDICALNET.items())
def test_parameters_equal_medicalnet(depth, millions):
    net = on_meta(f"resnet{depth}", 3, 1, 8, skip="pad" if depth in (18, 34) else "conv")
    assert round(count_parameters(net) / 1e6, 3) == millions


def test_names_are_those_of_published_files():
    keys = list(on_meta("resnet50", 2, 3).state_dict())
    norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    block = []
    for i in (1, 2, 3):
        block += [f"layer1.0.conv{i}.weight", *(f"layer1.0.bn{i}.{n}" for n in norm)]
    block += ["layer1.0.downsample.0.weight", *(f"layer1.0.downsample.1.{n}" for n in norm)]
    assert keys[: 6 + len(block)] == ["conv1.weight", *(f"bn1.{n}" for n in norm), *block]
    assert keys[-6] == "layer4.2.conv3.weight" and len(keys) == 318
    assert len(on_meta("resnet18", 3, 1, 8, skip="pad").state_dict()) == 102
    deep = set(on_meta("resnet50s", 2, 3).state_dict())
    assert {f"conv1.{i}.weight" for i in (0, 1, 3, 4, 6)} | {"bn1.weight"} <= deep and "conv1.5.weight" not in deep


@pytest.mark.parametrize(
    ("dilation", "grid", "third", "fourth"),
    [
        ("all", (1, 1, 1), [2] * 6, [4, 4, 4]),
        ("first_previous", (1, 1, 1), [1, *[2] * 5], [2, 4, 4]),
        ("first_previous", (1, 2, 4), [1, *[2] * 5], [2, 8, 16]),  # EMANet
        ("first_previous", (2, 2, 4), [1, *[2] * 5], [4, 8, 16]),  # DANet
    ],
)
def test_rates_follow_the_convention(dilation, grid, third, fourth):
    net = on_meta("resnet50", 2, 1, 8, dilation=dilation, multi_grid=grid)
    assert rates(net, "layer2") == [1] * 4 and rates(net, "layer3") == third and rates(net, "layer4") == fourth


def test_a_basic_block_dilates_its_second_convolution_by_the_stages_rate():
    net = on_meta("resnet18", 2, 1, 8, dilation="first_previous")
    assert rates(net, "layer4", "conv1") == [2, 4] and rates(net, "layer4") == [4, 4]


def test_a_dilated_network_sees_what_the_strided_one_sees():
    """With every block dilated by the rate before it would have strided, each eighth voxel is the strided result."""
    torch.manual_seed(0)
    strided = build_backbone("resnet18", 2, 1, 32, {"width": 8}).eval()
    dilated = build_backbone("resnet18", 2, 1, 8, {"width": 8, "dilation": "first_previous"}).eval()
    dilated.load_state_dict(strided.state_dict())
    x = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(dilated(x)[-1][..., ::4, ::4], strided(x)[-1], rtol=1e-4, atol=1e-5)


def test_pooling_rounds_as_asked():
    sizes = []
    for up in (False, True):
        net = build_backbone("resnet18", 2, 1, 8, {"width": 4, "ceil_pool": up}).eval()
        sizes.append(net(torch.zeros(1, 1, 13, 15))[1].shape[2:])
    assert sizes == [(4, 4), (4, 5)]


def test_the_mean_of_a_shortcut_leaves_out_what_is_not_there():
    x = torch.randn(1, 2, 5, 7)
    torch.testing.assert_close(MeanShortcut()(x), F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False))
    x = torch.randn(1, 2, 1, 1, 1)
    torch.testing.assert_close(MeanShortcut()(x), x)


def test_unknown_conventions_are_refused():
    with pytest.raises(UsageError, match="dilation='some'"):
        on_meta("resnet18", 2, 1, dilation="some")


@pytest.mark.parametrize(("depth", "kind"), [(18, "A"), (10, "B"), (50, "B")])
def test_maps_equal_medicalnets(depth, kind):
    """MONAI's ResNet, made MedicalNet's: stages 3 and 4 dilated instead of strided."""
    nets = pytest.importorskip("monai.networks.nets")
    torch.manual_seed(0)
    options = {"spatial_dims": 3, "n_input_channels": 1, "feed_forward": False, "conv1_t_stride": 2}
    theirs = getattr(nets, f"resnet{depth}")(**options, shortcut_type=kind, bias_downsample=False).eval()
    for stage, rate in ((theirs.layer3, 2), (theirs.layer4, 4)):
        for module in stage.modules():
            if isinstance(module, nn.Conv3d):
                module.stride = (1, 1, 1)
                if module.kernel_size == (3, 3, 3):
                    module.dilation = module.padding = (rate,) * 3
        first = stage[0].downsample
        if kind == "A":
            first.keywords["stride"] = 1
    ours = build_backbone(f"resnet{depth}", 3, 1, 8, {"skip": {"A": "pad", "B": "conv"}[kind]}).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 1, 17, 16, 24)
    with torch.no_grad():
        wanted = theirs.layer1(theirs.maxpool(F.relu(theirs.bn1(theirs.conv1(x)))))
        for i, own in enumerate(ours(x)[1:], 1):
            wanted = wanted if i == 1 else getattr(theirs, f"layer{i}")(wanted)
            torch.testing.assert_close(own, wanted, rtol=1e-4, atol=1e-4)
