"""HighResNet."""

from __future__ import annotations

import pytest
import torch

from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.zoo.highresnet import HighResBlock


@pytest.mark.parametrize(
    ("dims", "bottleneck", "parameters"), [(3, 80, 810424), (3, 0, 804824), (2, 80, 275608), (2, 0, 270008)]
)
def test_it_has_as_many_parameters_as_the_reference(dims, bottleneck, parameters):
    with torch.device("meta"):
        net = build_net("highresnet", dims, 1, 20, {"bottleneck": bottleneck})
    assert count_parameters(net) == parameters


@pytest.mark.parametrize("dims", [2, 3])
def test_its_output_is_that_of_monai_before_the_last_activation(dims):
    monai = pytest.importorskip("monai.networks.nets")
    torch.manual_seed(0)
    theirs, ours = monai.HighResNet(dims, 2, 3), build_net("highresnet", dims, 2, 3).eval()
    theirs.train()(torch.randn(2, 2, *(9,) * dims))  # so that the norms' statistics are not those they start with
    theirs.eval()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    x = torch.randn(1, 2, *(9, 8, 7)[:dims])
    with torch.no_grad():
        logits = ours(x)
        assert logits.min() < 0 < logits.max()
        torch.testing.assert_close(logits.relu(), theirs(x), rtol=1e-4, atol=1e-5)


def test_the_input_is_added_with_zero_channels_on_both_sides():
    block = HighResBlock(2, 4, 8, dilation=2)
    torch.nn.init.zeros_(block.body[-1].weight)
    x = torch.randn(1, 4, 5, 6)
    out = block(x)
    assert torch.equal(out[:, 2:6], x) and not out[:, :2].any() and not out[:, 6:].any()


def test_no_two_blocks_are_one_object():
    net = build_net("highresnet", 2, 1, 2)
    blocks = [m for m in net.body if isinstance(m, HighResBlock)]
    assert len(blocks) == 9 and len({id(p) for b in blocks for p in b.parameters()}) == 9 * 6
    assert NETS["highres3dnet"] is NETS["highresnet"]
