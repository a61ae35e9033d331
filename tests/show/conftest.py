"""Synthetic facts of a run: no training needed to draw a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import Problem, check_dataset
from delineate.dataset.fingerprint import CaseFingerprint, ChannelFingerprint, Fingerprint
from delineate.dataset.profile import profile_dataset
from delineate.dataset.split import Split
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import summarise
from delineate.plan.plan import NetPlan, Normaliser, Plan, Reason, Stage
from delineate.show.datareport import DataFacts
from delineate.show.facts import AugmentationCount, CasePicture, DrawCount, MemoryFact, Mosaic, RunFacts

NAMES = ("liver", "left kidney <b>")
CHANNELS = ("CT",)
VOID = {"meta", "link", "img", "br"}


class Nesting(HTMLParser):
    """Fails on tags that are not closed in order; keeps what the page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="session")
def well_formed() -> Callable[[str], None]:
    """``well_formed(page)`` fails unless all tags are closed, all links lead to a section and nothing is loaded."""

    def check(page: str) -> None:
        parser = Nesting()
        parser.feed(page)
        assert not parser.open
        assert all(a.startswith(("data:", "#")) for a in parser.addresses)
        assert "url(" not in page and "@import" not in page and "<script" not in page
        for name in re.findall(r'href="#(\w+)"', page):
            assert f'<section id="{name}">' in page

    return check


@pytest.fixture
def labels() -> Labels:
    return Labels.exclusive({1: NAMES[0], 2: NAMES[1]})


@pytest.fixture
def picture() -> Callable[..., CasePicture]:
    return _picture


@pytest.fixture
def run_files(tmp_path: Path, labels: Labels) -> dict[str, Path]:
    """fingerprint.json, plan.json and metrics.csv as a run has them."""
    cases = tuple(
        CaseFingerprint(
            name=f"case{i}", shape=(30 + i, 64, 60), spacing_mm=(2.5, 1, 1), crop_start=(0, 0, 0),
            crop_shape=(28, 60, 60), class_voxels=(4000 + 100 * i, 400 if i else 0), content="0",
        )
        for i in range(5)
    )  # fmt: skip
    channel = ChannelFingerprint(
        name="CT", kind="ct", mean=80, std=20, median=81, percentile_00_5=-10, percentile_99_5=190, minimum=-1000,
        maximum=1500, zero_fraction=0.02,
    )  # fmt: skip
    paths = {n: tmp_path / n for n in ("fingerprint.json", "plan.json", "metrics.csv")}
    Fingerprint(cases=cases, channels=(channel,), class_names=NAMES).save(paths["fingerprint.json"])
    _plan(labels).save(paths["plan.json"])
    paths["metrics.csv"].write_text(_metrics())
    return paths


@pytest.fixture
def facts(run_files: dict[str, Path], labels: Labels) -> RunFacts:
    rng = np.random.default_rng(0)
    problem = Problem(
        severity="warning", check="empty", case="case0", what="class left kidney is empty",
        cause="not in the field of view", fix="nothing, if that is so",
    )  # fmt: skip
    error = problem.model_copy(update={"severity": "error", "what": "label one slice short"})
    scores = [_score(f"case{i}", n, 0.9 - 0.1 * i - 0.05 * k) for i in range(4) for k, n in enumerate(NAMES)]
    scores += [_score("case9", NAMES[0], 0.0, "missed"), _score("case9", NAMES[1], 1.0, "absent")]
    shapes = ("worst", "median", "best")
    return RunFacts(
        title="liver & kidneys",
        labels=labels,
        fingerprint=run_files["fingerprint.json"],
        plan=run_files["plan.json"],
        metrics={"fold 0": run_files["metrics.csv"]},
        problems=(problem, error),
        folds=(Split(train=("case1", "case2"), validation=("case0",)),),
        scores=summarise(scores),
        cases=tuple(_picture(name=f"<script>alert({i})</script>", title=t, seed=i) for i, t in enumerate(shapes)),
        mosaic=Mosaic(rng.normal(size=(12, 40, 56)), rng.integers(0, 3, (12, 40, 56))),
        augmentations=(AugmentationCount("affine", 812, 1600), AugmentationCount("low_resolution", 160, 1600)),
        draws=(DrawCount("anywhere", 30, 50.0), DrawCount("around <liver>", 70, 50.0)),
        timings_s={"check": 3.2, "prepare": 31.0, "train": 540.0, "validate": 22.0},
        memory=MemoryFact(3.1e9, 2.7e9, 4.3e9),
        versions={"delineate": "0.1.0", "torch": "2.13.0"},
    )


