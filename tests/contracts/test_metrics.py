"""What every metric promises: on voxels counted (any numbers) and on masks (3D, 2D, regions, ignored voxels)."""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import METRICS, Metric, counting_metrics
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.score import ClassScore, score_case

NAMES = METRICS.names()
ALL = tuple(METRICS[n] for n in NAMES)
COUNTING = tuple(m.name for m in counting_metrics())
RANKING = tuple(m for m in ALL if m.better != "neither")
NUMBER = st.integers(0, 10**9)
COUNTS = st.builds(Counts, NUMBER, NUMBER, NUMBER, NUMBER, st.floats(1e-6, 10))
SEEDS = st.integers(0, 10**6)
GRIDS = [((4, 5, 6), (2.5, 1.0, 0.7)), ((1, 7, 8), (5.0, 0.6, 1.1))]
FIELDS = ("Unit", "Range", "Better", "Empty masks", "Paper")
SYMMETRIC = {
    "accuracy", "assd", "boundary_iou", "cldice", "dice", "hd", "hd95", "iou", "kappa", "lesion_f1", "masd", "nsd",
    "panoptic_quality", "recognition_quality", "segmentation_quality", "volume_error_ml", "volume_similarity",
}  # fmt: skip
both = pytest.mark.parametrize(("shape", "spacing"), GRIDS, ids=["3D", "2D"])
few = settings(max_examples=15, deadline=None)


