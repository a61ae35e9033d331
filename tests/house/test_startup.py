"""What answers at once loads no heavy library, and what reads data loads no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HEAVY = {"torch", "SimpleITK", "monai", "scipy", "nibabel", "matplotlib", "tensorboard", "lightning_fabric", "blosc2"}

PROGRAM = """
import contextlib, io, sys
sys.argv = ["delineate", *sys.argv[1:]]
code = 0
with contextlib.redirect_stdout(io.StringIO()):
    try:
        from delineate.cli import main
        main()
    except SystemExit as end:
        code = end.code or 0
print(*(m for m in sys.modules if "." not in m))
sys.exit(code)
"""


def loaded(*arguments: str) -> set[str]:
    """The top-level modules a command of its own process has loaded at its end."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("train", "--help"), ("demo", "--help")])
def test_help_loads_nothing_heavy(arguments):
    assert not loaded(*arguments) & HEAVY


def test_check_loads_no_torch(tmp_path):
    import nibabel as nib

    for i in range(3):
        image = np.random.default_rng(i).normal(0, 1, (9, 8, 7)).astype(np.float32)
        for folder, array in (("images", image), ("labels", (image > 1).astype(np.uint8))):
            (tmp_path / folder).mkdir(exist_ok=True)
            nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / folder / f"c{i}.nii.gz")
    assert not loaded("check", str(tmp_path), "--json") & {"torch", "monai", "lightning_fabric"}


def test_lists_of_formats_layouts_and_checks_load_no_torch():
    for room in ("formats", "layouts", "checks"):
        assert "torch" not in loaded(room), room


def test_modules_of_light_rooms_load_no_torch():
    import delineate

    root = Path(delineate.__file__).parent
    rooms = ("core", "formats", "dataset", "plan", "evaluate", "store", "show", "phantom")
    files = [p for room in rooms for p in (root / room).rglob("*.py")]
    names = [".".join(("delineate", *p.relative_to(root).with_suffix("").parts)) for p in files]
    code = f"import importlib, sys\nfor n in {names!r}: importlib.import_module(n)\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
