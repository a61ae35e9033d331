from __future__ import annotations

from delineate.show.nettable import NetRow, show_net, show_nets

ROW = NetRow(name="unet", dims=(2, 3), year=2015, title="U-Net", paper="R. 2015", options={"width": 8})
PRICED = ROW.model_copy(update={"parameters": 31_040_000, "multiply_adds": 48_100_000_000, "memory_bytes": 2**30})


def test_columns_without_numbers_are_left_out(capsys):
    show_nets([ROW])
    plain = capsys.readouterr().out
    assert "unet" in plain and "2, 3" in plain and "weights" not in plain and "step" not in plain
    show_nets([PRICED.model_copy(update={"step_s": 0.25})])
    full = capsys.readouterr().out
    assert all(word in full for word in ("31.04 M", "48.10 G", "1.0 GiB", "0.25 s"))


def test_numbers_are_whole_on_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    show_nets([PRICED.model_copy(update={"title": "A title of a good many words", "step_s": 0.25})])
    told = capsys.readouterr().out
    assert all(word in told for word in ("31.04 M", "48.10 G", "1.0 GiB", "0.25 s", "words")) and "…" not in told


def test_what_was_refused_is_told_below(capsys):
    show_nets([PRICED, ROW.model_copy(update={"name": "danet", "refused": "attention of 9 to 9 voxels"})])
    assert "danet: attention of 9 to 9 voxels" in capsys.readouterr().out.splitlines()[-1]


def test_a_card_tells_paper_and_options(capsys):
    show_net(PRICED)
    told = capsys.readouterr().out
    assert "R. 2015" in told and "width=8" in told and "31.04 M weights" in told
