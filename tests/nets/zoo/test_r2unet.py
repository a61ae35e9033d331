from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("r2unet", 2, 1, 20)
    assert count_parameters(net) == 39_092_500  # LeeJunHyun/Image_Segmentation, t=2


@pytest.mark.parametrize("dims", [2, 3])
def test_steps_change_the_answer_but_not_the_weights(dims):
    x, answers = torch.randn(1, 1, *(8,) * dims), []
    for steps in (1, 2):
        torch.manual_seed(0)
        net = build_net("r2unet", dims, 1, 2, {"widths": (3, 4), "steps": steps}).eval()
        answers.append((count_parameters(net), net(x)))
    assert answers[0][0] == answers[1][0] and not torch.allclose(answers[0][1], answers[1][1])
