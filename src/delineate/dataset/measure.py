"""Looking at the files of a case once: headers, then voxels, one file in memory at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.files import hash_file, hash_text
from delineate.core.geometry import Geometry
from delineate.core.threads import in_order
from delineate.core.volume import Volume
from delineate.dataset.case import Case, Dataset
from delineate.dataset.census import count_values, grey_values
from delineate.dataset.crop import WORTH_CROPPING, Box, box_of_profiles, canonical_box, nonzero_profiles
from delineate.dataset.detail import DetailTaker, background_size
from delineate.dataset.facts import CaseFacts, CaseHead, ChannelFacts, LabelFacts, Trouble, no_sample
from delineate.dataset.heads import read_head, tried
from delineate.dataset.landmarks import body_landmarks
from delineate.dataset.likeness import thumbnail
from delineate.dataset.place import diagnose, misplaced
from delineate.dataset.reading import choose_reading
from delineate.formats import read_label, read_volume

SAMPLE_PER_CASE = 10_000
SAMPLE_IN_ALL = 4_000_000
"""Intensities kept of all cases together: memory does not grow with their number."""

Progress = Callable[[int, int], None] | None


def measure_cases(
    data: Dataset,
    workers: int = 1,
    progress: Progress = None,
    seed: int = 0,
    budget_bytes: int | None = None,
    expect: Callable[[int], None] | None = None,
    detail: bool = False,
) -> tuple[CaseFacts, ...]:
    """The facts of every case, in order: all headers first, then the voxels, at most ``workers`` cases at a time.

    They are fewer where the budget is small, and a case too large for it is not read but told among its troubles.
    ``expect`` hears the expected peak in bytes before the first voxel is read. ``detail`` takes what a page about the
    data shows (`dataset.detail`) as well.
    """
    heads = [read_head(case) for case in data.cases]
    size = max(100, min(SAMPLE_PER_CASE, SAMPLE_IN_ALL // max(1, len(data.cases))))
    outside = (0,) if data.labels is None else (data.labels.file_values[0], data.labels.ignore_value)
    around = background_size(len(heads)) if detail else 0
    reading = choose_reading(heads, workers, budget_bytes, 4 * (size + around) * len(data.channels))
    if expect is not None:
        expect(reading.expected_bytes)

    def measure(number: int) -> CaseFacts:
        if number in reading.too_large:
            return _not_measured(heads[number], reading.too_large[number])
        rng = np.random.default_rng([seed, number])
        # a generator of its own, so that the other samples are the same with and without
        own = np.random.default_rng([seed, number, 1])
        taker = DetailTaker(heads[number], data.labels, around, outside, own) if detail else None
        return measure_case(data.cases[number], heads[number], size, outside, rng, taker)

    facts = []
    for done, one in enumerate(in_order(measure, range(len(heads)), reading.workers), 1):
        facts.append(one)
        if progress is not None:
            progress(done, len(heads))
    return tuple(facts)


def _not_measured(head: CaseHead, trouble: Trouble) -> CaseFacts:
    nowhere: Box = ((0, 0, 0), (0, 0, 0))
    return CaseFacts(head, (), None, (*head.troubles, trouble), nowhere, no_sample(), "", "")


def measure_case(
    case: Case,
    head: CaseHead,
    size: int,
    outside: tuple[int | None, ...],
    rng: np.random.Generator,
    taker: DetailTaker | None = None,
) -> CaseFacts:
    """Count, hash and sample the voxels of one case: the mask first, then the image files one after another.

    ``outside`` are the label values that are not foreground; up to ``size`` intensities are kept per channel.
    """
    troubles = list(head.troubles)
    label = _mask(case, head, troubles)
    marks = None if label is None else _label_facts(head, label)
    if taker is not None and label is not None and marks is not None:
        taker.see_mask(label, marks)
    places = None if label is None or head.grid is None else _foreground(label, head.grid, outside, size, rng)
    images = _Images(head, size, rng, places)
    for file in head.images:
        volume = tried(lambda path=file.path: read_volume(path), file.path, "image", troubles)  # type: ignore[misc]
        if volume is not None:
            images.add(volume)
            if taker is not None:
                taker.see_image(volume)
        del volume  # before the next file is read
    whole = len(images.files) == len(case.images)
    return CaseFacts(
        head=head,
        channels=tuple(images.channels) if whole else (),
        label=marks,
        troubles=tuple(troubles),
        box=images.box(),
        sample_cn=np.stack(images.samples) if whole and images.aligned and images.samples else no_sample(),
        voxel_hash=hash_text(*images.files) if whole else "",
        content=_content(case),
        detail=None if taker is None else taker.detail(),
        thumbnail=images.thumbnail,
    )


class _Images:
    """What is gathered while the files of one case go by; only one of them is in memory at a time."""

    def __init__(self, head: CaseHead, size: int, rng: np.random.Generator, places: NDArray[np.int64] | None) -> None:
        self.grid, self.size, self.rng, self.places = head.grid, size, rng, places
        self.files: list[str] = []
        self.channels: list[ChannelFacts] = []
        self.samples: list[NDArray[np.float32]] = []
        self.profiles: tuple[NDArray[np.bool_], ...] | None = None
        self.aligned = True
        self.thumbnail = np.zeros((0, 0, 0), np.uint8)
        self.picture = any(i.kind == "picture" for i in head.images)  # black is a colour there, not padding

    def add(self, volume: Volume) -> None:
        array = volume.array_czyx
        self.files.append(hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).hexdigest())
        if not self.channels:
            self.thumbnail = thumbnail(array[0])
        facts = [_channel_facts(channel) for channel in array]
        self.channels += facts
        if self.grid is None or array.shape[1:] != self.grid.shape:
            self.aligned = False
            return
        profiles = nonzero_profiles(array)
        self.profiles = (
            profiles if self.profiles is None else tuple(a | b for a, b in zip(self.profiles, profiles, strict=True))
        )
        if self.places is None:
            self.places = _drawn(array[0] != 0, self.size, self.rng)
        self.samples += [channel.reshape(-1)[self.places].astype(np.float32) for channel in array]

    def box(self) -> Box:
        """Around the body where it is worth it, in canonical orientation."""
        if self.grid is None:
            return (0, 0, 0), (0, 0, 0)
        padded = not self.picture and self.channels and min(c.zero_fraction for c in self.channels) >= WORTH_CROPPING
        whole: Box = ((0, 0, 0), self.grid.shape)
        return canonical_box(box_of_profiles(self.profiles) if padded and self.profiles else whole, self.grid)


def _mask(case: Case, head: CaseHead, troubles: list[Trouble]) -> Volume | None:
    if case.label is None or head.label is None:
        return None
    path = case.label
    return tried(lambda: read_label(path), path, "label", troubles)


def _label_facts(head: CaseHead, label: Volume) -> LabelFacts:
    array = label.array_czyx[0]
    values, voxels = count_values(array)
    wrong = None
    if head.grid is not None and misplaced(head.grid, label.geometry):
        image = None
        if head.grid.shape == label.geometry.shape:
            image = tried(lambda: read_volume(head.images[0].path), head.images[0].path, "image", [])
        wrong = diagnose(head.grid, label.geometry, None if image is None else image.array_czyx[0], array)
    return LabelFacts(values=values, voxels=voxels, greys=grey_values(array, values, voxels), misplacement=wrong)


def _foreground(
    label: Volume, grid: Geometry, outside: tuple[int | None, ...], size: int, rng: np.random.Generator
) -> NDArray[np.int64] | None:
    array = label.array_czyx[0]
    if array.shape != grid.shape:
        return None
    wanted = np.ones(array.shape, bool)
    for value in outside:
        if value is not None:
            wanted &= array != value
    return _drawn(wanted, size, rng) if wanted.any() else None


def _drawn(mask_zyx: NDArray[np.bool_], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Flat indices of at most ``size`` marked voxels, sorted; of any voxels if none is marked.

    Plane by plane: the places of all marked voxels would take eight bytes each.
    """
    counts = [int(np.count_nonzero(plane)) for plane in mask_zyx]
    marked = sum(counts)
    if not marked:
        return _ranks(mask_zyx.size, size, rng)
    ranks, plane_size = _ranks(marked, size, rng), mask_zyx[0].size
    starts = np.cumsum([0, *counts])
    found = []
    for z in np.unique(np.searchsorted(starts, ranks, side="right") - 1):
        here = ranks[(ranks >= starts[z]) & (ranks < starts[z + 1])] - starts[z]
        found.append(np.flatnonzero(mask_zyx[z])[here] + z * plane_size)
    return np.concatenate(found)


