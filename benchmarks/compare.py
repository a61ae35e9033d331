"""Three networks, three folds, two minutes each on Hippocampus, unattended: killed once in the middle, begun again, and
its LaTeX compiled where there is a pdflatex.

usage: python benchmarks/compare.py DATA OUT [--nets a,b,c] [--time 2min] [--steps N] [--folds 3]

DATA is the Decathlon's Task04 folder (imagesTr, labelsTr), or the word "phantom" for six synthetic scans. With --steps
so many steps are trained instead of minutes (to try this out). Prints one JSON object; ``began_at`` holds, for each
training that was begun more than once, the step at which each attempt began. The exit code is 0 if all went as it
should, the killed training from its checkpoint. The LaTeX needs texlive-latex-base and texlive-latex-recommended (for
booktabs); without, that part is skipped, and that is told.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from delineate.phantom.phantom import make_phantom

NETS = "plain_unet,resenc_unet,highresnet"
PHANTOM = "phantom"
PAPER = """\\documentclass{article}
\\usepackage{booktabs}
\\usepackage[a3paper,landscape,margin=2cm]{geometry}
\\begin{document}
\\input{leaderboard}
\\end{document}
"""


def command(asked: argparse.Namespace) -> list[str]:
    """The study as a person would type it."""
    program = [sys.executable, "-c", "from delineate.cli import main; main()"]
    words = ["compare", str(asked.data), "--nets", asked.nets, "--seeds", "1", "--folds", str(asked.folds)]
    sets = ["--set", f"train.steps={asked.steps}", "--set", "train.checkpoint_every_s=0.5"] if asked.steps else []
    return [*program, *words, "--time", asked.time, "-o", str(asked.out), "--json", *sets]


def kill_in_the_middle(asked: argparse.Namespace) -> dict[str, Any]:
    """Kill, without a chance to tidy up, when about half of the trainings are done and one has left a checkpoint."""
    cells = len(asked.nets.split(",")) * asked.folds
    process = subprocess.Popen(command(asked), stdout=subprocess.DEVNULL)
    while process.poll() is None:
        states = {p.parent: json.loads(p.read_text())["state"] for p in asked.out.glob("runs/*/*/*/state.json")}
        done = list(states.values()).count("done")
        busy = [r for r, state in states.items() if state == "running" and not (r / "result.json").exists()]
        cards = [card for run in busy for card in run.glob("folds/*/last.json")]
        if done >= cells // 2 and cards:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed = {"killed": name_of(cards[0].parents[2]), "killed_at": step_of(cards[0])}
            return {"killed_after": done, "of": cells, **killed}
        time.sleep(0.1)
    return {"killed_after": None, "of": cells, "killed": None, "killed_at": None}


def name_of(run: Path) -> str:
    """Network, seed and fold of a training."""
    return "/".join(run.parts[-3:])


def step_of(card: Path) -> int:
    """The step that a checkpoint is of."""
    return int(json.loads(card.read_text())["card"]["state"]["step"])


def finish(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    """The same command once more."""
    done = subprocess.run(command(asked), stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def compile_latex(table: Path) -> dict[str, Any]:
    """Whether pdflatex takes the table as it stands, and by how many points it is wider than a landscape A3 page."""
    if shutil.which("pdflatex") is None:
        return {"skipped": "no pdflatex here: apt-get install texlive-latex-base texlive-latex-recommended"}
    page = table.with_name("paper.tex")
    page.write_text(PAPER)
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", page.name]
    done = subprocess.run(
        words, cwd=table.parent, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8", errors="replace",
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return {"compiles": False, "told": done.stdout[-1000:]}
    wide = [float(w) for w in re.findall(r"Overfull .hbox \((.+?)pt too wide\)", done.stdout)]
    return {"compiles": True, "pdf_bytes": page.with_suffix(".pdf").stat().st_size, "too_wide_pt": max(wide, default=0)}


def make_phantom_data(folder: Path) -> Path:
    """Six tiny abdomens, unless they are there."""
    if not folder.exists():
        make_phantom("abdomen", folder, cases=6, size=32)
    return folder


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--nets", default=NETS)
    parser.add_argument("--time", default="2min")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--folds", type=int, default=3)
    asked = parser.parse_args()
    if str(asked.data) == PHANTOM:
        asked.data = make_phantom_data(asked.out.with_name(f"{asked.out.name}-data"))
    begun = time.monotonic()
    killed = kill_in_the_middle(asked)
    code, board = finish(asked)
    wall_s = round(time.monotonic() - begun, 1)
    began = {name_of(p.parent): json.loads(p.read_text())["began_at"] for p in asked.out.glob("runs/*/*/*/state.json")}
    goes_on = {name: steps for name, steps in began.items() if len(steps) > 1}
    told = {
        **killed,
        "exit_code": code,
        "wall_s": wall_s,
        "began_at": goes_on,
        "unfinished": board["unfinished"],
        "dice": {e["name"]: e["quality"]["dice"] for e in board["entries"]},
        "cost": {e["name"]: e["cost"] for e in board["entries"]},
        "latex": compile_latex(asked.out / "leaderboard.tex"),
    }
    print(json.dumps(told, indent=2))
    went_on = killed["killed"] is not None and goes_on.get(killed["killed"], [0])[-1] >= killed["killed_at"] > 0
    well = code == 0 and went_on and not told["unfinished"]
    sys.exit(0 if well and told["latex"].get("compiles", True) else 1)


if __name__ == "__main__":
    main()
