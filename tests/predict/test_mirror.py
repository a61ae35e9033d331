from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from delineate.predict.mirror import MirrorEngine


@pytest.mark.parametrize("axes", [(), (0,), (0, 1), (0, 1, 2), (2,)])
def test_the_answer_is_the_mean_over_all_flips(axes):
    torch.manual_seed(0)
    net, windows = nn.Conv3d(1, 2, 3, padding=1), torch.randn(2, 1, 4, 5, 6)
    with torch.inference_mode():
        views = []
        for chosen in product((False, True), repeat=len(axes)):
            flips = [a + 2 for a, yes in zip(axes, chosen, strict=True) if yes]
            views.append(net(windows.flip(flips)).flip(flips))
        got = MirrorEngine(net, axes)(windows)
    assert len(views) == 2 ** len(axes)
    assert torch.allclose(got, torch.stack(views).mean(0), atol=1e-6)


@pytest.mark.parametrize("axes", [(1,), (0, 1)])
def test_left_and_right_change_places_in_views_across_the_body(axes):
    """A network that names by place: the mean of a view and its mirror must not mix the sides up."""

    def by_place(windows):
        ramp = torch.linspace(-1, 1, windows.shape[-1]).expand_as(windows[:, 0])
        return torch.stack([windows[:, 0], ramp, -ramp], dim=1)

    windows = torch.randn(2, 1, 5, 6)
    plain = by_place(windows)
    torch.testing.assert_close(MirrorEngine(by_place, axes, side_axis=1, swaps=((1, 2),))(windows), plain)
    assert not torch.allclose(MirrorEngine(by_place, axes)(windows), plain)
    torch.testing.assert_close(MirrorEngine(by_place, (0,), side_axis=1, swaps=((1, 2),))(windows), plain)
