"""Every network keeps these promises."""

from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net

torch.set_num_threads(1)
CASES = [(name, dims) for name in NETS for dims in NETS[name].card.dims]
SIZE = {2: (24, 16), 3: (16, 8, 16)}
ODD = {2: (19, 13), 3: (9, 11, 6)}


def made(name, dims, **options):
    torch.manual_seed(0)
    return build_net(name, dims, 2, 3, options)


@pytest.mark.parametrize(("name", "dims"), CASES)
@pytest.mark.parametrize("sizes", [SIZE, ODD])
def test_eval_gives_logits_of_the_inputs_size(name, dims, sizes):
    net = made(name, dims).eval()
    with torch.no_grad():
        logits = net(torch.randn(2, 2, *sizes[dims]))
    assert logits.shape == (2, 3, *sizes[dims])
    assert torch.isfinite(logits).all()
    assert logits.min() < 0 < logits.max(), "no activation inside the network"


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_every_parameter_gets_a_finite_gradient(name, dims):
    net = made(name, dims).train()
    logits = net(torch.randn(2, 2, *SIZE[dims]))
    outs = logits if isinstance(logits, list) else [logits]
    assert outs[0].shape == (2, 3, *SIZE[dims])
    sum(o.square().mean() for o in outs).backward()
    for key, parameter in net.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), key


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_one_patch_can_be_learnt(name, dims):
    net = made(name, dims).train()
    x = torch.randn(1, 2, *SIZE[dims])
    truth = (x[:, 0] > 0).long()
    optimizer = torch.optim.AdamW(net.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        out = net(x)
        loss = torch.nn.functional.cross_entropy(out[0] if isinstance(out, list) else out, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_a_single_voxel_trains(name, dims):
    out = made(name, dims).train()(torch.randn(1, 2, *(1,) * dims))
    assert (out[0] if isinstance(out, list) else out).shape == (1, 3, *(1,) * dims)


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_deep_supervision_gives_full_resolution_first(name, dims):
    if not NETS[name].card.deep_supervision:
        pytest.skip("it has one output")
    net = made(name, dims, deep_supervision=2)
    outs = net.train()(torch.randn(1, 2, *SIZE[dims]))
    assert len(outs) == 2 and outs[0].shape[2:] == SIZE[dims]
    assert all(a > b for a, b in zip(outs[0].shape[2:], outs[1].shape[2:], strict=True))
    assert isinstance(net.eval()(torch.randn(1, 2, *SIZE[dims])), torch.Tensor)


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_bfloat16_follows_float32(name, dims):
    net = made(name, dims).eval()
    x = torch.randn(1, 2, *SIZE[dims])
    with torch.no_grad():
        exact = net(x)
        with torch.autocast("cpu", torch.bfloat16):
            rough = net(x)
    assert rough.dtype == torch.bfloat16
    assert (rough.float() - exact).abs().mean() < 0.05 * exact.abs().mean() + 0.02


@pytest.mark.parametrize(("name", "dims"), CASES)
def test_wrong_input_is_refused(name, dims):
    with pytest.raises(UsageError, match=r"\[batch, 2, "):
        made(name, dims)(torch.zeros(1, 3, *SIZE[dims]))
    with pytest.raises(UsageError, match="shape"):
        made(name, dims)(torch.zeros(2, *SIZE[dims]))


@pytest.mark.parametrize("name", list(NETS))
def test_the_card_names_a_paper(name):
    card = NETS[name].card
    assert card.title and any(c.isdigit() for c in card.paper)
