"""The help lists the commands in the order of the work; tests/house/test_surface.py pins their flags."""

from __future__ import annotations

import delineate

ORDER = [
    "check",
    "train",
    "predict",
    "evaluate",
    "compare",
    "explain",
    "report",
    "doctor",
    "bench",
    "env",
    "demo",
    "phantom",
]


def test_version(cli):
    assert cli("--version") == (0, f"{delineate.__version__}\n", "")


def test_help_lists_the_commands_in_order(cli):
    status, out, _ = cli("--help")
    listed = [line.split()[0] for line in out.partition("Commands:")[2].splitlines() if line.strip()]
    assert status == 0
    assert listed[: len(ORDER)] == ORDER


def test_without_arguments_it_helps(cli):
    _, out, err = cli()
    assert "Commands:" in out + err
