"""Parallel reverse attention."""

from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head

SMALL = {
    "pranet": {"width": 4, "deep_width": 8, "stage_width": 8},
    "infnet": {"width": 4, "deep_width": 8, "stage_width": 8},
    "caranet": {"width": 16},
}
CHANNELS = (3, 4, 6, 8)


def maps_of(dims):
    return [torch.randn(2, c, *(n, n - 1, n)[:dims]) for c, n in zip(CHANNELS, (12, 6, 3, 2), strict=True)]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", list(SMALL))
def test_classes_are_not_functions_of_one_number(name, dims):
    torch.manual_seed(0)
    outputs = build_head(name, dims, CHANNELS, 5, SMALL[name])(maps_of(dims))
    for key in ("out", "coarse", "stage2"):
        by_class = outputs[key].movedim(1, 0).flatten(1)
        centred = by_class - by_class.mean(1, keepdim=True)
        assert torch.linalg.matrix_rank(centred, rtol=1e-3) == 5, key


@pytest.mark.parametrize("name", list(SMALL))
def test_eval_gives_the_last_map(name):
    torch.manual_seed(0)
    head = build_head(name, 2, CHANNELS, 3, {**SMALL[name], "background": False})
    for module in head.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.track_running_stats, module.running_mean, module.running_var = False, None, None
    maps = maps_of(2)
    with torch.no_grad():
        outputs = head.train()(maps)
        answer = head.eval()(maps)
    torch.testing.assert_close(answer, outputs["out"])
    assert not torch.allclose(outputs["out"], outputs["coarse"])


@pytest.mark.parametrize("name", list(SMALL))
def test_too_few_maps_are_refused(name):
    with pytest.raises(UsageError, match="2 maps"):
        build_head(name, 2, (4, 8), 3)
