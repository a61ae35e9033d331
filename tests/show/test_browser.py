"""All pages in a real browser: nothing is blank, wider than the window, or too faint to read; and they print.

One wrapper page holds every page in frames of a phone's and a desk's width, light and dark: a window of the browser
cannot be as narrow as a phone. Skipped where no browser is found.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from delineate.evaluate.comparison import compare_tables
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import summarise
from delineate.show.board import Board, Cost, Entry, Resumed, Unfinished, sort_entries
from delineate.show.comparison import write_board
from delineate.show.datareport import DataFacts, render_data
from delineate.show.facts import RunFacts
from delineate.show.report import render

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
WINDOWS = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")

PROBE = """
<script>
function lum(c) { return c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0); }
function rgba(text) { const n = (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  return text.startsWith('rgb') ? [n[0], n[1], n[2], n.length > 3 ? n[3] : 1] : [0, 0, 0, 0]; }
function ground(view, element) {
  for (let e = element; e; e = e.parentElement) {
    const c = rgba(view.getComputedStyle(e).backgroundColor);
    if (c[3] > .99) return c;
  }
  return [255, 255, 255, 1];
}
function faint(frame) {
  const view = frame.contentWindow, doc = frame.contentDocument, found = new Set();
  const walk = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement, style = view.getComputedStyle(e);
    if (!n.textContent.trim() || !e.getClientRects().length || /STYLE|SCRIPT/.test(e.tagName)) continue;
    const a = lum(rgba(style.color)), b = lum(ground(view, e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const told = n.textContent.trim().slice(0, 20);
    if (ratio < 4.5) found.add(`${e.tagName}.${e.className} "${told}" ${ratio.toFixed(2)}`);
  }
  return [...found];
}
function wide(frame) {
  const doc = frame.contentDocument, width = doc.documentElement.clientWidth, found = [];
  if (doc.documentElement.scrollWidth > width) found.push(`page: ${doc.documentElement.scrollWidth} > ${width}`);
  for (const e of doc.body.querySelectorAll('*')) {
    if (e.closest('.scroll, nav, svg')) continue;
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1))
      found.push(`${e.tagName}.${e.className} to ${box.right}`);
  }
  return found;
}
addEventListener('load', () => {
  const told = {};
  for (const f of document.querySelectorAll('iframe')) {
    const broken = [...f.contentDocument.images].filter(i => !i.naturalWidth).map(i => i.alt);
    const page = f.contentWindow.getComputedStyle(f.contentDocument.body).backgroundColor;
    told[f.id] = {wide: wide(f), faint: faint(f), broken: broken, page: rgba(page)};
  }
  document.getElementById('told').textContent = JSON.stringify(told);
});
</script>
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run a browser without a window or a network; what it prints."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    profile = tmp_path_factory.mktemp("browser")

    def run(page: Path, *options: str) -> str:
        command = [
            found, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}",
            "--virtual-time-budget=5000", *options, page.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


@pytest.fixture(scope="module")
def board() -> Board:
    """Four networks on ten organs, one of them not finished, with numbers as long as they get."""
    nets = ("unet", "resenc_unet", "a_network_with_quite_a_long_name", "partly")
    tables = {net: summarise(_scores(number)) for number, net in enumerate(nets)}
    entries = [
        Entry.of(
            net, tables[net],
            Cost(
                parameters=10**6 * 3 ** (number + 1), multiply_adds=10 ** (9 + number), patch=(96, 160, 160),
                peak_bytes=2**33, device_peak_bytes=2**34, predict_s=0.5 * 4**number, train_s=36_000,
            ),
            9 if net != "partly" else 4, 9, 0.0123,
        )
        for number, net in enumerate(nets)
    ]  # fmt: skip
    complete = {net: tables[net] for net in nets if net != "partly"}
    return Board(
        title="hippocampus & <kidneys>",
        asked=("data: hippocampus", f"networks: {', '.join(nets)}", "seeds: 3, folds: 3, trainings: 36"),
        metrics=("dice", "hd95", "nsd"),
        entries=sort_entries(entries),
        comparisons=tuple(compare_tables(complete, metric) for metric in ("dice", "hd95", "nsd")),
        unfinished=(Unfinished(name="partly-seed0-fold1", state="failed", why="E520: the loss is <nan> at step 1234"),),
        resumed=(Resumed(name="a_network_with_quite_a_long_name-seed2-fold2", began_at=(0, 12_345, 123_456)),),
        marked=("not a fair comparison: the budget differs",),
        notes=("scores are averaged over seeds, case by case, before anything is tested",),
    )


