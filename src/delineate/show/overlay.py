"""Overlays: true and predicted contours on a scan, in three planes or on a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.show.facts import CasePicture
from delineate.show.figures import Picture, figure_png, new_figure
from delineate.show.palette import class_colours, rgb

_SIDE_IN = 2.7
_AXES = "zyx"


@dataclass(frozen=True, eq=False)
class Plane:
    """One slice: image, true and predicted ids ``[rows, columns]``, height and width of a pixel in mm."""

    name: str
    image: NDArray[Any]
    truth: NDArray[Any]
    prediction: NDArray[Any]
    pixel_mm: tuple[float, float]


def draw_case(case: CasePicture, labels: Labels) -> tuple[Picture, ...]:
    """A picture per plane: the truth is filled, the prediction is a line, both in the colour of the class.

    The planes go through the middle of the structure where it is widest; far background is cut away.
    A single slice gives the bare picture and the overlaid one.
    """
    case, window = _without_ignored(case, labels.ignore_id), intensity_window(case.image_zyx)
    if case.image_zyx.shape[0] == 1:
        plane = _whole_slice(case)
        bare = Plane("image", plane.image, plane.truth * 0, plane.prediction * 0, plane.pixel_mm)
        return _draw(bare, labels, window, case), _draw(plane, labels, window, case)
    return tuple(_draw(plane, labels, window, case) for plane in cut_planes(case))


def cut_planes(case: CasePicture) -> tuple[Plane, ...]:
    """Across z, y and x the slice where the structure is widest; z points up in the latter two."""
    marked = _marked(case)
    planes = []
    for axis in range(3):
        other = tuple(i for i in range(3) if i != axis)
        index = int(np.argmax(marked.sum(axis=other))) if marked.any() else marked.shape[axis] // 2
        image, truth, prediction, near = (
            np.take(a, index, axis) for a in (case.image_zyx, case.truth_zyx, case.prediction_zyx, marked)
        )
        rows, columns = field_around(near)
        cut = [a[rows, columns][:: -1 if 0 in other else 1] for a in (image, truth, prediction)]
        name = f"{_AXES[axis]} = {index} of {marked.shape[axis]}"
        planes.append(Plane(name, cut[0], cut[1], cut[2], (case.spacing_mm[other[0]], case.spacing_mm[other[1]])))
    return tuple(planes)


def _without_ignored(case: CasePicture, ignore_id: int | None) -> CasePicture:
    """What nobody labelled is no structure to look at."""
    if ignore_id is None:
        return case
    return replace(case, truth_zyx=np.where(case.truth_zyx == ignore_id, 0, case.truth_zyx))


def _whole_slice(case: CasePicture) -> Plane:
    return Plane("overlay", case.image_zyx[0], case.truth_zyx[0], case.prediction_zyx[0], case.spacing_mm[1:])


def _marked(case: CasePicture) -> NDArray[np.bool_]:
    truth = case.truth_zyx > 0
    return truth if truth.any() else case.prediction_zyx > 0


def field_around(marked: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns to show: the marked part with as much again on each side, at least 64 pixels where there are."""
    found = []
    for axis in range(2):
        places = np.flatnonzero(marked.any(axis=1 - axis))
        size = marked.shape[axis]
        if not len(places):
            found.append(slice(0, size))
            continue
        first, last = int(places[0]), int(places[-1]) + 1
        margin = max(last - first, (64 - (last - first)) // 2, 8)
        found.append(slice(max(first - margin, 0), min(last + margin, size)))
    return found[0], found[1]


def intensity_window(image: NDArray[Any]) -> tuple[float, float]:
    """The intensities drawn black and white: all but the outermost half per cent; 0 to 255 of a colour picture."""
    if image.ndim == 4:
        return 0.0, 255.0
    step = tuple(slice(None, None, max(1, s // 96)) for s in image.shape)
    sample = image[step][np.isfinite(image[step])]
    low, high = np.percentile(sample, (0.5, 99.5)) if sample.size else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-6))


def _draw(plane: Plane, labels: Labels, window: tuple[float, float], case: CasePicture) -> Picture:
    height_mm, width_mm = (n * mm for n, mm in zip(plane.truth.shape, plane.pixel_mm, strict=True))
    scale = _SIDE_IN / max(height_mm, width_mm)
    # a very thin plane (few slices) is still given enough height to be looked at
    figure = new_figure(max(width_mm * scale, 0.5), max(height_mm * scale, 0.5))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    grey = np.clip((plane.image.astype(np.float32) - window[0]) / (window[1] - window[0]), 0, 1)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1, interpolation="bilinear", aspect="auto")
    truth, prediction = labels.masks(plane.truth), labels.masks(plane.prediction)
    for colour, true, predicted in zip(class_colours(len(labels.classes)), truth, prediction, strict=True):
        _mark(axes, true, predicted, colour)
    return Picture(figure_png(figure), f"{case.case}, {plane.name}: truth and prediction", plane.name)


def _mark(axes: Any, true: NDArray[np.bool_], predicted: NDArray[np.bool_], colour: str) -> None:
    if true.any():
        fill = np.zeros((*true.shape, 4), np.float32)
        fill[true] = (*rgb(colour), 0.38)
        axes.imshow(fill, interpolation="nearest", aspect="auto")
    if predicted.any() and min(predicted.shape) > 1:
        # a frame of background closes the contours of what touches the edge
        framed = np.pad(predicted, 1).astype(np.float32)
        rows, columns = (np.arange(-1, n + 1) for n in predicted.shape)
        axes.contour(columns, rows, framed, levels=[0.5], colors="black", linewidths=2.2, alpha=0.45)
        axes.contour(columns, rows, framed, levels=[0.5], colors=colour, linewidths=1.3)
        axes.set_xlim(-0.5, predicted.shape[1] - 0.5)
        axes.set_ylim(predicted.shape[0] - 0.5, -0.5)
