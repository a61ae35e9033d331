"""Three networks, three folds, two minutes each on Hippocampus, unattended: killed once in the middle, begun again, and
its LaTeX compiled where there is a pdflatex.

usage: python benchmarks/compare.py DATA OUT [--nets a,b,c] [--time 2min] [--steps N] [--folds 3]

DATA is the Decathlon's Task04 folder (imagesTr, labelsTr). Without --nets the first three of the registry are taken,
or as many as there are. With --steps so many steps are trained instead (to try this out). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from delineate.nets.net import NETS

MOST_NETS = 3


def command(asked: argparse.Namespace) -> list[str]:
    """The study as a person would type it."""
    program = [sys.executable, "-c", "from delineate.cli import main; main()"]
    words = ["compare", str(asked.data), "--nets", asked.nets, "--seeds", "1", "--folds", str(asked.folds)]
    sets = ["--set", f"train.steps={asked.steps}", "--set", "plan.width=8"] if asked.steps else []
    return [*program, *words, "--time", asked.time, "-o", str(asked.out), "--json", *sets]


def kill_in_the_middle(asked: argparse.Namespace) -> dict[str, Any]:
    """Kill, without a chance to tidy up, when about half of the trainings are done and one is at work."""
    cells = len(asked.nets.split(",")) * asked.folds
    process = subprocess.Popen(command(asked), stdout=subprocess.DEVNULL)
    while process.poll() is None:
        states = [json.loads(p.read_text())["state"] for p in asked.out.glob("runs/*/*/*/state.json")]
        busy = any(p.exists() for p in asked.out.glob("runs/*/*/*/folds/*/last.json")) and "running" in states
        if states.count("done") >= cells // 2 and busy:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return {"killed_after": states.count("done"), "of": cells}
        time.sleep(0.1)
    return {"killed_after": None, "of": cells}


def finish(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    """The same command once more."""
    done = subprocess.run(command(asked), stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def compile_latex(table: Path) -> str:
    """Whether pdflatex takes the table as it stands."""
    if shutil.which("pdflatex") is None:
        return "no pdflatex here"
    page = table.with_name("paper.tex")
    page.write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\usepackage[landscape]{geometry}\n"
        "\\begin{document}\\input{leaderboard}\\end{document}\n"
    )
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", page.name]
    done = subprocess.run(words, cwd=table.parent, stdout=subprocess.PIPE, text=True, check=False)
    return "compiles" if done.returncode == 0 else done.stdout[-1000:]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--nets", default=",".join(list(NETS)[:MOST_NETS]))
    parser.add_argument("--time", default="2min")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--folds", type=int, default=3)
    asked = parser.parse_args()
    begun = time.monotonic()
    killed = kill_in_the_middle(asked)
    code, board = finish(asked)
    attempts = {
        "/".join(p.parts[-4:-1]): json.loads(p.read_text())["attempts"] for p in asked.out.glob("runs/*/*/*/state.json")
    }
    told = {
        **killed,
        "exit_code": code,
        "wall_s": round(time.monotonic() - begun, 1),
        "begun_twice": [name for name, count in attempts.items() if count > 1],
        "unfinished": board["unfinished"],
        "dice": {e["name"]: e["quality"]["dice"] for e in board["entries"]},
        "cost": {e["name"]: e["cost"] for e in board["entries"]},
        "latex": compile_latex(asked.out / "leaderboard.tex"),
    }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
