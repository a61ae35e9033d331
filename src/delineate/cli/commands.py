"""All commands of the program, in the order in which its help lists them."""

from __future__ import annotations

from typing import Annotated

import typer

import delineate
from delineate.cli.benching import bench
from delineate.cli.checking import check
from delineate.cli.comparing import compare
from delineate.cli.demonstration import demo, phantom
from delineate.cli.doctoring import doctor
from delineate.cli.evaluation import evaluate
from delineate.cli.explaining import explain
from delineate.cli.machine import env
from delineate.cli.networks import app as nets_app
from delineate.cli.plugins import ROOMS, listing
from delineate.cli.prediction import predict
from delineate.cli.reporting import report
from delineate.cli.training import train

VERBS = (check, train, predict, evaluate, compare, explain, report, doctor, bench, env, demo, phantom)

app = typer.Typer(
    name="delineate",
    help="Medical image segmentation in the memory and the time you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Medical image segmentation in the memory and the time you have."""
    if version:
        typer.echo(delineate.__version__)
        raise typer.Exit


for _verb in VERBS:
    app.command()(_verb)
app.add_typer(nets_app, name="nets")
for _room in ROOMS:
    app.command(_room)(listing(_room))
