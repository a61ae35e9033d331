"""What a person may have edited in a run is refused before the run goes on, by the name of its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.core.errors import PlanError, RunError, SplitError
from delineate.core.labels import Labels
from delineate.core.run import RunFolder
from delineate.dataset.case import Case, Dataset
from delineate.dataset.split import Split, Splits
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.steps.edited import refuse_other_data, refuse_wrong_plan, refuse_wrong_records

OPTIONS = {"widths": [4, 8], "strides": [[1, 1], [2, 2]], "kernels": [[3, 3], [3, 3]], "blocks": 1, "decoder_blocks": 1}
WINDOW = {"level": 40.0, "width": 80.0}


def plan_of(**changes) -> Plan:
    """``net``, ``options``, ``patch`` and ``normaliser`` are those of its one stage and channel."""
    net = NetPlan(name=changes.pop("net", "plain_unet"), options=changes.pop("options", OPTIONS))
    patch = changes.pop("patch", (16, 16))
    stage = Stage(name="full", spacing_mm=(1, 1, 1), patch=patch, batch=2, net=net)
    values = {
        "dims": len(patch), "axes": (0, 1, 2), "channels": ("CT",), "labels": Labels.exclusive({5: "spot"}),
        "normalisers": (changes.pop("normaliser", Normaliser(name="window", numbers=WINDOW)),), "stages": (stage,),
        "mirror_axes": (), "anisotropic": False, "crop": "none", "memory_bytes": 2**30,
    }  # fmt: skip
    return Plan(**{**values, **changes})


def test_a_plan_that_can_be_carried_out_is_taken():
    refuse_wrong_plan(plan_of())
    refuse_wrong_plan(plan_of(crop="lung", net="unet", options={"widths": (4, 8, 8, 8, 8)}))


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"normaliser": Normaliser(name="window", numbers={**WINDOW, "width": 0})}, "normalisers.0: .*width = 0"),
        ({"normaliser": Normaliser(name="window", numbers={**WINDOW, "width": -5})}, "normalisers.0: .*width = -5"),
        ({"normaliser": Normaliser(name="window", numbers={"level": 3})}, "normalisers.0: .*lacks width"),
        ({"normaliser": Normaliser(name="windows")}, "normalisers.0: .*'windows'"),
        ({"crop": "auto"}, "crop: .*'auto'"),
        ({"crop": "liver"}, "crop: .*'liver'"),
        ({"net": "plain_unett"}, "stages.0.net: .*'plain_unett'"),
        ({"options": {**OPTIONS, "width": 3}}, "stages.0.net: .*no option 'width'"),
        ({"options": {**OPTIONS, "widths": [4, 0]}}, "stages.0.net: .*below 1"),
        ({"options": {**OPTIONS, "widths": "wide"}}, "stages.0.net: "),
        ({"options": {**OPTIONS, "widths": [4.5, 8]}}, "stages.0.net: "),
        ({"options": {**OPTIONS, "strides": [[1, 1], [2.0, 2]]}}, "stages.0.net: "),
        ({"options": {**OPTIONS, "strides": [[1, 1]]}}, "stages.0.net: .*strides"),
        ({"options": {**OPTIONS, "kernels": [[3, 3], [2, 2]]}}, "stages.0.net: .*even kernel"),
        ({"options": {**OPTIONS, "deep_supervision": -1}}, "stages.0.net: .*deep_supervision"),
        ({"net": "unet", "options": {"widths": [4, 8, 0]}}, "stages.0.net: .*"),
        ({"net": "unet", "options": {}, "patch": (8, 32)}, "stages.0.patch: .*'unet'"),
        ({"net": "psanet", "options": {}, "patch": (32, 32, 32)}, "stages.0.net: .*'psanet' in 3D"),
        ({"patch": (2**40, 2**40)}, "stages.0.net: "),
    ],
)
def test_what_a_plan_cannot_name_is_told_by_its_place(changes, told):
    with pytest.raises(PlanError, match=r"plan\.json: " + told) as caught:
        refuse_wrong_plan(plan_of(**changes))
    assert caught.value.expected and caught.value.fix


def test_what_was_expected_and_what_to_do_come_along():
    with pytest.raises(PlanError) as caught:
        refuse_wrong_plan(plan_of(net="plain_unett"))
    assert "resenc_unet" in caught.value.expected and caught.value.fix == "did you mean 'plain_unet'?"


def test_records_are_read_before_anything_else(tmp_path: Path):
    run = RunFolder(tmp_path)
    refuse_wrong_records(run)
    plan_of(normaliser=Normaliser(name="window", numbers={**WINDOW, "width": 0})).save(run.plan)
    with pytest.raises(PlanError, match="width = 0"):
        refuse_wrong_records(run)
    run.plan.unlink()
    for path in (run.plan, run.splits, run.fingerprint):
        for content in ("{}", "[]", '{"half": ', "", '{"folds": [], "note": ""}'):
            path.write_text(content)
            with pytest.raises(RunError, match=path.name):
                refuse_wrong_records(run)
        path.unlink()


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    cases = tuple(Case(name=n, images=(tmp_path / f"{n}.nii",), label=tmp_path / f"{n}_label.nii") for n in "abc")
    return Dataset(root=tmp_path, layout="test", channels=("CT",), cases=cases)


def test_a_plan_and_folds_of_other_data(data):
    plan, splits = plan_of(), Splits(folds=(Split(train=("a", "b"), validation=("c",)),), note="")
    refuse_other_data(plan, splits, data, plan.labels)
    with pytest.raises(PlanError, match="channels: CT, but the scans have CT, PET"):
        refuse_other_data(plan, splits, data.model_copy(update={"channels": ("CT", "PET")}), plan.labels)
    both = {"channels": ("CT", "PET"), "normalisers": 2 * plan.normalisers}
    refuse_other_data(plan_of(**both), splits, data.model_copy(update={"channels": ("CT", "T1")}), plan.labels)
    with pytest.raises(PlanError, match="channels: CT, PET, but the scans have PET, CT"):
        refuse_other_data(plan_of(**both), splits, data.model_copy(update={"channels": ("PET", "CT")}), plan.labels)
    for other, told in (
        (Labels.exclusive({5: "spot", 6: "rim"}), "file_values"),
        (Labels.exclusive({5: "spot"}, 9), "ignore_value"),
        (Labels.of_instances(), "file_values"),
    ):
        with pytest.raises(PlanError, match=rf"labels\.{told}"):
            refuse_other_data(plan, splits, data, other)
    refuse_other_data(plan, splits, data, Labels.exclusive({5: "another name"}))
    strange = Splits(folds=(*splits.folds, Split(train=("a", "ghost"), validation=("zoe",))), note="")
    with pytest.raises(SplitError, match="ghost, zoe"):
        refuse_other_data(plan, strange, data, plan.labels)
