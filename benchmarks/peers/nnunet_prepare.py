"""nnU-Net v2's own preparation of the folder that benchmarks/prepare.py made; run with a Python that has nnunetv2.

usage: python benchmarks/peers/nnunet_prepare.py DATA WORK WORKERS SPACING_MM

DATA is laid out as the Decathlon does. The scans are linked, not copied. Runs `nnUNetv2_plan_and_preprocess` for the
configuration 3d_fullres without its integrity check, to the spacing given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """See the module."""
    data, work, workers, spacing = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3], sys.argv[4]
    raw = work / "raw" / "Dataset001_Phantom"
    for folder in ("imagesTr", "labelsTr"):
        (raw / folder).mkdir(parents=True)
        for path in (data / folder).glob("*.nii.gz"):
            stem = path.name.removesuffix(".nii.gz") + ("_0000" if folder == "imagesTr" else "")
            (raw / folder / f"{stem}.nii.gz").symlink_to(path)
    told = json.loads((data / "dataset.json").read_text())
    facts = {
        "channel_names": {"0": "CT"},
        "labels": {name: int(value) for value, name in told["labels"].items()},
        "numTraining": len(told["training"]),
        "file_ending": ".nii.gz",
    }
    (raw / "dataset.json").write_text(json.dumps(facts))
    names = {"nnUNet_raw": "raw", "nnUNet_preprocessed": "preprocessed", "nnUNet_results": "results"}
    environment = {**os.environ, **{k: str(work / v) for k, v in names.items()}}
    command = [str(Path(sys.executable).parent / "nnUNetv2_plan_and_preprocess"), "-d", "1", "-c", "3d_fullres"]
    command += ["-np", workers, "-npfp", workers, "--no_pbar"]
    command += ["-overwrite_target_spacing", spacing, spacing, spacing, "-overwrite_plans_name", "Fixed"]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
