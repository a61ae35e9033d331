from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.dataset.find import find_cases
from delineate.dataset.group import patient_of


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("patient001_frame12", "patient001"),
        ("SC-HF-I-04-IM-0001-0007", "SC-HF-I-04"),
        ("SC-N-03-IM-0001-0228", "SC-N-03"),
        ("LIDC-0001_n0", "LIDC-0001"),
        ("sub-rat3_ses-02_sample-data11_run-1_SEM", "sub-rat3"),
        ("brats_2013_pat0005_1", "brats_2013_pat0005"),
        ("BraTS-GLI-00001-000", "BraTS-GLI-00001"),
        ("case_00015", "case_00015"),
        ("case3_slice_014", "case3"),
        ("TCGA-AB-1234-01Z", "TCGA-AB-1234"),
        ("hippocampus_001", "hippocampus_001"),
        ("train_img_07", "train_img_07"),
        ("00ae65c1c663", "00ae65c1c663"),
        ("ISIC_0000012", "ISIC_0000012"),
    ],
)
def test_patient_in_a_name(name: str, patient: str) -> None:
    assert patient_of(name) == patient


def test_table_beside_the_data(touch: Callable[..., Path]) -> None:
    root = touch("images/a.png", "images/b.png", "labels/a.png", "labels/b.png")
    (root / "cases.csv").write_text("file,patient\na.png,P\nb.png,P\n")
    assert {c.group for c in find_cases(root).cases} == {"P"}
    (root / "cases.csv").write_text("file,patient\na.png,P\n")
    assert {c.group for c in find_cases(root).cases} == {"a", "b"}
    (root / "cases.csv").write_text("case,size\na,1\nb,1\n")
    assert {c.group for c in find_cases(root).cases} == {"a", "b"}
