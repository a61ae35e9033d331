from __future__ import annotations

import os
import random
import shutil
import signal
import time

import pytest
import torch
from torch import nn

from delineate.config import TrainConfig
from delineate.core.errors import CheckpointError, CollapsedError, DivergedError
from delineate.nets.checkpoint import load_checkpoint
from delineate.train.clock import Deadline
from delineate.train.fit import fit
from delineate.train.job import Verdict
from delineate.train.schedule import Length


def same(folder, other) -> bool:
    """Whether two runs left bitwise equal checkpoints."""
    for name in ("last", "best"):
        mine, yours = load_checkpoint(folder / name)[0], load_checkpoint(other / name)[0]
        if mine.keys() != yours.keys() or any(not torch.equal(mine[k], yours[k]) for k in mine):
            return False
    return True


@pytest.fixture(scope="module")
def whole(kit, tmp_path_factory):
    """A run of 40 steps that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, fit(kit.job(folder))


def interrupter(step):
    """Sends SIGTERM while the first batch of ``step`` is drawn."""
    waiting = [step]

    def before(now):
        if now in waiting:
            waiting.clear()
            os.kill(os.getpid(), signal.SIGTERM)

    return before


def test_it_learns_and_ends_complete(kit, whole, tmp_path):
    folder, outcome = whole
    assert outcome.complete
    assert outcome.state.step == 40
    assert outcome.state.best_score > kit.score(kit.net().eval(), None)
    assert set(outcome.seconds) == {"step", "wait", "validate", "checkpoint"}
    assert {p.name for p in folder.iterdir()} == {"last.safetensors", "last.json", "best.safetensors", "best.json"}


def test_the_same_run_twice_is_the_same_to_the_bit(kit, whole, tmp_path):
    fit(kit.job(tmp_path))
    assert same(tmp_path, whole[0])


@pytest.mark.parametrize("step", [0, 1, *random.Random(3).sample(range(2, 39), 4), 39])
def test_stopped_and_resumed_it_ends_as_if_never_stopped(kit, whole, tmp_path, step):
    first = fit(kit.job(tmp_path, kit.Source(interrupter(step))))
    assert first.state.step == step + 1
    assert first.complete == (step == 39)
    second = fit(kit.job(tmp_path, seed=9), resume=True)
    assert second.complete
    assert same(tmp_path, whole[0])


def test_stopped_many_times_it_still_ends_the_same(kit, whole, tmp_path):
    outcome = fit(kit.job(tmp_path, kit.Source(interrupter(3))))
    for step in (4, 11, 12, 30):
        assert not outcome.complete
        outcome = fit(kit.job(tmp_path, kit.Source(interrupter(step)), seed=step), resume=True)
    assert fit(kit.job(tmp_path, seed=1), resume=True).complete
    assert same(tmp_path, whole[0])


@pytest.mark.parametrize("step", [5, 23, 38])
def test_killed_it_goes_on_from_the_disk(kit, whole, tmp_path, step):
    """What lies on the disk as a batch is drawn is all that a killed run leaves."""
    killed = tmp_path / "killed"

    def before(now):
        if now == step:
            shutil.copytree(tmp_path / "run", killed)

    config = TrainConfig(epoch_steps=7, checkpoint_every_s=1e-6)
    fit(kit.job(tmp_path / "run", kit.Source(before), config=config))
    assert load_checkpoint(killed / "last")[1]["state"]["step"] == step
    assert fit(kit.job(killed, seed=9), resume=True).complete
    assert same(killed, whole[0])


def test_killed_after_a_validation_it_repeats_the_steps_since_the_checkpoint(kit, whole, tmp_path):
    """A best checkpoint may be newer than the last one."""
    outcome = fit(kit.job(tmp_path, kit.Source(interrupter(4))))
    kept = {name: (tmp_path / name).read_bytes() for name in ("last.safetensors", "last.json")}
    fit(kit.job(tmp_path, kit.Source(interrupter(30)), seed=2), resume=True)
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    assert load_checkpoint(tmp_path / "best")[1]["state"]["step"] > outcome.state.step
    fit(kit.job(tmp_path, seed=3), resume=True)
    assert same(tmp_path, whole[0])


def test_accumulated_steps_resume_too(kit, tmp_path):
    config = TrainConfig(epoch_steps=7, accumulate=3)
    fit(kit.job(tmp_path / "a", kit.Source(accumulate=3), steps=10, config=config))
    stopped = kit.Source(interrupter(4), accumulate=3)
    assert not fit(kit.job(tmp_path / "b", stopped, steps=10, config=config)).complete
    fit(kit.job(tmp_path / "b", kit.Source(accumulate=3), steps=10, config=config, seed=5), resume=True)
    assert same(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("accumulate", [1, 3])
def test_gradients_are_clipped_as_a_whole_before_the_step(kit, tmp_path, monkeypatch, accumulate):
    norms, taken = [], torch.optim.AdamW.step

    def step(self, *more, **named):
        gradients = [p.grad.flatten() for group in self.param_groups for p in group["params"]]
        norms.append(torch.cat(gradients).norm().item())
        return taken(self, *more, **named)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    config = TrainConfig(optimizer="adamw", accumulate=accumulate, clip=1e-4)
    fit(kit.job(tmp_path, kit.Source(accumulate=accumulate), steps=4, config=config))
    assert norms == pytest.approx([1e-4] * 4, rel=0.02)


def test_resuming_a_finished_run_changes_no_weight(kit, whole, tmp_path):
    shutil.copytree(whole[0], tmp_path / "run")
    outcome = fit(kit.job(tmp_path / "run", seed=4), resume=True)
    assert outcome.complete
    assert outcome.state.step == 40
    assert same(tmp_path / "run", whole[0])


def test_it_tells_where_it_begins(kit, tmp_path):
    begun = []
    fit(kit.job(tmp_path, kit.Source(interrupter(11)), begun=begun.append))
    fit(kit.job(tmp_path, begun=begun.append), resume=True)
    assert begun == [0, 12]


def test_a_verdict_is_told_at_once_and_stops_where_it_says_so(kit, whole, tmp_path):
    heard, ears = [], kit.Ears()

    def judge(step, progress, loss):
        heard.append((step, progress, loss))
        return Verdict("all is black", stop=True) if len(heard) == 2 else None

    with pytest.raises(CollapsedError, match="all is black, at step 20"):
        fit(kit.job(tmp_path, judge=judge, watch=ears))
    losses = [float(r["loss"]) for r in ears.rows if r["phase"] == "train"]
    assert heard[1][:2] == (20, 20 / 40)
    notes = [r.get("note") for r in ears.rows if r["phase"] == "validate"]
    assert notes == [None, "all is black"] and ears.rows[-1].get("note") == "all is black"
    assert heard[1][2] == pytest.approx(sum(losses[2:4]) / 2), "of the ten steps since the validation before"
    assert load_checkpoint(tmp_path / "last")[1]["state"]["step"] == 20
    assert fit(kit.job(tmp_path, seed=7), resume=True).complete
    assert same(tmp_path, whole[0]), "who goes on all the same ends as if nothing had been said"


def test_the_last_validation_stops_nothing(kit, tmp_path):
    assert fit(kit.job(tmp_path, judge=lambda step, progress, loss: Verdict("black", stop=progress == 1))).complete


def test_another_network_does_not_continue_the_run(kit, whole):
    with pytest.raises(CheckpointError, match="does not continue this run"):
        fit(kit.job(whole[0], net=nn.Conv2d(1, 2, 5)), resume=True)


def test_there_is_nothing_to_resume_in_an_empty_folder(kit, tmp_path):
    with pytest.raises(CheckpointError):
        fit(kit.job(tmp_path), resume=True)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint(kit, tmp_path):
    class Broken(nn.Module):
        calls = 0

        def forward(self, logits, label):
            self.calls += 1
            return logits.mean() * (float("nan") if self.calls > 6 else 1.0)

    config = TrainConfig(epoch_steps=7, checkpoint_every_s=1e-6)
    with pytest.raises(DivergedError, match="at step 6"):
        fit(kit.job(tmp_path, loss=Broken(), config=config))
    weights, card = load_checkpoint(tmp_path / "last")
    assert card["state"]["step"] == 6
    assert all(torch.isfinite(w).all() for w in weights.values())


@pytest.fixture
def clock(monkeypatch):
    """A monotonic clock that stands still but for what ``clock(seconds)`` adds."""
    now = {"s": 1000.0}
    monkeypatch.setattr(time, "monotonic", lambda: now["s"])

    def add(seconds=0.0):
        now["s"] += seconds
        return now["s"] - 1000.0

    return add


def test_the_end_comes_with_the_deadline_and_the_rate_at_its_end(kit, tmp_path, clock):
    ears, source = kit.Ears(), kit.Source(lambda step: clock(0.01))
    job = kit.job(tmp_path, source, steps=100_000, watch=ears, deadline=Deadline.after(2.0), validations=2)
    outcome = fit(job)
    assert outcome.complete
    assert clock() == pytest.approx(2.0, abs=0.1)
    assert outcome.state.length.progress(outcome.state.step) == 1.0
    assert len(outcome.state.length.turns) > 1
    trained = [r for r in ears.rows if r["phase"] == "train"]
    assert trained[-1]["lr"] < 1e-3 * max(r["lr"] for r in trained)
    assert ears.moves[-1] == (outcome.state.step, outcome.state.step)


def test_a_machine_that_suddenly_slows_does_not_pass_the_deadline(kit, tmp_path, clock):
    source = kit.Source(lambda step: clock(0.2 if step > 60 else 0.002))
    outcome = fit(kit.job(tmp_path, source, length=Length.of(1000), deadline=Deadline.after(3.0)))
    assert outcome.complete
    assert clock() < 3.0 + 5 * 0.2 + 0.1  # the cool-down comes after it at the worst


def test_after_the_deadline_a_few_steps_anneal_it(kit, tmp_path):
    outcome = fit(kit.job(tmp_path, steps=10_000, deadline=Deadline.after(0)))
    assert outcome.complete
    assert outcome.state.length.progress(outcome.state.step) == 1.0


def test_validations_are_spread_and_the_last_is_at_the_end(kit, tmp_path):
    ears, given = kit.Ears(), []

    def score(net, seconds):
        given.append((net.training, seconds))
        return 0.5

    fit(kit.job(tmp_path, steps=100, watch=ears, validate=score, validations=3))
    steps = [int(r["step"]) for r in ears.rows if r["phase"] == "validate"]
    assert len(steps) == 4
    assert steps == sorted(set(steps))
    assert steps[-1] == 100
    assert set(given) == {(False, None)}


def test_the_best_checkpoint_is_the_average_at_the_best_score(kit, tmp_path):
    scores = iter([0.2, 0.9, 0.4, 0.3, 0.1])
    seen = []

    def score(net, seconds):
        seen.append({k: v.clone() for k, v in net.state_dict().items()})
        return next(scores)

    outcome = fit(kit.job(tmp_path, steps=100, validate=score))
    assert outcome.state.best_score == 0.9
    weights = load_checkpoint(tmp_path / "best")[0]
    assert all(torch.equal(weights[k], seen[1][k]) for k in weights)


def test_of_equal_scores_the_later_is_the_best(kit, tmp_path):
    scores, seen = iter([0.5, 0.7, 0.7, 0.6, 0.1]), []

    def score(net, seconds):
        seen.append({k: v.clone() for k, v in net.state_dict().items()})
        return next(scores)

    ears = kit.Ears()
    outcome = fit(kit.job(tmp_path, steps=100, validate=score, watch=ears))
    weights, card = load_checkpoint(tmp_path / "best")
    assert all(torch.equal(weights[k], seen[2][k]) for k in weights)
    third = [int(r["step"]) for r in ears.rows if r["phase"] == "validate"][2]
    assert (outcome.state.best_step, card["state"]["step"], card["state"]["best_score"]) == (third, third, 0.7)


def test_the_newest_stands_for_the_run_where_an_earlier_was_better_by_chance_only(kit, tmp_path):
    """Case "b" swings by more than the means differ."""
    seen, swings = [], iter([(0.5, 0.5), (0.8, 0.9), (0.8, 0.8), (0.9, 0.7), (0.89, 0.7)])

    def score(net, seconds):
        seen.append({k: v.clone() for k, v in net.state_dict().items()})
        cases.update(zip("ab", next(swings), strict=True))
        return sum(cases.values()) / 2

    cases: dict[str, float] = {}
    outcome = fit(kit.job(tmp_path, steps=100, validate=score, cases=lambda: cases))
    weights, card = load_checkpoint(tmp_path / "best")
    assert all(torch.equal(weights[k], seen[4][k]) for k in weights)
    assert (outcome.state.best_step, card["state"]["step"], round(outcome.state.best_score, 9)) == (100, 100, 0.795)
    assert outcome.state.top_score == pytest.approx(0.85) and outcome.state.top_cases == {"a": 0.8, "b": 0.9}


def test_the_newest_does_not_where_it_is_measurably_worse_even_after_a_pause(kit, tmp_path):
    cases: dict[str, float] = {}

    def of(*scores):
        waiting = iter(scores)

        def score(net, seconds):
            cases.update(zip("abcd", next(waiting), strict=True))
            return sum(cases.values()) / 4

        return score

    source = kit.Source(interrupter(60))
    first = fit(kit.job(tmp_path, source, steps=100, validate=of(*[(0.8, 0.7, 0.9, 0.6)] * 5), cases=lambda: cases))
    worse = of(*[(0.75, 0.66, 0.84, 0.55)] * 5)
    second = fit(kit.job(tmp_path, steps=100, validate=worse, cases=lambda: cases), resume=True)
    assert not first.complete and second.complete
    assert (second.state.best_score, second.state.best_step) == (0.75, first.state.best_step)


def test_a_resumed_run_remembers_its_best(kit, tmp_path):
    first = fit(kit.job(tmp_path, kit.Source(interrupter(60)), steps=100, validate=lambda net, seconds: 0.9))
    kept = load_checkpoint(tmp_path / "best")[0]
    second = fit(kit.job(tmp_path, steps=100, validate=lambda net, seconds: 0.1), resume=True)
    assert not first.complete and second.complete
    assert (second.state.best_score, second.state.best_step) == (0.9, first.state.best_step)
    weights = load_checkpoint(tmp_path / "best")[0]
    assert all(torch.equal(weights[k], kept[k]) for k in kept)


def test_rows_are_numbers_a_person_can_plot(kit, tmp_path):
    ears = kit.Ears()
    fit(kit.job(tmp_path, steps=21, watch=ears))
    trained = [r for r in ears.rows if r["phase"] == "train"]
    assert [r["step"] for r in trained] == ["5", "10", "15", "20", "21"]
    assert all(r["patches_per_s"] > 0 and r["loss"] > 0 and r["memory_gib"] > 0 for r in trained)
    assert trained[3]["loss"] < trained[0]["loss"]


def test_length_in_the_checkpoint_wins_over_a_new_guess(kit, whole, tmp_path):
    fit(kit.job(tmp_path, kit.Source(interrupter(10))))
    outcome = fit(kit.job(tmp_path, length=Length.of(7)), resume=True)
    assert outcome.state.step == 40


def test_mistakes_are_looked_for_after_each_validation_but_the_last(kit, tmp_path):
    ears, looked = kit.Ears(), []
    job = kit.job(tmp_path, steps=100, watch=ears, mine=lambda net, seconds, step: looked.append((step, seconds)))
    fit(job)
    steps = [int(r["step"]) for r in ears.rows if r["phase"] == "validate"]
    assert looked == [(step, None) for step in steps[:-1]]


def test_a_validation_far_beyond_its_share_is_not_repeated_before_the_end(kit, tmp_path):
    called = []

    def slow(net, seconds):
        called.append(seconds)
        time.sleep(0.4)
        return 0.5

    outcome = fit(kit.job(tmp_path, steps=200, deadline=Deadline.after(4), validate=slow, validations=4))
    assert outcome.complete and len(called) == 2  # its share of 4 s is 0.04 s


def test_looking_for_mistakes_takes_a_quarter_of_the_validations_time(kit, tmp_path):
    given, looked = [], []

    def score(net, seconds):
        given.append(seconds)
        return 0.5

    deadline = Deadline.after(3)
    fit(kit.job(tmp_path, steps=60, deadline=deadline, validate=score, mine=lambda n, s, k: looked.append(s)))
    assert looked and all(s == pytest.approx(g / 3) for g, s in zip(given, looked, strict=False))


def test_memory_is_given_back_around_each_validation_and_after_the_first_epoch_behind_it(kit, tmp_path, monkeypatch):
    """What a validation leaves between the pieces of a step would stay there until the next one."""
    released, ears = [], kit.Ears()
    monkeypatch.setattr("delineate.train.loop.release_freed_memory", lambda: released.append(len(ears.moves)))
    config = TrainConfig(epoch_steps=5)
    fit(kit.job(tmp_path, config=config, watch=ears))
    validated = [int(row["step"]) for row in ears.rows if row["phase"] == "validate"]
    at = [ears.moves[count - 1][0] for count in released]
    wanted = [5] + [step for v in validated for step in ((v, v, v + 5) if v < 40 else (v, v))]
    assert len(validated) > 1 and at == wanted
