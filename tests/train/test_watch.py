from __future__ import annotations

import csv
import re

import pytest

from delineate.train.watch import COLUMNS, BarWatch, CsvWatch, LogWatch, TensorBoardWatch, Watches, memory_gib


def row(step, **values):
    return {"step": str(step), "seconds": 1.5, "phase": "train", "loss": 0.25, **values}


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rows_are_on_the_disk_at_once(tmp_path):
    path = tmp_path / "metrics.csv"
    watch = CsvWatch(path, 0)
    watch.heard(row(10))
    rows = read(path)
    watch.close()
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["step"], rows[0]["loss"], rows[0]["validation_dice"]) == ("10", "0.25", "")


def test_a_resumed_run_drops_what_its_checkpoint_had_not_seen(tmp_path):
    path = tmp_path / "metrics.csv"
    watch = CsvWatch(path, 0)
    for step in (10, 20, 30, 40):
        watch.heard(row(step))
    watch.close()
    with path.open("a", encoding="utf-8") as file:
        file.write("5")  # cut off in the middle of a row
    resumed = CsvWatch(path, 25)
    resumed.heard(row(27))
    resumed.close()
    assert [r["step"] for r in read(path)][:2] == ["10", "20"]
    assert [r["step"] for r in read(path)][-1] == "27"
    assert not {"30", "40"} & {r["step"] for r in read(path)}


def test_a_run_killed_as_soon_as_it_resumed_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "metrics.csv"
    first = CsvWatch(path, 0)
    first.heard(row(10))
    first.close()
    resumed = CsvWatch(path, 10)
    assert [r["step"] for r in read(path)] == ["10"]
    resumed.close()
    monkeypatch.setattr(csv.DictWriter, "writerows", lambda self, rows: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        CsvWatch(path, 10)
    assert [r["step"] for r in read(path)] == ["10"]


def test_a_note_stands_beside_its_validation_everywhere(tmp_path, capsys):
    noted = row(10, phase="validate", validation_dice=0.5, note="all [black], the whole of it")
    table, log = CsvWatch(tmp_path / "metrics.csv", 0), LogWatch(tmp_path / "log.txt")
    for watch in (table, log, BarWatch()):
        watch.heard(noted)
    table.close()
    log.close()
    assert read(tmp_path / "metrics.csv")[0]["note"] == noted["note"]
    line = "step 10: validation Dice 0.5000; all [black], the whole of it"
    assert line in (tmp_path / "log.txt").read_text() and line in capsys.readouterr().err


def test_a_new_run_starts_an_empty_table(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("something else\n1\n")
    CsvWatch(path, 0).close()
    assert path.read_text().strip() == ",".join(COLUMNS)


def test_tensorboard_holds_every_number(tmp_path):
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    watch = TensorBoardWatch(tmp_path / "tb", 0)
    watch.heard(row(10, lr=0.5))
    watch.moved(10, 20, {})
    watch.close()
    (file,) = (tmp_path / "tb").iterdir()
    values = {}
    for event in EventFileLoader(str(file)).Load():
        for value in event.summary.value:
            values[value.tag, event.step] = value.tensor.float_val[0] if value.tensor.float_val else value.simple_value
    assert values == {("loss", 10): 0.25, ("lr", 10): 0.5}


def test_in_a_log_a_line_is_printed_when_it_is_due(capsys):
    with BarWatch(period_s=0) as watch:
        watch.moved(5, 20, row(5, lr=1e-3, patches_per_s=2.0, memory_gib=1.0))
        watch.moved(6, 20, {"step": "6"})
        watch.heard({"step": "6", "phase": "validate", "validation_dice": 0.75})
        watch.heard(row(6))
    told = capsys.readouterr().err
    assert "training 5/20" in told
    assert "loss 0.2500  lr 1.00e-03  2.0 patches/s  1.0 GiB" in told
    assert "validation Dice 0.7500" in told


def test_on_a_terminal_there_is_a_bar_with_the_time_left(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "150")
    with BarWatch() as watch:
        for step in range(1, 6):
            watch.moved(step, 20, row(step, lr=1e-3, patches_per_s=2.0, memory_gib=1.0))
        watch.heard({"step": "5", "phase": "validate", "validation_dice": 0.75})
    told = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "━" in told and "5/20" in told and "validation Dice 0.7500" in told
    assert re.search(r"\d+:\d\d:\d\d loss 0.2500  lr 1.00e-03  2.0 patches/s  1.0 GiB", told)


def test_in_a_log_lines_come_no_oftener_than_asked(capsys):
    with BarWatch(period_s=1000) as watch:
        for step in range(5):
            watch.moved(step, 20, {})
    assert capsys.readouterr().err.count("training") <= 1


def test_several_watches_all_hear(kit):
    ears = kit.Ears(), kit.Ears()
    both = Watches(*ears)
    both.heard(row(1))
    both.moved(1, 2, {})
    assert ears[0] == ears[1]
    assert ears[0].moves == [(1, 2)]


def test_memory_is_told_in_gib():
    assert memory_gib(3 * 2**29) == pytest.approx(1.5)


def test_the_log_tells_validations_at_once_and_steps_now_and_then(tmp_path):
    from delineate.train.watch import LogWatch

    log = LogWatch(tmp_path / "log.txt", period_s=1000)
    row = {"loss": 1.0, "lr": 1e-3, "patches_per_s": 2.0, "memory_gib": 0.5}
    log.moved(1, 10, row)
    log.moved(2, 10, row)
    log.heard({"phase": "validate", "step": "2", "validation_dice": 0.5})
    log.close()
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert len(lines) == 2
    assert "step 1/10" in lines[0]
    assert lines[1].endswith("step 2: validation Dice 0.5000")
