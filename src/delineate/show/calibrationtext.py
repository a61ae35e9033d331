"""Calibration as text for a terminal."""

from __future__ import annotations

from delineate.evaluate.probabilities import Calibration


def show_calibration(calibration: Calibration) -> None:
    """One line per class over all cases together."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("class", "ECE", "ACE", "Brier", "voxels", title="calibration (0 is perfect)")
    for c in calibration.classes:
        table.add_row(escape(c.class_name), *(f"{v:.5f}" for v in (c.ece, c.ace, c.brier)), f"{c.voxels:,}")
    console.print(table)
    for note in calibration.notes:
        console.print(f"note: {note}", markup=False)
