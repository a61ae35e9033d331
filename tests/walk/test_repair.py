"""A prepared file that has changed on the disk: told by name, then prepared again byte for byte."""

from __future__ import annotations

import json
import shutil


def test_a_flipped_bit_is_told_and_repaired(cli, balls, balls_run, tmp_path):
    run = shutil.copytree(balls_run, tmp_path / "run")
    index = json.loads(next((run / "prepared").glob("stage-*.json")).read_text())
    train = json.loads((run / "splits.json").read_text())["folds"][0]["train"]
    spoilt = next(c for c in index["cases"] if c["case"]["name"] in train)
    path = run / "prepared" / spoilt["folder"] / "image.b2nd"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30] + bytes([whole[-30] ^ 4]) + whole[-29:])
    shutil.rmtree(run / "folds")
    status, out, err = cli("train", balls, "-o", run, "--resume")
    assert status == 1 and "error E440" in err and spoilt["case"]["name"] in err and "--resume --repair" in err
    status, out, err = cli("train", balls, "-o", run, "--resume", "--repair")
    assert status == 0, err + out
    assert path.read_bytes() == whole
    assert (run / "report.html").exists()
