from __future__ import annotations

import pytest

from delineate.show.nettable import NetRow, cited, show_net, show_nets

PAPER = "Ronneberger, Fischer, Brox: U-Net: Convolutional Networks. MICCAI 2015"
ROW = NetRow(name="unet", dims=(2, 3), year=2015, title="U-Net", paper=PAPER, options={"width": 8})
PRICED = ROW.model_copy(update={"parameters": 31_040_000, "multiply_adds": 48_100_000_000, "memory_bytes": 2**30})


def test_columns_without_numbers_are_left_out(capsys):
    show_nets([ROW])
    plain = capsys.readouterr().out
    assert "unet" in plain and "2, 3" in plain and "weights" not in plain and "step" not in plain
    assert "Ronneberger et al., MICCAI 2015" in plain
    show_nets([PRICED.model_copy(update={"step_s": 0.25})])
    full = capsys.readouterr().out
    assert all(word in full for word in ("31.04 M", "48.10 G", "1.0 GiB", "0.25 s"))


def test_numbers_are_whole_on_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    show_nets([PRICED.model_copy(update={"paper": "A, B, C: D. A venue of a good many words 2015", "step_s": 0.25})])
    told = capsys.readouterr().out
    assert all(word in told for word in ("31.04 M", "48.10 G", "1.0 GiB", "0.25 s", "words")) and "…" not in told


@pytest.mark.parametrize(
    ("paper", "told"),
    [
        ("Zhu, Xu, Bai: Asymmetric Networks. For Everything. ICCV 2019", "Zhu et al., ICCV 2019"),
        ("Ibtehaz, Rahman: MultiResUNet: Rethinking. Neural Networks 2020", "Ibtehaz and Rahman, Neural Networks 2020"),
        ("Alom, Hasan, Taha: R2U-Net. arXiv 1802.06955, 2018; body of Dosovitskiy et al.: Words. ICLR 2021",
         "Alom et al., arXiv 1802.06955, 2018"),
        ("no paper of its own: Alom, Hasan, Taha: R2U-Net. arXiv 2014", "no paper of its own, 2015"),
    ],
)  # fmt: skip
def test_a_paper_is_cited_in_a_few_words(paper, told):
    assert cited(ROW.model_copy(update={"paper": paper})) == told


def test_what_was_refused_is_told_below(capsys):
    show_nets([PRICED, ROW.model_copy(update={"name": "danet", "refused": "attention of 9 to 9 voxels"})])
    assert "danet: attention of 9 to 9 voxels" in capsys.readouterr().out.splitlines()[-1]


def test_a_card_tells_paper_and_options(capsys):
    show_net(PRICED.model_copy(update={"differs": "a norm more", "verified": "against a loop", "about": "``w``\n are"}))
    told = capsys.readouterr().out.splitlines()
    assert PAPER in told and "differs: a norm more" in told and "verified: against a loop" in told
    assert (
        "dims: 2, 3" in told
        and "``w`` are" in told
        and told.index("options: width=8")
        and any("31.04 M weights" in line for line in told)
    )
    show_net(ROW.model_copy(update={"dims": (2,), "flat_only": "too many pairs"}))
    assert "dims: 2 only: too many pairs" in capsys.readouterr().out.splitlines()
