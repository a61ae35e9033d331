from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import build_net, count_parameters


@pytest.mark.parametrize(("bilinear", "parameters"), [(False, 31_037_716), (True, 17_263_060)])
def test_parameters_equal_the_references(bilinear, parameters):
    with torch.device("meta"):
        net = build_net("unet", 2, 1, 20, {"bilinear": bilinear})
    assert count_parameters(net) == parameters  # milesial/Pytorch-UNet


@pytest.mark.parametrize("size", [(13, 22), (5, 8, 3)])
def test_it_can_interpolate_instead(size):
    net = build_net("unet", len(size), 1, 3, {"bilinear": True, "widths": (3, 5, 6)}).train()
    assert not any("Transpose" in type(module).__name__ for module in net.modules())
    out = net(torch.randn(1, 1, *size))
    assert out.shape == (1, 3, *size)
    out.square().mean().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_single_level_is_no_unet():
    with pytest.raises(UsageError, match="widths"):
        build_net("unet", 2, 1, 3, {"widths": (8,)})


@torch.no_grad()
@pytest.mark.parametrize("size", [(16, 32), (16, 16, 32)])
def test_its_output_is_that_of_monais_blocks(size):
    nets = pytest.importorskip("monai.networks.nets")
    blocks = pytest.importorskip("monai.networks.nets.basic_unet")
    torch.manual_seed(0)
    dims, kind = len(size), {"act": "relu", "norm": "batch", "bias": True, "dropout": 0.0}
    theirs = nets.BasicUNet(dims, 2, 3, (4, 8, 16, 32, 64, 4), **kind).eval()
    theirs.upcat_1 = blocks.UpCat(dims, 8, 4, 4, **kind, upsample="deconv", halves=True).eval()  # as the other three
    ours = build_net("unet", dims, 2, 3, {"widths": (4, 8, 16, 32, 64)}).eval()
    parts = (*ours.encoder, *(m for i in (3, 2, 1, 0) for m in (ours.ups[i], ours.decoder[i])), ours.head)
    for a, b in zip(with_weights(theirs), [m for part in parts for m in with_weights(part)], strict=True):
        for name, tensor in a.state_dict().items():
            if "running_var" in name or (tensor.ndim == 1 and name == "weight"):
                tensor.uniform_(0.5, 1.5)
            if name == "bias" and b.bias is None:
                tensor.zero_()
        b.load_state_dict({k: a.state_dict()[k] for k in b.state_dict()})
    x = torch.randn(1, 2, *size)
    torch.testing.assert_close(ours(x), theirs(x))


def with_weights(module):
    return [m for m in module.modules() if "weight" in m._parameters]
