from __future__ import annotations

import numpy as np

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise
from delineate.show.curve import Curve
from delineate.show.diagnosis import diagnose, loss_spikes, missing_classes

VALIDATED = (200, 400, 600, 800, 1000)
FALLING = [0.2 + 1.5 * np.exp(-step / 150) for step in range(40, 1001, 40)]
RISEN = (0.70, 0.85, 0.88, 0.884, 0.885)


def columns(loss=FALLING, dice=RISEN, validated=VALIDATED):
    """Columns of metrics.csv: losses at even steps up to 1000, then each validation."""
    steps = np.linspace(1000 / len(loss), 1000, len(loss))
    trained, scored = len(loss), len(dice)
    nothing = [np.nan]
    order = np.argsort([*steps, *validated], kind="stable")
    return {
        "step": np.array([*steps, *validated], float)[order],
        "seconds": np.array([*(steps * 0.6), *(np.array(validated) * 0.6)])[order],
        "loss": np.array([*loss, *nothing * scored], float)[order],
        "lr": np.array([*[0.002] * trained, *nothing * scored], float)[order],
        "validation_dice": np.array([*nothing * trained, *dice], float)[order],
    }


def table(cases, **classes) -> ScoreTable:
    """Scores of classes given as ``name=Dice of every case``."""
    rows = [
        ClassScore(case=f"case{i}", class_name=name, state="present" if dice else "missed", values={"dice": dice})
        for i in range(cases)
        for name, values in classes.items()
        for dice in [values[i]]
    ]
    return summarise(rows)


GOOD = table(8, liver=[0.88, 0.89, 0.87, 0.9, 0.88, 0.89, 0.87, 0.9])


def kinds(scores=GOOD, **given):
    return [n.kind for n in diagnose({"fold 0": columns(**given)}, {"fold 0": scores})]


def test_a_good_course_is_healthy_and_nothing_else():
    (note,) = diagnose({"fold 0": columns()}, {"fold 0": GOOD})
    assert note.kind == "healthy" and note.good
    assert "0.885 at step 1000" in note.seen[0]


def test_overfitting_needs_a_fall_of_validation_while_the_loss_falls():
    (note,) = diagnose({"fold 0": columns(dice=(0.7, 0.85, 0.83, 0.82, 0.81))}, {"fold 0": GOOD}, "runs/a")
    assert note.kind == "overfitting" and not note.good
    assert "0.850 at step 400" in note.seen[0] and "0.810" in note.seen[0]
    # the best score was reached after 400 of 1000 steps of 600 s
    assert note.command == "delineate train DATA -o runs/a-shorter --time 4min"
    assert "overfitting" not in kinds(dice=(0.7, 0.85, 0.845, 0.84, 0.835))  # a fall of 0.015
    assert "overfitting" not in kinds(dice=(0.7, 0.83, 0.84, 0.85, 0.82))  # one validation after the best
    rising = [*FALLING[:10], *np.linspace(0.5, 1.2, 15)]
    assert "overfitting" not in kinds(loss=rising, dice=(0.7, 0.85, 0.83, 0.82, 0.81))


def test_not_converged_where_validation_rises_to_the_end():
    (note,) = diagnose({"fold 0": columns(dice=(0.3, 0.5, 0.6, 0.68, 0.74))}, {"fold 0": GOOD}, "runs/a")
    assert note.kind == "not converged"
    assert "0.600 at step 600" in note.seen[0] and "0.740" in note.seen[0]
    assert note.command.endswith("--time 20min")  # twice 600 s
    assert "not converged" not in kinds(dice=(0.3, 0.5, 0.735, 0.738, 0.74))
    assert "not converged" not in kinds(dice=(0.3, 0.5, 0.6, 0.9, 0.65))  # it fell at the end


def test_a_class_without_a_voxel_found_has_collapsed_where_the_loss_is_flat():
    scores = table(8, liver=[0.9] * 8, tumour=[0.0] * 7 + [0.04])
    flat = [1.5, 0.9, 0.7, 0.65, *[0.6] * 20]
    (note,) = diagnose({"fold 0": columns(loss=flat)}, {"fold 0": scores})
    assert note.kind == "collapsed"
    assert "tumour has Dice 0.005 over the 8 cases" in note.seen[0] and "liver" not in note.seen[0]
    falling = list(np.linspace(2, 0.5, 24))
    assert kinds(scores, loss=falling) == ["not converged"]  # time may still help
    assert "collapsed" not in kinds(GOOD, loss=flat)


