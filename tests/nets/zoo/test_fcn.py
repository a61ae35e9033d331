from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.zoo.fcn import init_linear

SMALL = {"width": 8, "base": 4, "norm": True}


@pytest.mark.parametrize("factor", [2, 8])
def test_it_starts_as_linear_interpolation(factor):
    up = nn.ConvTranspose2d(3, 3, 2 * factor, factor, factor // 2, bias=False)
    init_linear(up)
    x = torch.randn(1, 3, 6, 5)
    wanted = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inside = (..., slice(factor, -factor), slice(factor, -factor))
    torch.testing.assert_close(up(x)[inside], wanted[inside])


def test_grouped_and_full_start_the_same():
    full, each = (nn.ConvTranspose3d(2, 2, 4, 2, 1, groups=g, bias=False) for g in (1, 2))
    init_linear(full)
    init_linear(each)
    x = torch.randn(1, 2, 3, 2, 4)
    torch.testing.assert_close(full(x), each(x))


@pytest.mark.parametrize("name", ["fcn32s", "fcn16s", "fcn8s"])
@pytest.mark.parametrize("size", [(1, 1), (33, 18), (64, 90)])
def test_the_papers_border_takes_any_size(name, size):
    net = build_net(name, 2, 2, 3, {**SMALL, "padded": True}).eval()
    with torch.no_grad():
        assert net(torch.randn(1, 2, *size)).shape == (1, 3, *size)


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("name", ["fcn32s", "fcn16s", "fcn8s"])
def test_the_logits_lie_where_the_image_lies(name, padded):
    """With weights that average, a bright spot moves the logits around itself and not beside."""
    net = build_net(name, 2, 1, 2, {**SMALL, "norm": False, "padded": padded}).eval()
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
            nn.init.zeros_(module.bias)
    x = torch.zeros(1, 1, 256, 256)
    x[..., 120:136, 120:136] = 1
    with torch.no_grad():
        change = net(x)[0, 0]
    rows = torch.arange(256.0)
    centre = (change.sum(1) @ rows / change.sum(), change.sum(0) @ rows / change.sum())
    assert all(abs(c - 127.5) < 6 for c in centre), centre


def test_finer_scores_are_added_and_scaled():
    torch.manual_seed(0)
    net = build_net("fcn8s", 2, 1, 2, {**SMALL, "padded": False, "at_once": True}).eval()
    x = torch.randn(1, 1, 32, 32)
    with torch.no_grad():
        maps = net.encoder(x)
        out = net.ups["16"](net.score(net.classifier(maps[4])))[..., :2, :2] + net.scores["16"](0.01 * maps[3])
        out = net.ups["8"](out)[..., :4, :4] + net.scores["8"](0.0001 * maps[2])
        torch.testing.assert_close(net(x), net.final(out)[..., :32, :32])


def test_dropout_is_of_single_numbers_as_in_vgg():
    """Whole channels are another regulariser; VGG's classifier, which this is, drops each number for itself."""
    torch.manual_seed(0)
    net = build_net("fcn32s", 2, 1, 2, SMALL).train()
    for i in (2, 5):
        gone = (net.classifier[i](torch.ones(1, 8, 9, 9)) == 0).flatten(2).float().mean(2)
        assert ((gone > 0.2) & (gone < 0.8)).all()


@pytest.mark.parametrize(("name", "stride"), [("fcn16s", "16"), ("fcn8s", "16"), ("fcn8s", "8")])
def test_finer_scores_count_from_random_weights(name, stride):
    torch.manual_seed(0)
    net = build_net(name, 2, 1, 2, {**SMALL, "padded": False}).eval()
    x = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        whole = net(x)
        nn.init.zeros_(net.scores[stride].weight)
        change = (net(x) - whole).std() / whole.std()
    assert change > 0.03


@pytest.mark.parametrize("name", ["fcn32s", "fcn16s", "fcn8s"])
def test_a_step_at_the_cards_rate_does_not_overshoot(name):
    """The first step of AdamW moves each weight by the learning rate; here thousands of them meet in every number."""
    torch.manual_seed(0)
    net = build_net(name, 2, 1, 2, {"base": 16, "width": 2048, "padded": False}).eval()
    x, truth = torch.randn(2, 1, 32, 32), torch.zeros(2, 32, 32, dtype=torch.long)
    truth[:, 8:20, 10:24] = 1
    before = F.cross_entropy(net(x), truth)
    before.backward()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= NETS[name].card.learning_rate * parameter.grad.sign()
        assert F.cross_entropy(net(x), truth) < before + 0.1


def test_parameters_of_fcn32s_equal_the_reference():
    with torch.device("meta"):
        assert count_parameters(build_net("fcn32s", 2, 1, 20)) == 135_979_732  # a port of the authors' network


def test_the_default_in_3d_fits_into_memory():
    with torch.device("meta"):
        net = build_net("fcn32s", 3, 1, 120)
    assert net.encoder.features[0].padding == (1, 1, 1) and net.final.groups == 120
    assert count_parameters(net.classifier) == 343 * 512 * 512 + 512 + 512 * 512 + 512


def test_parameters_of_fcn16s_follow_the_layer_list():
    vgg, classifier = 14_714_688, 512 * 4096 * 49 + 4096 + 4096 * 4096 + 4096
    scores = 4096 * 20 + 20 + 512 * 20 + 20
    ups = 20 * 20 * (4**2 + 32**2)
    with torch.device("meta"):
        assert count_parameters(build_net("fcn16s", 2, 3, 20)) == vgg + classifier + scores + ups


def test_parameters_of_fcn8s_equal_the_reference():
    with torch.device("meta"):
        assert count_parameters(build_net("fcn8s", 2, 3, 20)) == 134_473_084  # ZijunDeng
