"""Which image belongs to which mask, told by their names; a whole set of names is paired by one rule or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.dataset.words import IMAGE_WORDS, LABEL_WORDS, tokens, trimmed

Key = tuple[str, ...]
Keys = dict[str, Key]


@dataclass(frozen=True)
class Pairing:
    """``images[label]`` maps a channel's suffix (empty where there is one image per mask) to the image's name.

    ``key[label]`` is the part of the name both share; what could not be paired stands in the other fields.
    """

    rule: str
    images: dict[str, dict[str, str]]
    clashes: tuple[str, ...] = ()
    lone_images: tuple[str, ...] = ()
    lone_labels: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every name found its partner."""
        return not (self.clashes or self.lone_images or self.lone_labels)


def pair_names(images: Iterable[str], labels: Iterable[str], where: str) -> Pairing:
    """Pair by the first rule that leaves nothing over. Names may hold folders (``train/001``); these must agree.

    The rules: equal names; equal but for words such as image or mask; equal but for a beginning or an ending that
    all images or all masks share; the mask's name followed by a channel; the image's name followed by anything.

    Raises:
        LayoutError: no rule pairs everything; the message has the names left over by the rule that came closest.
    """
    image_names, label_names = list(images), list(labels)
    tried = [_match(name, *rule(image_names, label_names)) for name, rule in _RULES.items()]
    for pairing in tried:
        if pairing.complete:
            return pairing
    best = min(tried, key=lambda p: len(p.lone_images) + len(p.lone_labels))
    raise LayoutError(
        f"images and labels in {where} do not pair: " + "; ".join(_complaints(best)),
        "exactly one label for each image, with the same name or the name plus a word such as mask or label",
        "move files that do not belong, or list the pairs in a manifest.csv with the columns image,label",
    )


def _complaints(pairing: Pairing) -> Iterable[str]:
    if pairing.clashes:
        yield listed(pairing.clashes, 4)
    if pairing.lone_images:
        yield f"{counted(len(pairing.lone_images), 'image')} without a label: {listed(pairing.lone_images)}"
    if pairing.lone_labels:
        yield f"{counted(len(pairing.lone_labels), 'label')} without an image: {listed(pairing.lone_labels)}"


def _match(rule: str, image_keys: Keys, label_keys: Keys) -> Pairing:
    """Pair by equal keys; several images of one key must be told apart by what follows the key in their names."""
    by_key: dict[Key, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for name, key in image_keys.items():
        by_key[key][0].append(name)
    for name, key in label_keys.items():
        by_key[key][1].append(name)
    paired, clashes, lone_images, lone_labels = {}, [], [], []
    for key, (images, labels) in by_key.items():
        if not images:
            lone_labels += labels
        elif not labels:
            lone_images += images
        elif len(labels) > 1:
            clashes.append(f"{len(labels)} candidate labels for image {images[0]}: {listed(labels)}")
        elif len(channels := {_rest(name, key): name for name in images}) < len(images) or (
            len(images) > 1 and not (rule == _CHANNELS and all(map(_is_channel, channels)))
        ):
            clashes.append(f"{len(images)} candidate images for label {labels[0]}: {listed(images)}")
        else:
            paired[labels[0]] = channels if rule == _CHANNELS else {"": images[0]}
    every = {c for channels in paired.values() for c in channels}
    for label, channels in paired.items():
        if lacking := sorted(every - set(channels)):
            clashes.append(f"label {label} has no image with {listed(lacking)}")
    return Pairing(rule, paired, tuple(clashes), tuple(lone_images), tuple(lone_labels))


def _is_channel(suffix: str) -> bool:
    """A word, or four digits as nnU-Net numbers channels; other numbers are more likely slices."""
    return bool(suffix) and (not suffix.isdigit() or len(suffix) == 4)


def _rest(name: str, key: Key) -> str:
    return "".join(_words(name)[len(key) :])


def _words(name: str) -> Key:
    """Tokens of a name, each folder above it kept whole in front."""
    path = PurePosixPath(name)
    return (*(f"{part.lower()}/" for part in path.parts[:-1]), *tokens(path.name))


def _equal(images: list[str], labels: list[str]) -> tuple[Keys, Keys]:
    return {n: (n.casefold(),) for n in images}, {n: (n.casefold(),) for n in labels}


def _without_words(images: list[str], labels: list[str]) -> tuple[Keys, Keys]:
    return _trim(images, IMAGE_WORDS), _trim(labels, LABEL_WORDS)


def _trim(names: list[str], drop: frozenset[str]) -> Keys:
    return {n: trimmed(_words(n), drop) for n in names}


def _without_common(images: list[str], labels: list[str]) -> tuple[Keys, Keys]:
    return _cut_common(_trim(images, IMAGE_WORDS)), _cut_common(_trim(labels, LABEL_WORDS))


def _cut_common(keys: Keys) -> Keys:
    """Without the beginning and the ending all keys share (needs two keys that differ)."""
    if len(set(keys.values())) < 2:
        return keys
    start = _shared([list(k) for k in keys.values()])
    end = _shared([list(k[start:])[::-1] for k in keys.values()])
    return {n: k[start : len(k) - end] for n, k in keys.items()}


def _shared(keys: list[list[str]]) -> int:
    count = 0
    for column in zip(*keys, strict=False):
        if len(set(column)) > 1:
            break
        count += 1
    return count


def _channel_after(images: list[str], labels: list[str]) -> tuple[Keys, Keys]:
    label_keys = _trim(labels, LABEL_WORDS)
    return {n: _longest_start(_words(n), label_keys) for n in images}, label_keys


def _structure_after(images: list[str], labels: list[str]) -> tuple[Keys, Keys]:
    image_keys = _trim(images, IMAGE_WORDS)
    return image_keys, {n: _longest_start(k, image_keys) for n, k in _trim(labels, LABEL_WORDS).items()}


def _longest_start(words: Key, keys: Keys) -> Key:
    """The longest of ``keys`` with which ``words`` begins, else ``words``."""
    known = set(keys.values())
    return next((words[:n] for n in range(len(words), 0, -1) if words[:n] in known), words)


_CHANNELS = "the label's name followed by the channel"
_RULES: dict[str, Callable[[list[str], list[str]], tuple[Keys, Keys]]] = {
    "equal names": _equal,
    "equal names but for words such as image and mask": _without_words,
    "equal names but for a common beginning or ending": _without_common,
    _CHANNELS: _channel_after,
    "the image's name followed by a word": _structure_after,
}
