from __future__ import annotations

import re

from delineate.show.facts import RunFacts
from delineate.show.scorelatex import scores_latex


def test_a_booktabs_table_whose_rows_have_the_cells_of_its_head(facts: RunFacts) -> None:
    assert facts.scores is not None
    table = facts.scores.model_copy(update={"notes": ("50 % of p_1",)})
    text = scores_latex(table)
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{tabular}", r"\end{table}", r"50 \% of p\_1"):
        assert part in text
    columns = re.search(r"\\begin\{tabular\}\{(\w+)\}", text)
    assert columns is not None
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + 2 * (len(table.classes) + 1)
    assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(columns[1])}
    dice = table.classes[0].metrics["dice"]
    assert rf"{dice.mean:.4f} $\pm$ {dice.std:.4f}" in rows[1] and f"[{dice.low:.4f}, {dice.high:.4f}]" in rows[2]
    assert text.count("{") == text.count("}")