def _ranks(count: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most ``size`` of the numbers below ``count``, sorted."""
    return np.arange(count) if count <= size else np.sort(rng.choice(count, size, replace=False, shuffle=False))


def _channel_facts(channel_zyx: NDArray[Any]) -> ChannelFacts:
    low, high = channel_zyx.min(), channel_zyx.max()
    odd = 0
    finite = channel_zyx
    if not (np.isfinite(low) and np.isfinite(high)):
        fine = np.isfinite(channel_zyx)
        odd = int(fine.size - np.count_nonzero(fine))
        finite = channel_zyx[fine] if fine.any() else np.zeros(1)
        low, high = finite.min(), finite.max()
    few = finite.reshape(-1)[:: max(1, finite.size // 10_000)]
    return ChannelFacts(
        minimum=float(low),
        maximum=float(high),
        odd_voxels=odd,
        zero_fraction=(channel_zyx.size - np.count_nonzero(channel_zyx)) / max(1, channel_zyx.size),
        whole_numbers=bool(few.dtype.kind in "iub" or (np.floor(few) == few).all()),
        landmarks=body_landmarks(channel_zyx),
    )


def _content(case: Case) -> str:
    files = [*case.images, *([case.label] if case.label is not None else [])]
    return hash_text(*(hash_file(f) if f.is_file() else "" for f in files))
