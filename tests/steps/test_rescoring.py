from types import SimpleNamespace

import pytest
import torch
from torch import nn

from delineate.nets.checkpoint import save_checkpoint
from delineate.steps.rescoring import score_kept
from delineate.train.fit import Outcome
from delineate.train.schedule import Length
from delineate.train.state import RunState


class Scored:
    """A validator that remembers with which weights and in what time it was asked to score."""

    def __init__(self):
        self.calls, self.look = [], self.refuse

    def refuse(self, name, ids, truth):
        raise AssertionError("pictures of the steps are drawn anew")

    def __call__(self, net, seconds):
        self.look("a", None, None)
        self.calls.append((float(net.weight.detach()), net.training, seconds))


def net_of(weight):
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, weight)
    return net


def outcome(best_step, complete=True, validation_s=3.0):
    state = RunState(step=100, length=Length.of(100), best_score=0.75, best_step=best_step)
    return Outcome(state, complete, validation_s=validation_s)


@pytest.fixture
def folder(tmp_path):
    save_checkpoint(tmp_path / "best", {"weight": torch.full((1, 1), 7.0)}, {})
    return tmp_path


@pytest.mark.parametrize(("time_s", "allowed"), [(None, None), (300.0, 4.5), (1800.0, 4.5)])
def test_kept_weights_are_scored_in_about_the_time_of_the_last_validation(folder, time_s, allowed):
    validator = Scored()
    told = score_kept(validator, net_of(1.0).train(), outcome(best_step=60), folder, time_s)
    assert validator.calls == [(7.0, False, allowed)]
    assert told is not None and "step 60" in told and told.endswith("theirs")


def test_a_dear_validation_is_not_repeated_and_it_is_told(folder):
    validator, net = Scored(), net_of(1.0)
    told = score_kept(validator, net, outcome(best_step=60), folder, 299.0)
    assert validator.calls == [] and float(net.weight.detach()) == 1.0
    assert told is not None and "step 60" in told and "of the last" in told


@pytest.mark.parametrize("ended", [SimpleNamespace(best=100, complete=True), SimpleNamespace(best=60, complete=False)])
def test_nothing_is_done_where_the_last_weights_stand_or_training_goes_on_later(folder, ended):
    validator = Scored()
    assert score_kept(validator, net_of(1.0), outcome(ended.best, ended.complete), folder, None) is None
    assert validator.calls == []
