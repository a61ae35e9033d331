from __future__ import annotations

import pytest
import torch

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.nets import auxiliaries_of, build_net, count_parameters

WIDTHS = (4, 4, 6, 8)


@pytest.mark.parametrize(("heads", "parameters"), [(4, 9_165_360), (1, 9_163_380)])
def test_parameters_equal_the_references(heads, parameters):
    with torch.device("meta"):
        net = build_net("unetpp", 2, 1, 20, {"deep_supervision": heads})
    assert count_parameters(net) == parameters  # 4uiiurz1/pytorch-nested-unet


@pytest.mark.parametrize("dims", [2, 3])
def test_a_pruned_network_answers_as_its_column_did(dims):
    torch.manual_seed(0)
    options = {"widths": WIDTHS, "deep_supervision": 3}
    full = build_net("unetpp", dims, 1, 2, options).eval()
    full.training = True  # all outputs, and running statistics as in eval
    x = torch.randn(1, 1, *(9, 6, 5)[:dims])
    answers = full(x)
    assert list(answers) == ["out", "column2", "column1"]
    for column, name in ((3, "out"), (2, "column2"), (1, "column1")):
        pruned = build_net("unetpp", dims, 1, 2, {**options, "column": column}).eval()
        pruned.load_state_dict(full.state_dict())
        for key, node in pruned.nodes.items():
            if sum(map(int, key.split("_"))) > column:
                torch.nn.init.constant_(node[0][0].weight, torch.nan)
        torch.testing.assert_close(pruned(x), answers[name])


def test_every_column_is_supervised_alike():
    net = build_net("unetpp", 2, 1, 2, {"widths": WIDTHS, "deep_supervision": 3, "column": 2}).train()
    assert auxiliaries_of(net) == {"column3": Auxiliary(weight=1.0), "column1": Auxiliary(weight=1.0)}
    outs = net(torch.randn(1, 1, 11, 9))
    assert list(outs) == ["out", "column3", "column1"]
    assert all(one.shape == (1, 2, 11, 9) for one in outs.values())


@pytest.mark.parametrize("options", [{"deep_supervision": 5}, {"column": 0}, {"deep_supervision": 1, "column": 2}])
def test_a_column_needs_a_head(options):
    with pytest.raises(UsageError, match="column"):
        build_net("unetpp", 2, 1, 2, options)