def masks(seed: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A truth and a prediction that agree in part, never empty."""
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < rng.uniform(0.05, 0.6)
    prediction = np.where(rng.random(shape) < rng.random(), truth, rng.random(shape) < rng.random())
    truth[0, 0, 0] = prediction[0, 1, 1] = True
    return prediction, truth


def values(pair: ClassPair) -> dict[str, float]:
    return ClassScore.of(pair, "", "").values


def no_better(metric: Metric, value: float, than: float) -> bool:
    return value <= than + 1e-9 if metric.better == "higher" else value >= than - 1e-9


def test_the_metrics_of_the_issues_are_there() -> None:
    assert set(NAMES) >= {
        "dice", "iou", "precision", "recall", "specificity", "false_positive_rate", "false_negative_rate", "accuracy",
        "volume_ml", "truth_volume_ml", "volume_error_ml", "relative_volume_error", "hd", "hd95", "assd", "masd",
        "nsd", "boundary_iou", "cldice", "kappa", "lesion_sensitivity", "lesion_precision", "lesion_f1",
        "panoptic_quality",
    }  # fmt: skip


@pytest.mark.parametrize("metric", ALL, ids=NAMES)
def test_says_what_it_is(metric: Metric) -> None:
    text = metric.formula.__doc__ or ""
    for field in FIELDS:
        assert len(re.findall(rf"^ *{field}: \S", text, re.MULTILINE)) == 1, field
    told = re.search(r"Better: (\w+)", text)
    assert told and told[1] == {"neither": "describes"}.get(metric.better, metric.better)
    assert metric.unit or metric.better != "neither"


@pytest.mark.parametrize("metric", ALL, ids=NAMES)
def test_has_a_section_of_the_page_of_metrics_that_says_the_same(metric: Metric) -> None:
    section = section_of(metric.name)
    told = dict(re.findall(r"^- ([\w ]+): (.+)$", section, re.MULTILINE))
    words, _, example = inspect.cleandoc(metric.formula.__doc__ or "").partition("\nExample:\n")
    fields = re.split(rf"^({'|'.join(FIELDS)}): ", words, flags=re.MULTILINE)
    assert told == {name: " ".join(text.split()) for name, text in zip(fields[1::2], fields[2::2], strict=True)}
    assert example_of(section) == textwrap.dedent(example).strip()


def section_of(name: str) -> str:
    """A metric's section of the page."""
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^### `{name}`\n(.*?)(?=^###? |\Z)", page, re.MULTILINE | re.DOTALL)
    return found


def example_of(section: str) -> str:
    """The drawing in a section of the page."""
    (found,) = re.findall(r"^Example:\n\n```text\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
    return found


@pytest.mark.parametrize("metric", ALL, ids=NAMES)
def test_the_example_of_its_section_is_true(metric: Metric) -> None:
    """The masks as they are drawn give the value and the counts told, and the arithmetic gives the value."""
    text = example_of(section_of(metric.name))
    rows = re.findall(r"^([.#]+) +([.#]+)$", text, re.MULTILINE)
    assert len(rows) <= 6 and all(len(t) == len(p) <= 6 for t, p in rows)
    truth, prediction = (np.array([[[c == "#" for c in row] for row in side]]) for side in zip(*rows, strict=True))
    size = re.search(r"(?:pixels|voxels) of ([\d.]+(?: x [\d.]+)*) mm", text)
    assert size or not metric.unit or metric.unit == "true volumes", "what is in mm or ml says how large a pixel is"
    sides = [float(n) for n in size[1].split(" x ")] if size else []
    pair = ClassPair.of(prediction, truth, (*[1.0] * (3 - len(sides)), *sides))
    told = re.findall(r"\b(TP|FP|FN|TN) (\d+)", text)
    assert {name: int(n) for name, n in told} == {name: getattr(pair.counts, name.lower()) for name, _ in told}
    arithmetic, _, value = text.splitlines()[-1].rpartition(" = ")
    exact = metric(pair)
    assert f"{exact:.{len(value.partition('.')[2])}f}" == value
    assert exact == pytest.approx(float(value), abs=5e-5) == calculated(arithmetic)


def calculated(arithmetic: str) -> float:
    """``2 x 2 / |1 - 3| + sqrt(3^2)``."""
    python = re.sub(r"\|(.+?)\|", r"abs(\1)", arithmetic).replace(" x ", " * ").replace("^", "**")
    assert re.fullmatch(r"(?:[\d .,()+*/-]|sqrt|max|abs)+", python), python
    return float(eval(python, {"sqrt": math.sqrt}))


@pytest.mark.parametrize("name", COUNTING)
@given(counts=COUNTS)
def test_counted_scores_lie_between_worst_and_perfect(name: str, counts: Counts) -> None:
    value = METRICS[name](ClassPair.counted(counts))
    assert value >= 0
    assert METRICS[name].better == "neither" or value <= 1


@pytest.mark.parametrize("name", COUNTING)
@given(tp=NUMBER, fp=NUMBER, fn=NUMBER, tn=NUMBER)
def test_emptying_counts_of_something_there_never_helps(name: str, tp: int, fp: int, fn: int, tn: int) -> None:
    metric = METRICS[name]
    if tp + fn == 0 or metric.better == "neither":
        return
    before, emptied = (metric(ClassPair.counted(Counts(*c))) for c in ((tp, fp, fn, tn), (0, 0, tp + fn, tn + fp)))
    assert emptied == 1 - metric.perfect
    assert no_better(metric, emptied, before)


@pytest.mark.parametrize("metric", [m for m in ALL if m.needs_masks], ids=lambda m: m.name)
def test_refuses_counts_where_it_needs_masks(metric: Metric) -> None:
    with pytest.raises(ValueError, match="masks"):
        metric(ClassPair.counted(Counts(1, 1, 1, 1)))


@both
def test_both_empty_is_perfect(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> None:
    empty = np.zeros(shape, bool)
    for pair in (ClassPair.of(empty, empty, spacing), ClassPair.of(empty, empty, spacing, valid_zyx=empty)):
        assert pair.counts.state == "absent"
        assert values(pair) == {m.name: m.perfect for m in ALL}


@both
@few
@given(seed=SEEDS)
def test_full_agreement_is_perfect(shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int) -> None:
    _, truth = masks(seed, shape)
    for mask in (truth, np.ones(shape, bool)):
        found = values(ClassPair.of(mask, mask, spacing))
        assert {m.name: found[m.name] for m in RANKING} == pytest.approx({m.name: m.perfect for m in RANKING})


@both
@few
@given(seed=SEEDS)
def test_values_lie_between_worst_and_perfect_and_emptying_gives_the_worst(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int
) -> None:
    prediction, truth = masks(seed, shape)
    pair, missed = (ClassPair.of(p, truth, spacing) for p in (prediction, np.zeros_like(prediction)))
    found, emptied = values(pair), values(missed)
    for metric in RANKING:
        assert emptied[metric.name] == metric.worst(missed)
        assert no_better(metric, emptied[metric.name], found[metric.name]), metric.name
        assert no_better(metric, found[metric.name], metric.perfect), metric.name
    assert all(np.isfinite(v) and v >= 0 for v in (*found.values(), *emptied.values()))


@both
@few
@given(seed=SEEDS)
def test_a_false_alarm_is_never_perfect(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int
) -> None:
    prediction, _ = masks(seed, shape)
    pair = ClassPair.of(prediction, np.zeros(shape, bool), spacing)
    for metric in RANKING:
        value = metric(pair)
        assert value != metric.perfect
        assert metric.by_formula_on_false_alarm or value == metric.worst(pair)


@both
@few
@given(seed=SEEDS)
def test_ignored_voxels_count_nowhere(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int
) -> None:
    prediction, truth = masks(seed, shape)
    valid = np.random.default_rng(seed + 1).random(shape) < 0.7
    plain = ClassPair.of(prediction & valid, truth & valid, spacing, valid)
    found = values(plain)
    assert values(ClassPair.of(prediction | ~valid, truth | ~valid, spacing, valid)) == found
    labels = Labels.exclusive({1: "a"}, ignore_value=9)
    ids = np.where(valid, truth, labels.ignore_id).astype(np.uint8)
    (score,) = score_case(prediction.astype(np.uint8), ids, labels, Geometry(shape=shape, spacing_mm=spacing))
    assert score.values == found


@both
@few
@given(seed=SEEDS)
def test_a_region_is_measured_as_the_mask_of_its_union(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,), "none": (3,)}, order=(1, 2, 3))
    prediction, truth = (rng.choice(4, shape, p=(0.5, 0.3, 0.19, 0.01)).astype(np.uint8) for _ in range(2))
    scores = score_case(prediction, truth, labels, Geometry(shape=shape, spacing_mm=spacing))
    for score, p, t in zip(scores, labels.masks(prediction), labels.masks(truth), strict=True):
        pair = ClassPair.of(p, t, spacing)
        assert score.values == values(pair)
        assert score.state == pair.counts.state


@both
@few
@given(seed=SEEDS)
def test_symmetric_metrics_do_not_ask_which_is_the_truth(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int
) -> None:
    prediction, truth = masks(seed, shape)
    one, other = values(ClassPair.of(prediction, truth, spacing)), values(ClassPair.of(truth, prediction, spacing))
    assert {n: one[n] for n in SYMMETRIC} == pytest.approx({n: other[n] for n in SYMMETRIC})
    assert (one["precision"], one["volume_ml"]) == (other["recall"], other["truth_volume_ml"])
    assert one["lesion_precision"] == pytest.approx(other["lesion_sensitivity"])


@both
@few
@given(seed=SEEDS, factor=st.sampled_from([0.25, 2.0, 4.0]))
def test_distances_scale_with_the_spacing(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], seed: int, factor: float
) -> None:
    prediction, truth = masks(seed, shape)
    plain = values(ClassPair.of(prediction, truth, spacing))
    wide = values(ClassPair.of(prediction, truth, tuple(s * factor for s in spacing)))
    for metric in ALL:
        if metric.name != "nsd":  # its tolerance stays
            times = {"mm": factor, "ml": factor**3}.get(metric.unit, 1.0)
            assert wide[metric.name] == pytest.approx(plain[metric.name] * times, rel=1e-5), metric.name