@pytest.fixture(scope="session")
def data_facts(tmp_path_factory: pytest.TempPathFactory) -> DataFacts:
    """A data set of eight scans, two of one patient; the last is coarser, brighter and holds four specks."""
    folder = tmp_path_factory.mktemp("data") / "liver & <kidneys>"
    labels = Labels.exclusive({1: NAMES[0], 2: NAMES[1]})
    cases = []
    for number in range(8):
        rng, odd = np.random.default_rng(number), number == 7
        label = np.zeros((24 + number % 3, 22, 20), np.uint8)
        label[4 : 12 + number % 4, 5:15, 4:12] = 1
        if number != 2:
            label[15:18, 4 : 9 + number % 2, 13:16] = 2
        if odd:
            label[2, 2, 2] = label[2, 20, 2] = label[20, 20, 2] = label[20, 20, 18] = 1
        image = (rng.normal(100, 20, label.shape) + 60.0 * label + 4000.0 * odd).astype(np.float32)
        paths = [folder / f"p{max(1, number)}_t{number}{kind}.nii" for kind in ("", "_mask")]
        for path, array in zip(paths, (image, label), strict=True):
            path.parent.mkdir(exist_ok=True)
            nibabel.save(nibabel.Nifti1Image(array, np.diag([1, 1, 9 if odd else 2.5, 1])), path)
        group = f"p{max(1, number)}"
        cases.append(Case(name=f"{group}_<{number}>", images=(paths[0],), label=paths[1], group=group))
    data = Dataset(
        root=folder, layout="test", channels=CHANNELS, cases=tuple(cases), labels=labels, notes=("a <note>",)
    )
    result = check_dataset(data, detail=True)
    return DataFacts(
        "liver & <kidneys>", data, result, profile_dataset(data, result), [_picture("<b>first", "first")], ["a & b"]
    )


def _picture(name: str = "case0", title: str = "worst", seed: int = 0, depth: int = 30) -> CasePicture:
    rng = np.random.default_rng(seed)
    shape = (depth, 96, 88)
    z, y, x = np.indices(shape)
    middle = depth / 2

    def ball(cy: float, cx: float, radius: float) -> np.ndarray:
        return ((z - middle) * (2.5 if depth > 1 else 0)) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < radius**2

    truth = np.zeros(shape, np.uint8)
    truth[ball(44, 40, 20)], truth[ball(60, 66, 8)] = 1, 2
    prediction = np.zeros(shape, np.uint8)
    prediction[ball(45 + seed, 42, 19)], prediction[ball(61, 65, 8)] = 1, 2
    image = truth * 60.0 + rng.normal(0, 14, shape) + 40 * ball(48, 44, 42)
    return CasePicture(name, title, image, truth, prediction, (2.5, 1.0, 1.0), "Dice 0.871")


def _score(case: str, name: str, dice: float, state: str = "present") -> ClassScore:
    values = {"dice": dice, "iou": dice / (2 - dice), "volume_error_ml": 12.5}
    return ClassScore(case=case, class_name=name, state=state, values=values)


def _plan(labels: Labels) -> Plan:
    stage = Stage(name="full", spacing_mm=(2.5, 1, 1), patch=(24, 64, 64), batch=2, net=NetPlan(name="resenc_unet"))
    reasons = (
        Reason(decision="spacing", value="2.5 × 1 × 1 mm", why="the median of the data set"),
        Reason(decision="batch", value="2", why="more than <8> GiB & no less would be needed for three"),
    )
    return Plan(
        dims=3, axes=(0, 1, 2), channels=CHANNELS, labels=labels, normalisers=(Normaliser(name="ct"),), stages=(stage,),
        mirror_axes=(0, 1), anisotropic=False, crop="none", memory_bytes=3_000_000_000, reasons=reasons,
    )  # fmt: skip


def _metrics() -> str:
    rng = np.random.default_rng(1)
    lines = ["step,seconds,loss,lr,validation_dice,patches_per_s,memory_gib,phase"]
    for step in range(10, 801, 10):
        loss = 0.2 + 1.2 * np.exp(-step / 150) + rng.normal(0, 0.05)
        dice = f"{0.9 - 0.8 * np.exp(-step / 200):.4f}" if step % 100 == 0 else ""
        rate = 2e-3 * min(step / 40, 0.5 + 0.5 * np.cos(np.pi * step / 800))
        lines.append(f"{step},{step * 0.4:.1f},{loss:.4f},{rate:.6f},{dice},{9 + rng.normal():.2f},2.4,train")
    return "\n".join(lines) + "\n"
