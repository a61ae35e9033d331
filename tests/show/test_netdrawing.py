from __future__ import annotations

from xml.etree import ElementTree

from delineate.core.diagram import Diagram, Node
from delineate.show.netdrawing import _short, draw_svg, draw_text

DIAGRAM = Diagram(
    title="A <small> net",
    channels=1,
    patch=(32, 32),
    nodes=(
        Node(name="down", kind="Conv2d", shape=(4, 32, 32), parameters=40),
        Node(name="pool", kind="MaxPool2d", shape=(4, 16, 16), parameters=0),
        Node(name="down", kind="Conv2d", shape=(8, 16, 16), parameters=37_700),
        Node(name="up", kind="Up", shape=(4, 32, 32), parameters=1_230_000),
    ),
    edges=((0, 1), (0, 3), (1, 2), (2, 3)),
)


def test_text_is_indented_by_coarseness_and_names_joins():
    lines = draw_text(DIAGRAM).splitlines()
    assert lines[0] == "A <small> net: input 1 x 32 x 32"
    assert [len(line) - len(line.lstrip()) for line in lines[1:]] == [2, 4, 4, 2]
    assert "8 x 16 x 16" in lines[3] and "37.7 k" in lines[3] and "down (2)" in lines[3]
    assert lines[4].endswith("1.23 M  <- down") and "<-" not in "".join(lines[1:4])


def test_the_drawing_is_well_formed_and_has_a_box_for_each_part_and_a_line_for_each_edge():
    root = ElementTree.fromstring(draw_svg(DIAGRAM))
    space = "{http://www.w3.org/2000/svg}"
    boxes = root.findall(f".//{space}rect")
    assert len(boxes) == 4 and len(root.findall(f"{space}path")) == 4
    tops = [float(b.attrib["y"]) + float(b.attrib["height"]) / 2 for b in boxes]
    assert tops[0] == tops[3] < tops[1] == tops[2], "coarser is lower"
    assert float(boxes[2].attrib["height"]) > float(boxes[1].attrib["height"]), "more channels are higher"
    assert root.attrib["aria-label"] == "A <small> net"


def test_numbers_have_three_digits_and_no_exponent():
    numbers = (0, 999, 1000, 37_696, 999_499, 999_600, 31_000_000, 999_700_000)
    assert [_short(n) for n in numbers] == ["0", "999", "1 k", "37.7 k", "999 k", "1 M", "31 M", "1 G"]
