from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.emanet import ExpectationMaximisation


def made(**options):
    torch.manual_seed(0)
    return ExpectationMaximisation(5, bases=3, **options)


def naive(x, mu, steps):
    """Of one picture ``[c, n]``, voxel by voxel."""
    for _ in range(steps):
        share = torch.stack([(x[:, i] @ mu).softmax(0) for i in range(x.shape[1])])
        mean = torch.stack(
            [sum(share[i, k] * x[:, i] for i in range(x.shape[1])) / share[:, k].sum() for k in range(mu.shape[1])], 1
        )
        mu = mean / mean.norm(dim=0)
    return mu, mu @ share.T


@torch.no_grad()
@pytest.mark.parametrize("steps", [1, 3])
def test_voxels_are_rebuilt_from_bases(steps):
    unit, x = made(steps=steps).eval(), torch.randn(2, 5, 7)
    before = unit.mu.clone()
    out = unit(x)
    for b in range(2):
        torch.testing.assert_close(out[b], naive(x[b], before, steps)[1], rtol=1e-4, atol=1e-5)
    assert torch.equal(unit.mu, before), "prediction leaves them alone"
    assert torch.linalg.matrix_rank(out[0]) <= 3


def test_bases_move_in_training_by_a_tenth_of_what_was_found():
    unit, x = made(), torch.randn(2, 5, 7)
    before = unit.mu.clone()
    unit.train()(x)
    found = torch.stack([naive(x[b], before, 3)[0] for b in range(2)]).mean(0)
    torch.testing.assert_close(unit.mu, 0.9 * before + 0.1 * found, rtol=1e-4, atol=1e-5)
    assert "mu" in unit.state_dict() and not list(unit.parameters())
    for _ in range(60):
        unit(x)
    again = unit.mu.clone()
    unit(x)
    assert (unit.mu - again).abs().max() < 2e-2, "they settle"


@pytest.mark.parametrize("steps", [1, 3])
def test_the_last_round_passes_a_gradient_on_unless_told_not_to(steps):
    for learns in (True, False):
        unit, x = made(steps=steps, last_step_learns=learns), torch.randn(1, 5, 7, requires_grad=True)
        out = unit.train()(x)
        assert out.requires_grad is learns
        if learns:
            out.square().sum().backward()
            assert torch.isfinite(x.grad).all() and x.grad.any()


def test_memory_grows_with_the_voxels_only():
    head = build_head("emanet", 3, (8, 16), 2, {"bases": 4}).eval()
    with torch.no_grad():  # all pairs of these 13,824 voxels would take 0.76 GB
        assert head([torch.zeros(1, 8, 1, 1, 1), torch.randn(1, 16, 24, 24, 24)]).shape == (1, 2, 24, 24, 24)


def test_no_steps_is_refused():
    with pytest.raises(UsageError, match="0 steps"):
        made(steps=0)


def test_a_network_of_doubles_stays_one():
    head = build_head("emanet", 2, (8,), 3).double().eval()
    assert head([torch.randn(1, 8, 5, 4, dtype=torch.float64)]).dtype == torch.float64
