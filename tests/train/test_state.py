from __future__ import annotations

import pytest
import torch

from delineate.config import TrainConfig
from delineate.core.errors import CheckpointError
from delineate.nets.checkpoint import save_checkpoint
from delineate.train.optim import MovingAverage, build_optimizer, pack_optimizer
from delineate.train.schedule import Length
from delineate.train.state import RunState, load_newest_card, load_state, save_state, seed_everything


def parts(kit, seed, steps):
    """A network after some steps, its average and its optimiser."""
    net = kit.net(seed)
    average, optimizer = MovingAverage(net, 0.9), build_optimizer(net, TrainConfig())
    for step in range(steps):
        net(torch.ones(1, 1, 4, 4) * step).square().sum().backward()
        optimizer.step()
        average.update(net, step)
    return net, average, optimizer


def card_of(state):
    return {"state": state.model_dump(mode="json"), "precision": "fp32", "batch": 2}


def test_all_comes_back_bit_by_bit(kit, tmp_path):
    state = RunState(step=3, length=Length.of(9).turned(2, 12), spent_s=0.1, best_score=1 / 3, best_step=2)
    net, average, optimizer = parts(kit, 0, 3)
    save_state(tmp_path / "last", net, average, optimizer, card_of(state))
    other, other_average, other_optimizer = parts(kit, 1, 0)
    assert load_state(tmp_path / "last", other, other_average, other_optimizer) == state
    for mine, yours in (
        (net.state_dict(), other.state_dict()),
        (average.weights, other_average.weights),
        (pack_optimizer(optimizer), pack_optimizer(other_optimizer)),
    ):
        assert mine.keys() == yours.keys()
        assert all(torch.equal(mine[k], yours[k]) for k in mine)


def test_the_card_is_read_without_the_tensors(kit, tmp_path):
    state = RunState(step=3, length=Length.of(9))
    save_state(tmp_path / "last", *parts(kit, 0, 1), card_of(state))
    (tmp_path / "last.safetensors").unlink()
    told = load_newest_card(tmp_path / "last")
    assert (told.state, told.precision) == (state, "fp32")
    with pytest.raises(CheckpointError):
        load_newest_card(tmp_path / "first")


WRONG_STATES = [
    {},
    {"state": []},
    {"state": {"step": 1}},
    {"state": {"step": "many", "length": Length.of(9).model_dump()}},
    {"state": {"step": -1, "length": Length.of(9).model_dump()}},
    {"state": {"step": 1, "length": {"turns": []}}},
]


@pytest.mark.parametrize("card", WRONG_STATES)
def test_a_checkpoint_that_tells_no_state_is_refused(kit, tmp_path, card):
    save_state(tmp_path / "last", *parts(kit, 0, 1), card)
    with pytest.raises(CheckpointError, match="does not continue this run"):
        load_state(tmp_path / "last", *parts(kit, 0, 0))
    save_state(tmp_path / "last", *parts(kit, 0, 1), {**card, "precision": "fp32"})
    with pytest.raises(CheckpointError, match=r"last\.json does not tell what it must: state"):
        load_newest_card(tmp_path / "last")


@pytest.mark.parametrize("precision", [{}, {"precision": None}, {"precision": "fp8"}, {"precision": 16}])
def test_a_checkpoint_of_no_precision_is_refused(kit, tmp_path, precision):
    card = {k: v for k, v in card_of(RunState(step=3, length=Length.of(9))).items() if k != "precision"}
    save_state(tmp_path / "last", *parts(kit, 0, 1), {**card, **precision})
    with pytest.raises(CheckpointError, match=r"last\.json does not tell what it must: precision"):
        load_newest_card(tmp_path / "last")


def test_tensors_of_no_owner_are_refused(kit, tmp_path):
    save_checkpoint(tmp_path / "last", {"weight": torch.ones(1)}, card_of(RunState(step=1, length=Length.of(2))))
    with pytest.raises(CheckpointError, match="does not continue this run"):
        load_state(tmp_path / "last", *parts(kit, 0, 0))


def test_a_damaged_checkpoint_is_refused(kit, tmp_path):
    save_state(tmp_path / "last", *parts(kit, 0, 1), card_of(RunState(step=1, length=Length.of(2))))
    file = tmp_path / "last.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(CheckpointError):
        load_state(tmp_path / "last", *parts(kit, 0, 0))


def test_a_seed_gives_the_same_fresh_weights():
    drawn = []
    for _ in range(2):
        seed_everything(4)
        drawn.append(torch.randn(5))
    assert torch.equal(*drawn)
