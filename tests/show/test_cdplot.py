from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from delineate.evaluate.ranking import rank_models
from delineate.show.cdplot import _levels, draw_critical_difference


@pytest.mark.parametrize("count", [2, 3, 8, 30])
def test_names_every_model_with_its_rank(count: int) -> None:
    names = [f"net <{i}>" for i in range(count)]
    scores = np.random.default_rng(0).random((count, 25)) + np.arange(count)[:, None] / 20
    ranking = rank_models(scores, names, 1)
    root = ElementTree.fromstring(draw_critical_difference(ranking))
    words = [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text")]
    for name, rank in zip(ranking.models, ranking.average_ranks, strict=True):
        assert sum(name in w and f"{rank:.2f}" in w for w in words) == 1
    assert any(w.startswith("CD = ") for w in words) == (count > 2)


def test_bars_that_share_a_model_lie_on_different_levels() -> None:
    levels = _levels([(0, 2), (1, 3), (3, 5), (4, 6)])
    assert levels == {(0, 2): 0, (1, 3): 1, (3, 5): 0, (4, 6): 1}
    assert _levels([(0, 2), (2, 4)]) == {(0, 2): 0, (2, 4): 1}  # of one model in common, too
