from __future__ import annotations

import pytest
import torch

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.losses import build_loss
from delineate.nets import auxiliaries_of, build_net, count_parameters

SMALL = {"widths": (3, 4, 5), "deep_supervision": 3, "cgm": True}


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ({}, 27_025_364),
        ({"deep_supervision": 5}, 27_382_564),
        ({"deep_supervision": 5, "cgm": True}, 27_384_614),
    ],
)
def test_parameters_equal_the_references(options, parameters):
    with torch.device("meta"):
        net = build_net("unet3plus", 2, 1, 20, options)
    assert count_parameters(net) == parameters  # ZJUGiveLab/UNet-Version


@pytest.mark.parametrize("dims", [2, 3])
def test_every_scale_reaches_every_level(dims):
    torch.manual_seed(0)
    net = build_net("unet3plus", dims, 1, 2, {"widths": (3, 4, 5)}).eval()
    maps = [torch.randn(1, c, *(16 // 2**i,) * dims, requires_grad=True) for i, c in enumerate((3, 9, 5))]
    for level, channels in ((0, (3, 9, 5)), (1, (3, 4, 5))):
        given = [m[:, :c] for m, c in zip(maps, channels, strict=True)]
        out = net.decoder[level](given)
        assert out.shape == (1, 9, *(16 // 2**level,) * dims)
        gradients = torch.autograd.grad(out.square().sum(), maps)
        assert all(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("size", [(13, 9), (5, 8, 6)])
def test_deep_supervision_is_at_full_size(size):
    net = build_net("unet3plus", len(size), 1, 2, SMALL).train()
    outs = net(torch.randn(2, 1, *size))
    assert list(outs) == ["out", "deep1", "deep2", "presence"]
    assert all(one.shape == (2, 2, *size) for name, one in outs.items() if name != "presence")
    assert outs["presence"].shape == (2, 1, *(1 for _ in size))
    assert auxiliaries_of(net)["presence"] == Auxiliary(weight=1.0, target="presence")
    loss = build_loss(Labels.exclusive({1: "a"}), "ce", auxiliaries_of(net))
    loss(outs, torch.randint(0, 2, (2, *size))).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize(
    ("outputs", "background", "certain"),
    [
        (3, True, lambda logits: logits.softmax(0)[0] > 0.99),  # of the background
        (3, False, lambda logits: logits.sigmoid() < 0.01),  # of every region
        (1, True, lambda logits: logits.sigmoid() < 0.01),
    ],
)
def test_what_is_empty_is_emptied_image_by_image(outputs, background, certain):
    torch.manual_seed(0)
    options = {**SMALL, "background": background}
    net, x = build_net("unet3plus", 2, 1, outputs, options).eval(), torch.randn(2, 1, 8, 8)
    plain = build_net("unet3plus", 2, 1, outputs, {**options, "cgm": False}).eval()
    plain.load_state_dict({k: v for k, v in net.state_dict().items() if not k.startswith("presence")})
    net.presence.forward = lambda deepest: torch.tensor([-1.0, 1.0]).view(2, 1, 1, 1)
    logits = net(x)
    assert logits.shape == (2, outputs, 8, 8) and certain(logits[0]).all() and not certain(logits[1]).all()
    torch.testing.assert_close(logits[1], plain(x)[1])


def test_more_outputs_than_levels_are_refused():
    with pytest.raises(UsageError, match="1 to 5 outputs"):
        build_net("unet3plus", 2, 1, 2, {"deep_supervision": 6})
