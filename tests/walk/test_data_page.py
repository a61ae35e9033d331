"""From a folder to the page about it, by the command a person types."""

from __future__ import annotations

import re


def test_a_page_about_scans(cli, balls, tmp_path):
    page = tmp_path / "out" / "data.html"
    status, out, err = cli("check", balls, "--html", page)
    assert status == 0, err + out
    assert f"page: {page}" in out.replace("\n", "")
    text = page.read_text(encoding="utf-8")
    shown = text.count('<div class="case">')  # the first may be the median or the largest too
    assert 2 <= shown <= 3 and text.count('src="data:image/png;base64,') == 3 * shown
    assert "6 of 6" in text and "size in ml" in text and "Cases that hold both" not in text
    assert len(text) < 5_000_000


def test_a_page_within_too_little_memory_says_what_it_left_out(cli, balls, tmp_path, monkeypatch):
    from delineate.steps import examples

    monkeypatch.setattr(examples, "tree_bytes", lambda: 1 << 60)
    page = tmp_path / "data.html"
    status, _, _ = cli("check", balls, "--html", page)
    text = page.read_text(encoding="utf-8")
    assert status == 0 and "is not drawn: more memory would be needed" in text and "<img" not in text


def test_a_page_about_data_with_errors_is_written_all_the_same(cli, balls, tmp_path):
    import shutil

    data = shutil.copytree(balls, tmp_path / "data")
    (data / "images" / "c1.nii.gz").write_bytes(b"no scan")
    page = tmp_path / "data.html"
    status, _, _ = cli("check", data, "--html", page)
    assert status == 1
    assert re.search(
        r'class="badge error">error</span></td><td class="case-name">c1<', page.read_text(encoding="utf-8")
    )
