"""``delineate phantom``: data that ``delineate check`` accepts."""

from __future__ import annotations

import json


def test_phantom(cli, tmp_path):
    status, out, err = cli("phantom", "photo", "-o", tmp_path / "data", "--cases", "2", "--json")
    assert status == 0, err
    assert json.loads(out) == {"folder": str(tmp_path / "data")}
    assert any((tmp_path / "data").rglob("*.png"))
    status, _, err = cli("check", tmp_path / "data")
    assert status == 0, err
