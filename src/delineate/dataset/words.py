"""The words by which people tell images from masks in the names of files and folders."""

from __future__ import annotations

import re

_LABEL = """
label labels lab labs mask masks seg segs segm segmentation segmentations gt gts truth groundtruth
annotation annotations annot target targets manual delineation delineations 标签 标注 掩码 掩膜 分割
"""
_IMAGE = """
image images img imgs imaging scan scans source sources src volume volumes vol picture pictures photo
photos input inputs raw original orig data 图像 影像 原图
"""
LABEL_WORDS = frozenset(_LABEL.split())
IMAGE_WORDS = frozenset(_IMAGE.split())
TRAIN_WORDS = frozenset({"train", "training", "tr"})
VALIDATION_WORDS = frozenset({"val", "valid", "validation"})
TEST_WORDS = frozenset({"test", "testing", "ts"})
EXTRA_WORDS = ("mask", "scribble", "rater", "contour")

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\dA-Za-z_]+")


def tokens(name: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case: ``imagesTr`` is images, tr; ``Case12_seg`` is case, 12, seg."""
    return tuple(t.lower() for t in _TOKEN.findall(name))


def squash(name: str) -> str:
    """A name without separators and case, so that ``T1_w`` and ``t1w`` are one."""
    return "".join(tokens(name))


def trimmed(words: tuple[str, ...], drop: frozenset[str]) -> tuple[str, ...]:
    """Without the words of ``drop`` at the beginning and the end (in the middle they belong to the name)."""
    while words and words[0] in drop:
        words = words[1:]
    while words and words[-1] in drop:
        words = words[:-1]
    return words


def names_label(name: str) -> bool:
    """Whether a file of this name says it is a mask: a label word at its beginning or end."""
    words = tokens(name)
    return bool(words) and (words[0] in LABEL_WORDS or words[-1] in LABEL_WORDS)


def looks_extra(name: str) -> bool:
    """Whether a name sounds like some other mask (brain mask, scribbles, a second rater) and not like a channel."""
    return any(word in name.lower() for word in EXTRA_WORDS) or names_label(name)