def _scores(number: int) -> list[ClassScore]:
    rng = np.random.default_rng(number)
    organs = ("liver", "spleen", "left kidney", "right kidney", "stomach", "pancreas", "aorta", "gallbladder",
              "left adrenal gland", "inferior vena cava <b>")  # fmt: skip
    return [
        ClassScore(
            case=f"case{i:02d}", class_name=organ, state="present",
            values={"dice": dice, "hd95": 150 * (1 - dice), "nsd": dice**2},
        )
        for i in range(12)
        for k, organ in enumerate(organs)
        for dice in [float(np.clip(0.95 - 0.03 * k - 0.04 * number + rng.normal(0, 0.03), 0, 1))]
    ]  # fmt: skip


@pytest.fixture
def pages(facts: RunFacts, data_facts: DataFacts, board: Board, tmp_path: Path) -> dict[str, str]:
    compared = write_board(board, tmp_path / "board").read_text(encoding="utf-8")
    return {"run": render(facts), "data": render_data(data_facts), "compare": compared}


def wrap(pages: dict[str, str]) -> str:
    """Every page in every width and both colour schemes, side by side."""
    frames = [
        f'<iframe id="{name}-{window}-{scheme}" width="{width}" height="{height}" '
        f'style="border:0;display:block;color-scheme:{scheme}" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in pages.items()
        for window, (width, height) in WINDOWS.items()
        for scheme in SCHEMES
    ]
    style = "<style>body{margin:0}</style>"
    return f'<!doctype html><meta charset="utf-8">{style}{"".join(frames)}<pre id="told"></pre>{PROBE}'


def test_nothing_is_wider_than_the_window_too_faint_or_broken(
    browser: Callable[..., str], pages: dict[str, str], tmp_path: Path
) -> None:
    wrapper = tmp_path / "wrapper.html"
    wrapper.write_text(wrap(pages), encoding="utf-8")
    dom = browser(wrapper, "--dump-dom", "--window-size=1300,900")
    found = re.search(r'<pre id="told">(.*?)</pre>', dom, re.DOTALL)
    assert found, "the page's own script did not run"
    told = json.loads(html.unescape(found[1]))
    assert len(told) == len(pages) * len(WINDOWS) * len(SCHEMES)
    for frame, seen in told.items():
        assert not seen["wide"], f"{frame}: {seen['wide'][:5]}"
        assert not seen["faint"], f"{frame}: {seen['faint'][:5]}"
        assert not seen["broken"], f"{frame}: {seen['broken'][:5]}"
        assert (sum(seen["page"][:3]) < 300) == frame.endswith("dark"), f"{frame}: {seen['page']}"


def test_the_probe_sees_what_is_wrong(browser: Callable[..., str], tmp_path: Path) -> None:
    page = (
        '<!doctype html><body style="margin:0"><div style="width:900px;color:#aaa">faint</div>'
        '<img alt="lost" src="data:image/png;base64,AAAA">'
    )
    wrapper = tmp_path / "wrapper.html"
    wrapper.write_text(wrap({"bad": page}), encoding="utf-8")
    dom = browser(wrapper, "--dump-dom", "--window-size=1300,900")
    told = json.loads(html.unescape(re.search(r'<pre id="told">(.*?)</pre>', dom, re.DOTALL)[1]))  # type: ignore[index]
    phone = told["bad-phone-light"]
    assert phone["wide"] and phone["faint"] and phone["broken"] == ["lost"]
    assert not told["bad-desk-light"]["wide"]


@pytest.mark.parametrize("name", ["run", "data", "compare"])
def test_the_page_is_not_blank_on_screen(
    browser: Callable[..., str], pages: dict[str, str], name: str, tmp_path: Path
) -> None:
    wrapper, shot = tmp_path / "wrapper.html", tmp_path / "shot.png"
    wrapper.write_text(wrap({name: pages[name]}), encoding="utf-8")
    height = sum(h for _, h in WINDOWS.values()) * len(SCHEMES)
    browser(wrapper, f"--screenshot={shot}", f"--window-size=1280,{height}")
    pixels = np.asarray(Image.open(shot).convert("RGB"), np.int32)
    top = 0
    for window, (width, tall) in WINDOWS.items():
        for scheme in SCHEMES:
            part = pixels[top : top + tall, :width]
            top += tall
            assert part.std() > 5 and len(np.unique(part.reshape(-1, 3), axis=0)) > 50, f"{window}, {scheme}"
            corner = part[tall // 2 : tall // 2 + 4, :4].mean()  # the margin of the page
            assert (corner < 100) == (scheme == "dark"), f"{window}, {scheme}: {corner}"


@pytest.mark.parametrize("name", ["run", "data", "compare"])
def test_the_page_prints(browser: Callable[..., str], pages: dict[str, str], name: str, tmp_path: Path) -> None:
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(pages[name], encoding="utf-8")
    browser(page, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF")
    count = len(re.findall(rb"/Type\s*/Page\b", data))
    assert 2 <= count <= 12, count
