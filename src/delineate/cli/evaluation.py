"""``delineate evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from delineate.cli.options import Json, Memory, NamesOf
from delineate.cli.printing import bars, say_json


def evaluate(
    prediction: Annotated[Path, typer.Argument(metavar="PRED", help="A mask or a folder of masks.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="The true mask or masks, of the same names.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A folder for CSV, JSON, LaTeX, HTML.")] = None,
    run: NamesOf = None,
    resample: Annotated[bool, typer.Option("--resample", help="Bring predictions to the truth's grid.")] = False,
    groups: Annotated[Path | None, typer.Option(help="A CSV: case, then columns to group by (scanner, site).")] = None,
    size_bins: Annotated[str | None, typer.Option(help="Group by true volume: tertiles, or edges in ml: 1,10.")] = None,
    probabilities: Annotated[Path | None, typer.Option(help="Maps of predict: calibration too.")] = None,
    nsd_mm: Annotated[
        list[float] | None, typer.Option("--nsd-mm", help="The surface distance at this tolerance, too. Repeatable.")
    ] = None,
    per_slice: Annotated[
        str | None, typer.Option(metavar="AXIS", help="Each slice, too: along z, y, x, or auto, the coarsest axis.")
    ] = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Scores per case and class, with what the means leave out."""
    from delineate import steps

    used: list[Any] = []
    with bars(not as_json) as progress:
        table = steps.evaluate(
            prediction, truth, out, run, progress, resample=resample, memory=memory, groups=groups,
            size_bins=size_bins, told=used.append, nsd_mm=nsd_mm or (), per_slice=per_slice,
        )  # fmt: skip
        maps = None if probabilities is None else steps.calibrate(probabilities, truth, out, run, progress)
    if as_json:
        calibration = {} if maps is None else {"calibration": maps.model_dump(mode="json")}
        say_json({**table.model_dump(mode="json"), **calibration, "memory": vars(used[0])})
    else:
        from delineate.show.scoretext import show_scores

        show_scores(table)
        if table.slices:
            from delineate.show.slicetext import show_slices

            show_slices(table.slices)
        if maps is not None:
            from delineate.show.calibrationtext import show_calibration

            show_calibration(maps)
        typer.echo(str(used[0]))
