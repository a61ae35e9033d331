from __future__ import annotations

from pathlib import Path

import pytest

from delineate.core.errors import RunExistsError
from delineate.core.run import RunFolder


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("half")


def test_what_a_killed_process_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = {"plan.json", "folds/0/last.json", "prepared/.writing-x-case", "thesis.writing-up"}
    write(tmp_path, *kept, ".writing-a-data.json", "folds/0/.writing-b-last.safetensors", "folds/0/tb/.writing-c")
    RunFolder(tmp_path).tidy()
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()} == kept


def test_killed_while_its_first_file_was_written_a_run_can_be_begun_again(tmp_path: Path) -> None:
    write(tmp_path, ".writing-a-config.toml")
    RunFolder(tmp_path).begin()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["thesis.txt", "plan.json", "folds/0/last.json"])
def test_what_is_there_is_refused_and_kept(name: str, tmp_path: Path) -> None:
    write(tmp_path, name, ".writing-by-another-process")
    with pytest.raises(RunExistsError):
        RunFolder(tmp_path).begin()
    assert (tmp_path / name).read_text() == "half" and (tmp_path / ".writing-by-another-process").exists()
