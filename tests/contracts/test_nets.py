"""Every network keeps these promises."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.losses import build_loss
from delineate.nets import NETS, auxiliaries_of, build_net

CASES = [(name, dims) for name in NETS for dims in NETS[name].card.dims]
EVERY = pytest.mark.parametrize(("name", "dims"), CASES)
SIZE = {2: (32, 24), 3: (16, 8, 16)}
ODD = {2: (37, 53), 3: (20, 33, 18)}
REFINED = {"pranet", "caranet"}
"""What they put out for training are steps on the way to the answer, so no parameter is for those alone."""


def made(name, dims, inputs=2, outputs=3, **options):
    torch.manual_seed(0)
    return build_net(name, dims, inputs, outputs, {**NETS[name].card.small, **options})


def outputs_of(net, x):
    """All outputs by name."""
    outs = net(x)
    return outs if isinstance(outs, dict) else {"out": outs}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@EVERY
@pytest.mark.parametrize(("size", "inputs", "outputs"), [(ODD, 1, 2), (SIZE, 6, 120)])
def test_eval_gives_logits_of_the_inputs_size(name, dims, size, inputs, outputs):
    net = made(name, dims, inputs, outputs).eval()
    with torch.no_grad():
        logits = net(torch.randn(1, inputs, *size[dims]))
    assert isinstance(logits, torch.Tensor) and logits.shape == (1, outputs, *size[dims])
    assert torch.isfinite(logits).all()
    assert logits.logsumexp(1).abs().max() > 1e-3, "not the logarithms of probabilities"
    assert outputs < 100 or logits.min() < 0 or logits.max() > 1, "not probabilities"


@EVERY
def test_training_gives_the_main_output_and_the_declared_ones(name, dims):
    net = made(name, dims).train()
    outs = outputs_of(net, torch.randn(1, 2, *ODD[dims]))
    assert outs["out"].shape == (1, 3, *ODD[dims]) and next(iter(outs)) == "out"
    sides = auxiliaries_of(net)
    assert set(outs) == {"out", *sides}
    for key, side in sides.items():
        assert isinstance(side, Auxiliary) and side.weight > 0
        assert outs[key].shape[:2] == (1, 3 if side.target == "labels" else 1)
        assert all(a <= b for a, b in zip(outs[key].shape[2:], ODD[dims], strict=True))


@EVERY
def test_outputs_for_training_are_not_mixed_into_the_answer(name, dims):
    """The answer rests on the same parameters in training and later, and those of the other outputs are not among
    them."""
    net = made(name, dims, **({"deep_supervision": 2} if NETS[name].card.deep_supervision else {}))
    parameters, x = dict(net.named_parameters()), torch.randn(1, 2, *SIZE[dims])
    used = []
    for training in (True, False):
        answer = outputs_of(net.train(training), x)["out"]
        slopes = torch.autograd.grad(answer.sum(), list(parameters.values()), allow_unused=True)
        used.append({key for key, slope in zip(parameters, slopes, strict=True) if slope is not None})
    assert used[0] == used[1]
    assert (used[0] < parameters.keys()) == (bool(auxiliaries_of(net)) and name not in REFINED)


@EVERY
def test_every_parameter_gets_a_finite_gradient(name, dims):
    net = made(name, dims).train()
    _leave_zero(net)
    outs = outputs_of(net, torch.randn(2, 2, *SIZE[dims]))
    sum(o.square().mean() for o in outs.values()).backward()
    unused = tuple(NETS[name].card.unused)
    for key, parameter in net.named_parameters():
        if unused and key.startswith(unused):
            continue
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), key


@EVERY
def test_two_textures_can_be_told_apart(name, dims):
    net = made(name, dims, outputs=2).train()
    rough = torch.randn(1, 2, *SIZE[dims])
    smooth = F.avg_pool2d(rough, 5, 1, 2) if dims == 2 else F.avg_pool3d(rough, 5, 1, 2)
    x = torch.cat((rough, smooth / smooth.std()))  # a difference that no stride and no norm takes away
    truth = torch.arange(2).view(2, *(1,) * dims).expand(2, *SIZE[dims])
    loss = build_loss(Labels.exclusive({1: "a"}), "ce", auxiliaries_of(net))
    optimizer = torch.optim.AdamW(net.parameters(), 3e-3)
    losses = [1.0]
    while losses[-1] > 0.5 and len(losses) < 150:  # 0.69 is what the biases alone can reach
        value = loss(net(x), truth)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < 0.5, losses


@EVERY
def test_a_single_voxel_trains(name, dims):
    net = made(name, dims).train()
    outs = outputs_of(net, torch.randn(1, 2, *(1,) * dims))
    assert outs["out"].shape == (1, 3, *(1,) * dims)
    sum(o.square().mean() for o in outs.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize("name", list(NETS))
def test_the_card_tells_of_deep_supervision(name):
    assert NETS[name].card.deep_supervision == ("deep_supervision" in NETS[name].options)


@pytest.mark.parametrize(("name", "dims"), [case for case in CASES if NETS[case[0]].card.deep_supervision])
def test_deep_supervision_gives_full_resolution_first(name, dims):
    outs = made(name, dims, deep_supervision=2).train()(torch.randn(1, 2, *SIZE[dims]))
    assert len(outs) == 2 and next(iter(outs)) == "out" and outs["out"].shape[2:] == SIZE[dims]


@EVERY
def test_bfloat16_follows_float32(name, dims):
    net = made(name, dims)
    x = torch.randn(2, 2, *SIZE[dims])
    net.eval()
    with torch.no_grad():
        exact = net(x)
        with torch.autocast("cpu", torch.bfloat16):
            rough = net(x)
    assert (rough.float() - exact).abs().mean() < 0.08 * exact.abs().mean() + 0.03
    with torch.autocast("cpu", torch.bfloat16):
        outs = outputs_of(net.train(), x)
    sum(o.float().square().mean() for o in outs.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)


@EVERY
def test_the_same_seed_gives_the_same_network_and_output(name, dims):
    first, second = made(name, dims).eval(), made(name, dims).eval()
    x = torch.randn(1, 2, *SIZE[dims])
    with torch.no_grad():
        assert torch.equal(first(x), second(x))


@EVERY
def test_weights_go_out_and_back(name, dims):
    net = made(name, dims).eval()
    torch.manual_seed(1)
    other = build_net(name, dims, 2, 3, NETS[name].card.small).eval()
    other.load_state_dict({k: v.clone() for k, v in net.state_dict().items()})
    x = torch.randn(1, 2, *SIZE[dims])
    with torch.no_grad():
        assert torch.equal(net(x), other(x))


@EVERY
def test_it_can_be_exported(name, dims):
    if NETS[name].card.export:
        pytest.skip(NETS[name].card.export)
    net, x = made(name, dims).eval(), torch.randn(1, 2, *SIZE[dims])
    program = torch.export.export(net, (x,))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(x), net(x), rtol=1e-3, atol=1e-4)


@EVERY
def test_wrong_input_is_refused(name, dims):
    with pytest.raises(UsageError, match=r"\[batch, 2, "):
        made(name, dims)(torch.zeros(1, 3, *SIZE[dims]))
    with pytest.raises(UsageError, match="shape"):
        made(name, dims)(torch.zeros(2, *SIZE[dims]))
    with pytest.raises(UsageError, match="0 output"):
        made(name, dims, outputs=0)


@pytest.mark.parametrize("name", list(NETS))
def test_the_card_names_a_paper(name):
    net = NETS[name]
    assert net.card.title and 1990 < net.year < 2100
    assert net.card.dims == (2, 3) or net.card.flat_only or 2 not in net.card.dims
    assert net.card.differs and net.card.verified and net.builder.__doc__


def _leave_zero(net):
    """Scales and shifts that start at zero (residual branches) would hide whether what lies behind is connected."""
    with torch.no_grad():
        for parameter in net.parameters():
            if not parameter.any():
                parameter.fill_(0.1)
