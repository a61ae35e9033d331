"""A plan is JSON that a person may edit: what no network could be trained by is refused by the name of its place."""

from __future__ import annotations

import json

import pytest

from delineate.core.errors import RunError
from delineate.core.labels import Labels
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage

STAGE = Stage(name="full", spacing_mm=(3.0, 1.0, 1.2), patch=(8, 16, 16), batch=2, net=NetPlan(name="plain_unet"))
PLAN = Plan(
    dims=3, axes=(0, 1, 2), channels=("CT", "MR"), labels=Labels.exclusive({1: "left", 2: "right"}),
    normalisers=(Normaliser(name="window", numbers={"level": 40.0, "width": 80.0}), Normaliser(name="zscore")),
    stages=(STAGE,), mirror_axes=(2,), mirror_swaps=((1, 2),), anisotropic=True, crop="none", memory_bytes=2**30,
    n4=("MR",),
)  # fmt: skip


@pytest.fixture
def edited(edit_json, tmp_path):
    """The plan on disk with the value at one place changed."""
    path = tmp_path / "plan.json"
    PLAN.save(path)
    return lambda place, value: edit_json(path, place, value)


ABSURD = [
    (place, value)
    for place in (
        "stages.0.spacing_mm.0", "stages.0.patch.1", "stages.0.batch", "memory_bytes", "networks", "slices", "dims",
    )
    for value in (0, -3, float("nan"), float("inf"), "many", None, [])
]  # fmt: skip
ABSURD += [
    ("stages.0.spacing_mm", [1.0, 1.0]), ("stages.0.spacing_mm", 1.0), ("stages.0.spacing_mm.2", 1e-300),
    ("stages.0.spacing_mm.2", 1e300), ("stages.0.patch", []), ("stages.0.patch", [8, 8]), ("stages.0.patch", "8x8x8"),
    ("stages.0.patch.0", 8.5), ("stages.0.batch", 1.5), ("stages.0.net.name", 3), ("stages.0.net.options", [3]),
    ("stages.0.name", "../full"), ("stages.0.name", ""), ("stages.0.prior", "low"), ("stages.0.prior", "full"),
    ("stages", []), ("stages", [json.loads(STAGE.model_dump_json())] * 2), ("dims", 2), ("dims", 4),
    ("axes", [0, 1]), ("axes", [0, 1, 1]), ("axes", [0, 1, 3]), ("axes", ["z", "y", "x"]),
    ("channels", []), ("channels", ["CT"]), ("channels.0", 7), ("n4", ["T1"]), ("n4", "MR"),
    ("normalisers", []), ("normalisers.0.numbers.width", float("nan")), ("normalisers.0.numbers.width", float("inf")),
    ("normalisers.0.numbers.width", 1e39), ("normalisers.0.numbers.width", "wide"), ("normalisers.0.numbers", [80.0]),
    ("mirror_axes", [3]), ("mirror_axes", [-1]), ("mirror_axes", [1, 1]), ("mirror_axes", ["x"]),
    ("mirror_swaps", [[1, 3]]), ("mirror_swaps", [[0, 1]]), ("mirror_swaps", [[1, 1]]), ("mirror_swaps", [[1, 2, 1]]),
    ("mirror_swaps", [1, 2]), ("planes", []), ("planes", [0, 3]), ("planes", [0, 0]), ("planes", [0, 1]),
    ("slices", 3), ("slices", 2), ("anisotropic", "perhaps"), ("crop", 3), ("crop_margin_mm", -1),
    ("crop_margin_mm", float("nan")), ("crop_margin_mm", float("inf")),
    ("labels.classes", []), ("labels.classes.0.ids", []), ("labels.classes.0.ids", [3]), ("labels.classes.0.ids", [0]),
    ("labels.classes.1.output_id", 9), ("labels.file_values", [0, 1, 1]), ("labels.file_values", []),
    ("labels.ignore_value", 2), ("labels.instances", True), ("reasons", "because"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), ABSURD)
def test_what_no_network_could_be_trained_by_is_refused_by_its_place(place, value, edited):
    path = edited(place, value)
    with pytest.raises(RunError) as caught:
        Plan.load(path)
    words = [w for w in place.split(".") if not w.isdigit()]
    assert str(path) in caught.value.what and words[0] in caught.value.what, caught.value.what
    if words[0] == "stages" and len(words) > 1:
        assert f"stages.0.{words[1]}" in caught.value.what, caught.value.what


def test_every_wrong_place_is_told_at_once(edited):
    path = edited("axes", [0, 0, 0])
    path.write_text(path.read_text().replace('"channels": ["CT", "MR"]', '"channels": ["CT"]'))
    with pytest.raises(RunError, match=r"axes: \(0, 0, 0\).*; normalisers: 2 for 1 channels; n4: MR"):
        Plan.load(path)


def test_regions_cannot_change_places():
    regions = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2))
    with pytest.raises(ValueError, match="regions cannot change places"):
        Plan(**{**dict(PLAN), "labels": regions})
    assert Plan(**{**dict(PLAN), "labels": regions, "mirror_swaps": ()}).labels.regions


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("stages.0.spacing_mm", [9.0, 0.01, 1.0]), ("stages.0.patch", [1, 1, 1]), ("stages.0.batch", "4"),
        ("mirror_axes", []), ("mirror_axes", [2, 1, 0]), ("axes", [2, 0, 1]), ("n4", []), ("networks", 5),
        ("labels.classes.0.name", "liver"), ("crop_margin_mm", 3.5), ("normalisers.0.numbers.level", -1000),
    ],
)  # fmt: skip
def test_what_can_be_is_taken(place, value, edited):
    assert Plan.load(edited(place, value)) != PLAN


def test_slices_of_two_dimensions():
    flat = {"dims": 2, "stages": (STAGE.model_copy(update={"patch": (16, 16)}),), "mirror_axes": (1,)}
    plan = Plan(**{**dict(PLAN), **flat, "slices": 3, "planes": (0, 1, 2)})
    assert plan.inputs == 6
    with pytest.raises(ValueError, match="slices: 4 is not odd"):
        Plan(**{**dict(PLAN), **flat, "slices": 4})
    with pytest.raises(ValueError, match="mirror_axes"):
        Plan(**{**dict(PLAN), **flat, "mirror_axes": (2,)})
    for planes in ((), (0, 3), (-1,), (1, 1)):
        with pytest.raises(ValueError, match="planes: "):
            Plan(**{**dict(PLAN), **flat, "planes": planes})
    with pytest.raises(ValueError, match="slices\\n"):
        Plan(**{**dict(PLAN), **flat, "slices": -3})


@pytest.mark.parametrize("dims", [1, 4])
def test_two_dimensions_or_three(dims):
    stage = STAGE.model_copy(update={"patch": (8,) * dims})
    with pytest.raises(ValueError, match="dims\\n"):
        Plan(**{**dict(PLAN), "dims": dims, "stages": (stage,), "mirror_axes": (), "mirror_swaps": ()})


def test_one_channel_at_least():
    with pytest.raises(ValueError, match="channels\\n"):
        Plan(**{**dict(PLAN), "channels": (), "normalisers": (), "n4": ()})


def test_a_second_stage_may_look_at_the_first():
    low = STAGE.model_copy(update={"name": "low"})
    full = STAGE.model_copy(update={"prior": "low"})
    assert Plan(**{**dict(PLAN), "stages": (low, full)}).stages[1].prior == "low"
    with pytest.raises(ValueError, match=r"stages\.0\.prior"):
        Plan(**{**dict(PLAN), "stages": (full, low)})
