"""What ``delineate compare`` refuses before it trains."""

from __future__ import annotations


def test_several_data_sets_with_nets(cli, tmp_path):
    status, out, err = cli("compare", tmp_path / "a", tmp_path / "b", "--nets", "unet")
    assert (status, out) == (1, "")
    assert "2 paths with --nets" in err and "one data set" in err
