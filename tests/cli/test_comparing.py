"""What ``delineate compare`` refuses before it trains."""

from __future__ import annotations


def test_several_data_sets_with_nets(cli, tmp_path):
    status, out, err = cli("compare", tmp_path / "a", tmp_path / "b", "--nets", "unet")
    assert (status, out) == (1, "")
    assert "2 paths with --nets" in err and "one data set" in err


def test_flags_of_training_are_refused_for_runs_that_are_there(cli, tmp_path):
    flags = {"--seeds": 0, "--folds": 2, "--time": "1min", "--memory": "1GiB", "--set": "seed=1", "--ray": "local"}
    for flag, value in flags.items():
        status, _, err = cli("compare", tmp_path / "a", tmp_path / "b", flag, value)
        assert status == 1 and f"{flag} without --nets" in err, err
    status, _, err = cli("compare", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "out", "--anyway")
    assert status == 1 and "without --nets" not in err and str(tmp_path / "a") in err
