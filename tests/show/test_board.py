"""The board and its forms: what is bold, what is marked, what is told of the unfinished."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess

import pytest
from rich.console import Console

from delineate.evaluate.comparison import compare_tables
from delineate.evaluate.pooling import pool
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import Tally
from delineate.evaluate.table import summarise
from delineate.show.board import Board, Cost, Entry, Resumed, Unfinished, sort_entries
from delineate.show.comparison import write_board
from delineate.show.latex import board_latex, escape
from delineate.show.leaderboard import COSTS, board_csv, show_board

CASES = 24


def table(level: float, metrics: tuple[str, ...] = ("dice", "hd95")):
    """Two classes; the second is a little harder."""
    return summarise(
        ClassScore(
            case=f"c{i}", class_name=name, state="present",
            values={"dice": level - 0.005 * (i % 7) - harder, "hd95": 10 * (1 - level) + i % 5}
            | dict.fromkeys(set(metrics) - {"dice", "hd95"}, 0.5),
        )
        for i in range(CASES)
        for name, harder in (("liver_1", 0.0), ("tumour & rim", 0.1))
    )  # fmt: skip


@pytest.fixture
def board() -> Board:
    tables = {"good_net": table(0.9), "poor": table(0.8)}
    cost = Cost(
        parameters=1_500_000, multiply_adds=2_000_000_000, patch=(8, 8), peak_bytes=2**30, predict_s=2.5, train_s=600
    )
    good = tables["good_net"]
    pooled = pool({f"fold {f}": [r for r in good.rows if int(r.case[1:]) % 3 == f] for f in range(3)})
    entries = [Entry.of("poor", tables["poor"], cost, 3, 3), Entry.of("good_net", good, cost, 3, 3, 0.01, pooled)]
    partly = Entry.of("partly", table(0.99), Cost(), 1, 3)
    partly = partly.model_copy(update={"counts": Tally(evaluated=48, absent=3, missed=2, false_alarm=1)})
    return Board(
        title="study", asked=("data: x_y",), metrics=("dice", "hd95"), entries=sort_entries([*entries, partly]),
        comparisons=tuple(compare_tables(tables, m) for m in ("dice", "hd95")),
        unfinished=(Unfinished(name="partly-seed0-fold1", state="failed", why="E520: 100 % lost"),),
        resumed=(Resumed(name="poor-seed0-fold2", began_at=(0, 1234)),),
    )  # fmt: skip


def entry(board: Board, name: str) -> Entry:
    return next(e for e in board.entries if e.name == name)


def test_incomplete_models_come_last_and_are_never_the_best(board):
    assert [e.name for e in board.entries] == ["good_net", "poor", "partly"]
    assert board.mark(entry(board, "partly"), "dice") == ""
    assert board.mark(entry(board, "good_net"), "dice") == "best"


def test_lower_is_better_for_distances_and_worse_is_what_a_test_shows(board):
    assert board.mark(entry(board, "good_net"), "hd95") == "best"
    assert board.mark(entry(board, "poor"), "dice") == "worse"
    equal = board.model_copy(update={"comparisons": (compare_tables({"good_net": table(0.9), "poor": table(0.9)}),)})
    assert equal.mark(entry(equal, "poor"), "dice") == ""


def test_it_is_the_same_after_json(board, tmp_path):
    board.save(tmp_path / "b.json")
    assert Board.load(tmp_path / "b.json") == board


def test_csv_holds_means_of_all_and_of_each_class(board):
    rows = list(csv.DictReader(io.StringIO(board_csv(board))))
    found = {(r["model"], r["class"]): r for r in rows}
    assert float(found["good_net", "all"]["dice_mean"]) == entry(board, "good_net").quality["dice"].mean
    assert float(found["poor", "liver_1"]["hd95_mean"]) == entry(board, "poor").classes["liver_1"]["hd95"].mean
    assert counts(found["partly", "all"]) == [48, 3, 2, 1]
    assert [found["partly", "all"][c] for c in ("cases", "done", "asked")] == ["24", "1", "3"]
    by_fold = [float(found["good_net", f"all, fold {f}"]["dice_mean"]) for f in range(3)]
    assert by_fold == [entry(board, "good_net").folds["dice"].folds[f"fold {f}"] for f in range(3)]
    assert ("poor", "all, fold 0") not in found
    assert found["partly-seed0-fold1", "unfinished: failed"]["why"] == "E520: 100 % lost"
    assert {len(r) for r in csv.reader(io.StringIO(board_csv(board)))} == {len(rows[0])}


def test_terminal_names_the_unfinished(board):
    console = Console(record=True, width=200)
    show_board(board, console)
    told = console.export_text()
    assert "unfinished: partly-seed0-fold1: failed: E520: 100 % lost" in told
    spread = entry(board, "good_net").folds["dice"].std
    assert f"good_net: Dice differs by 0.0100 (sd) between seeds, {spread:.4f} (sd) between folds" in told
    assert "poor: Dice differs" not in told
    assert "48, 3," in told and "2, 1" in told and "1/3" in told and "1.5 M" in told and "2 G" in told


def test_latex_is_bold_marked_and_escaped(board):
    text = board_latex(board)
    assert r"good\_net" in text and r"tumour \& rim" in text and r"data: x\_y" in text
    assert len(re.findall(r"\\textbf\{0\.8", text)) >= 1
    assert "$^{*}$" in text and r"partly$^{\dagger}$" in text
    tabulars = re.findall(r"\\begin\{tabular\}\{(l(r+))\}(.*?)\\end\{tabular\}", text, re.DOTALL)
    assert len(tabulars) == 3, "quality, cost, and by class"
    for _, columns, body in tabulars:
        lines = [line for line in body.splitlines() if r" \\" in line and "multicolumn" not in line]
        assert {line.replace(r"\&", "").count("&") for line in lines} == {len(columns)}


def counts(row: dict[str, str]) -> list[int]:
    return [int(row[c]) for c in ("evaluated", "absent", "missed", "false_alarm")]


def test_every_mean_of_every_form_has_its_counts_beside_it(board, tmp_path):
    """Of 24 cases the tumour is absent in 3, missed in 2 and a false alarm in 1; all of these in the first fold."""
    states = dict.fromkeys((0, 3, 6), "absent") | dict.fromkeys((9, 12), "missed") | {15: "false alarm"}
    rows = [
        r.model_copy(update={"state": states.get(int(r.case[1:]), r.state) if "tumour" in r.class_name else r.state})
        for r in table(0.9).rows
    ]
    pooled = pool({f"fold {f}": [r for r in rows if int(r.case[1:]) % 3 == f] for f in range(3)})
    made = Entry.of("counted", pooled.table, Cost(), 3, 3, pool=pooled)
    shown = board.model_copy(update={"entries": (made, *board.entries)})
    write_board(shown, tmp_path)
    assert made.counts == Tally(evaluated=45, absent=3, missed=2, false_alarm=1)
    assert Board.load(tmp_path / "leaderboard.json").entries[0] == made
    lines = csv.DictReader(io.StringIO((tmp_path / "leaderboard.csv").read_text(encoding="utf-8")))
    found = {r["class"]: counts(r) for r in lines if r["model"] == "counted"}
    assert found == {
        "all": [45, 3, 2, 1], "all, fold 0": [13, 3, 2, 1], "all, fold 1": [16, 0, 0, 0], "all, fold 2": [16, 0, 0, 0],
        "liver_1": [24, 0, 0, 0], "tumour & rim": [21, 3, 2, 1],
    }  # fmt: skip
    in_latex = [
        line for line in (tmp_path / "leaderboard.tex").read_text().splitlines() if line.startswith("counted &")
    ]
    told = [re.findall(r"& (\d+) & (\d+) & (\d+) & (\d+) \\\\", line) for line in in_latex]
    assert told == [[("45", "3", "2", "1")], [], [("24", "0", "0", "0")], [("21", "3", "2", "1")]]
    page = (tmp_path / "compare.html").read_text(encoding="utf-8")
    assert '<td class="number">24</td><td class="number">45, 3, 2, 1</td>' in page
    assert '<td class="number">21, 3, 2, 1</td>' in page and ">13, 3, 2, 1</span>" in page
    console = Console(record=True, width=200)
    show_board(shown, console)
    assert "45, 3," in console.export_text()


def test_every_special_letter_is_escaped():
    assert escape("a_b&c%d$e#f{g}h~i^j\\k\nl") == (
        r"a\_b\&c\%d\$e\#f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k l"
    )


def compiled(folder, table):
    """Have pdflatex set a table; what it prints. Skipped where it or booktabs is not installed."""
    if shutil.which("pdflatex") is None:
        pytest.skip("there is no pdflatex here")
    if not subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, check=False).stdout:
        pytest.skip("there is no booktabs here")
    (folder / "t.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}" + table + "\\end{document}", encoding="utf-8"
    )
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    told = done.stdout.decode(errors="replace")
    assert done.returncode == 0, told[-2000:]
    assert (folder / "t.pdf").read_bytes().startswith(b"%PDF")
    return told


def test_latex_compiles(board, tmp_path):
    odd = Unfinished(name="a_b", state="failed", why="")
    marked = board.model_copy(update={"marked": ('50 % & <more> \\ ~^#${}|"',), "unfinished": (odd, *board.unfinished)})
    assert "Missing character" not in compiled(tmp_path, board_latex(marked))


@pytest.mark.parametrize(("models", "classes"), [(3, 2), (8, 7)])
def test_latex_stays_within_the_page(board, tmp_path, models, classes):
    """Names, costs and classes as long as they get; pdflatex tells what is wider or higher than the page."""
    names = [f"attention_resunet{i}" for i in range(models)]
    tables = {name: table(0.9 - 0.02 * i) for i, name in enumerate(names)}
    cost = Cost(
        parameters=231_500_000, multiply_adds=412 * 10**9, patch=(96, 96, 96), peak_bytes=25 * 2**30,
        device_peak_bytes=31 * 2**30, predict_s=125.0, train_s=39_000.0,
    )  # fmt: skip
    entries = [Entry.of(name, t, cost, 15, 15) for name, t in tables.items()]
    parts = {f"class {i}": entries[0].classes["liver_1"] for i in range(classes)}
    entries = [e.model_copy(update={"classes": parts}) for e in entries]
    many = board.model_copy(
        update={
            "entries": sort_entries(entries),
            "comparisons": tuple(compare_tables(tables, m) for m in ("dice", "hd95")),
            "unfinished": (),
        }
    )
    told = compiled(tmp_path, board_latex(many))
    assert "Overfull" not in told and "too large" not in told


def test_what_is_not_latex_does_not_compile(tmp_path):
    with pytest.raises(AssertionError, match="Misplaced alignment"):
        compiled(tmp_path, "a & b")


def test_every_form_is_marked_where_the_comparison_is_not_fair(board, tmp_path):
    marked = board.model_copy(update={"marked": ("not a fair comparison: the budget differs",)})
    write_board(marked, tmp_path)
    for name in ("leaderboard.json", "leaderboard.csv", "leaderboard.tex", "compare.html"):
        assert "not a fair comparison" in (tmp_path / name).read_text(encoding="utf-8"), name
    console = Console(record=True, width=200)
    show_board(marked, console)
    assert "not a fair comparison" in console.export_text()


def test_page_holds_the_plots_and_loads_nothing(board, tmp_path):
    page = write_board(board, tmp_path).read_text(encoding="utf-8")
    assert page.count("<svg") >= 6, "boxes, heat map, two Pareto plots, a critical-difference plot per metric"
    assert not re.findall(r'(?:src|href)\s*=\s*"(?!data:|#)[^"]*"', page) and "@import" not in page
    assert '<td class="number">24</td><td class="number">48, 3, 2, 1</td>' in page
    folds = re.findall(r"<details><summary>Mean Dice of each fold.*?</details>", page, re.DOTALL)[0]
    numbers = [f"{v:.3f}" for v in entry(board, "good_net").folds["dice"].folds.values()]
    assert "fold 2" in folds and all(f">{n}<" in folds for n in numbers)
    assert "partly-seed0-fold1" in page and "E520: 100 % lost" in page


def test_the_page_tells_at_which_step_a_training_went_on_beside_what_it_cost(board, tmp_path):
    page = write_board(board, tmp_path).read_text(encoding="utf-8")
    cost = page[page.index('<section id="cost">') : page.index('<section id="unfinished">')]
    assert "<td>poor-seed0-fold2</td><td>0, then 1234</td>" in cost
    never = board.model_copy(update={"resumed": ()})
    assert "cut off" not in write_board(never, tmp_path).read_text(encoding="utf-8")


def test_the_page_tells_what_every_model_cost(board, tmp_path):
    page = write_board(board, tmp_path).read_text(encoding="utf-8")
    cost = page[page.index('<section id="cost">') : page.index('<section id="unfinished">')]
    for entry in board.entries:
        row = next(r for r in cost.split("<tr>") if f"</span>{entry.name}</span>" in r)
        assert all(f">{show(entry.cost)}<" in row for _, show in COSTS)


def test_of_many_models_the_pairs_with_the_best_stand_open_and_the_others_folded(board, tmp_path):
    tables = {f"net{i}": table(0.9 - 0.02 * i) for i in range(6)}
    entries = sort_entries([Entry.of(name, t, Cost(), 1, 1) for name, t in tables.items()])
    many = board.model_copy(update={"entries": entries, "comparisons": (compare_tables(tables, "dice"),)})
    page = write_board(many, tmp_path).read_text(encoding="utf-8")
    opened, folded = page.split("<summary>The other 10 pairs</summary>")
    folded = folded[: folded.index("</details>")]
    assert opened.count(" − ") == 5 and folded.count(" − ") == 10
    assert "net0" not in folded
    assert "The other" not in write_board(board, tmp_path).read_text(encoding="utf-8")


def test_a_board_without_scores_can_be_shown(tmp_path):
    nothing = Entry(
        name="a", done=0, asked=2, cases=0, quality={}, classes={}, dice={}, counts=Tally(), cost=Cost()
    )  # fmt: skip
    empty = Board(title="t", asked=(), metrics=(), entries=(nothing,), comparisons=())
    assert write_board(empty, tmp_path).exists()
    show_board(empty, Console(record=True))


def test_plots_of_cases_leave_out_the_absent():
    rows = [
        ClassScore(case=f"c{i}", class_name="a", state=state, values={"dice": dice})
        for i, (state, dice) in enumerate((("present", 0.5), ("absent", 1.0), ("missed", 0.0)))
    ]
    assert Entry.of("net", summarise(rows), Cost(), 1, 1).dice == {"a": (0.5, 0.0)}