def test_classes_that_are_in_no_truth_are_not_missing():
    scores = summarise([
        ClassScore(case="a", class_name="liver", state="false alarm", values={"dice": 0.0}),
        ClassScore(case="a", class_name="tumour", state="missed", values={"dice": 0.0}),
        ClassScore(case="a", class_name="cyst", state="absent", values={"dice": 1.0}),
    ])  # fmt: skip
    assert missing_classes(scores) == [("tumour", 0.0, 1)]
    assert missing_classes(None) == []


def test_unstable_by_spikes_by_swings_and_by_losses_that_are_no_number():
    spiked = [*FALLING]
    spiked[15] += 1.0  # of a fall of about 1.3
    (note,) = diagnose({"fold 0": columns(loss=spiked)}, {"fold 0": GOOD})
    assert note.kind == "unstable" and "once" in note.seen[0] and "step 640" in note.seen[0]
    assert note.command.endswith("train.learning_rate=0.001")
    broken = [*FALLING]
    broken[5] = np.nan
    assert kinds(loss=broken) == ["unstable"]
    assert "unstable" in kinds(dice=(0.7, 0.85, 0.78, 0.86, 0.79))
    assert "unstable" not in kinds(dice=(0.7, 0.85, 0.78, 0.86, 0.87))  # one fall


def test_noise_and_the_steep_beginning_are_no_spikes():
    rng = np.random.default_rng(0)
    assert loss_spikes(np.array(FALLING) + rng.normal(0, 0.03, len(FALLING))) == []
    early = np.array(FALLING)
    early[2] += 1.0
    assert loss_spikes(early) == []


def test_validation_is_too_small_by_number_or_by_width():
    few = table(3, liver=[0.88, 0.89, 0.87])
    (note,) = diagnose({"fold 0": columns()}, {"fold 0": few})
    assert note.kind == "small validation" and "3 validation cases, mean Dice 0.880" in note.seen[0]
    wide = table(8, liver=[0.2, 0.95, 0.9, 0.5, 0.93, 0.1, 0.9, 0.8])
    assert kinds(wide) == ["small validation"]
    assert "small validation" in kinds(table(1, liver=[0.9]))
    assert "small validation" not in kinds(GOOD)


def test_a_course_of_a_few_points_is_not_judged():
    (note,) = diagnose({"fold 0": columns(loss=[1.0, 0.9], dice=(0.5,), validated=(1000,))}, {"fold 0": GOOD})
    assert note.kind == "short" and "1 validation and 2 recorded losses" in note.seen[0]
    empty = {k: v[:0] for k, v in columns().items()}
    assert [n.kind for n in diagnose({"fold 0": empty})] == ["short"]


def test_folds_share_a_note_and_one_bad_fold_is_not_called_healthy():
    bad = columns(dice=(0.3, 0.5, 0.6, 0.68, 0.74))
    (note,) = diagnose({"fold 0": bad, "fold 1": columns(), "fold 2": bad})
    assert note.kind == "not converged"
    assert [s[:7] for s in note.seen] == ["fold 0:", "fold 2:"]
    (well,) = diagnose({"fold 0": columns(), "fold 1": columns()})
    assert well.kind == "healthy" and len(well.seen) == 2


def test_a_file_without_some_columns_gives_a_curve():
    curve = Curve.of({"step": np.array([1.0, 2.0]), "loss": np.array([2.0, 1.0])})
    assert curve.short and curve.end == 2 and list(curve.loss) == [2.0, 1.0]


def test_whether_cases_are_enough_is_judged_by_those_of_all_folds():
    three = table(3, liver=[0.88, 0.89, 0.87])
    assert kinds(three) == ["small validation"]
    both = {"fold 0": columns(), "fold 1": columns()}
    (note,) = diagnose(both, {"fold 0": three, "fold 1": three})
    assert note.kind == "healthy"
