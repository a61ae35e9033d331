from __future__ import annotations

import pytest
import torch

from delineate.nets.blocks.drop_path import DropPath, drop_rates


def test_whole_cases_are_dropped_and_the_mean_stays():
    torch.manual_seed(0)
    out = DropPath(0.25)(torch.ones(4000, 3, 2))
    per_case = out.flatten(1)
    assert (per_case == per_case[:, :1]).all()
    assert per_case[:, 0].unique().tolist() == pytest.approx([0, 4 / 3])
    assert out.mean() == pytest.approx(1, abs=0.03)


def test_nothing_is_dropped_in_eval():
    x = torch.randn(2, 3)
    assert torch.equal(DropPath(0.9).eval()(x), x) and torch.equal(DropPath(0.0)(x), x)


def test_rates_rise_to_the_last():
    assert drop_rates(0.3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert drop_rates(0.3, 1) == [0.0]
