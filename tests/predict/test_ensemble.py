from __future__ import annotations

import pytest
import torch

from delineate.predict.ensemble import EnsembleEngine


@pytest.mark.parametrize("regions", [False, True])
def test_the_answer_has_the_mean_probability(regions):
    torch.manual_seed(0)
    answers = [torch.randn(2, 3, 4, 4) for _ in range(3)]
    engine = EnsembleEngine([lambda w, a=a: a for a in answers], regions)

    def chance(logits):
        return logits.sigmoid() if regions else logits.softmax(1)

    got = chance(engine(torch.zeros(1)))
    assert torch.allclose(got, torch.stack([chance(a) for a in answers]).mean(0), atol=1e-5)


def test_one_member_answers_for_itself():
    answer = torch.randn(1, 2, 3)
    assert EnsembleEngine([lambda w: answer], False)(torch.zeros(1)) is answer


@pytest.mark.parametrize("regions", [False, True])
def test_members_that_are_sure_give_finite_logits(regions):
    answers = torch.tensor([[[100.0], [-100.0]]])
    engine = EnsembleEngine([lambda w: answers, lambda w: answers], regions)
    assert torch.isfinite(engine(torch.zeros(1))).all()
