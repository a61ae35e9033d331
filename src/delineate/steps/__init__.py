"""The Python API, one function per verb: the only room that joins the others."""

from delineate.steps.benching import BenchResult, bench
from delineate.steps.calibrating import calibrate
from delineate.steps.checking import check
from delineate.steps.comparing import compare, compare_runs
from delineate.steps.demonstration import DemoResult, demo, phantom
from delineate.steps.doctoring import doctor
from delineate.steps.evaluation import evaluate
from delineate.steps.explaining import explain
from delineate.steps.machine import env, versions
from delineate.steps.networks import NetRow, check_net_weights, draw_net, nets
from delineate.steps.plugins import plugins
from delineate.steps.prediction import predict
from delineate.steps.reporting import report
from delineate.steps.symptoms import Diagnosis
from delineate.steps.training import TrainResult, train

__all__ = [
    "BenchResult",
    "DemoResult",
    "Diagnosis",
    "NetRow",
    "TrainResult",
    "bench",
    "calibrate",
    "check",
    "check_net_weights",
    "compare",
    "compare_runs",
    "demo",
    "doctor",
    "draw_net",
    "env",
    "evaluate",
    "explain",
    "nets",
    "phantom",
    "plugins",
    "predict",
    "report",
    "train",
    "versions",
]
