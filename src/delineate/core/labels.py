"""`Labels`: what the integers of a mask mean, and what a network has to predict.

Three kinds of integer appear. *File values* stand in the mask files. *Ids* are consecutive (0 is background) and
stand in every array between `Labels.encode` and `Labels.decode`. *Channels* are the network's outputs: one per id
for exclusive labels (softmax), one per class for regions that may overlap (sigmoid).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from delineate.core.errors import LabelError
from delineate.core.record import Record
from delineate.core.sides import side_pairs, tells_sides

_WORTH_A_TABLE = 1 << 17


class LabelClass(Record):
    """One thing to find: the union of ``ids``; ``output_id`` is written where it is predicted."""

    name: str
    ids: tuple[int, ...]
    output_id: int


class Labels(Record):
    """The classes of a task, foreground only and in order.

    ``file_values[id]`` is the value in the files of that id; ``ignore_value`` marks voxels nobody labelled. With
    ``instances`` the files number the objects of the one class: every positive value is id 1, written back as 1.
    """

    classes: tuple[LabelClass, ...]
    file_values: tuple[int, ...]
    ignore_value: int | None = None
    instances: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.file_values)) != len(self.file_values) or self.ignore_value in self.file_values:
            raise ValueError("two labels share one file value")
        known = range(1, len(self.file_values))
        if any(i not in known for c in self.classes for i in (*c.ids, c.output_id)):
            raise ValueError("a class names an id that has no file value")
        if self.instances and self.file_values != (0, 1):
            raise ValueError("numbered objects are one class of file value 1 on a background of 0")
        return self

    @classmethod
    def exclusive(cls, names: dict[int, str], ignore_value: int | None = None, background_value: int = 0) -> Self:
        """Classes that do not overlap, from ``{file value: name}`` without the background."""
        values = sorted(names)
        classes = tuple(LabelClass(name=names[v], ids=(i,), output_id=i) for i, v in enumerate(values, 1))
        return cls(classes=classes, file_values=(background_value, *values), ignore_value=ignore_value)

    @classmethod
    def of_instances(cls, name: str = "object", ignore_value: int | None = None) -> Self:
        """One class from masks that number its objects 1, 2, 3 ..."""
        wanted = LabelClass(name=name, ids=(1,), output_id=1)
        return cls(classes=(wanted,), file_values=(0, 1), ignore_value=ignore_value, instances=True)

    @classmethod
    def of_regions(
        cls, regions: dict[str, tuple[int, ...]], order: tuple[int, ...], ignore_value: int | None = None
    ) -> Self:
        """Overlapping classes from ``{name: file values of the union}``; ``order[k]`` is the file value written for
        region k, later regions over earlier ones (nnU-Net's ``regions_class_order``)."""
        values = sorted({v for union in regions.values() for v in union})
        number = {v: i for i, v in enumerate(values, 1)}
        classes = tuple(
            LabelClass(name=name, ids=tuple(number[v] for v in union), output_id=number[out])
            for (name, union), out in zip(regions.items(), order, strict=True)
        )
        return cls(classes=classes, file_values=(0, *values), ignore_value=ignore_value)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes in order."""
        return tuple(c.name for c in self.classes)

    @property
    def regions(self) -> bool:
        """Whether classes are unions of ids (sigmoid) rather than one id each (softmax)."""
        return any(len(c.ids) > 1 for c in self.classes)

    @property
    def channels(self) -> int:
        """Outputs of the network: one per region, or one per id with the background."""
        return len(self.classes) if self.regions else len(self.file_values)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest type of an array of ids."""
        return np.dtype(np.uint8 if len(self.file_values) < 255 else np.uint16)

    @property
    def ignore_id(self) -> int | None:
        """The id of voxels nobody labelled: the largest of `dtype`; None where there are none."""
        return None if self.ignore_value is None else int(np.iinfo(self.dtype).max)

    def encode(self, values: NDArray[Any]) -> NDArray[Any]:
        """File values to ids.

        Raises:
            LabelError: values that are not integers or not among the labels, with how many voxels hold them.
        """
        if values.dtype in (np.uint8, np.int8, np.uint16, np.int16) and values.size > _WORTH_A_TABLE:
            with suppress(LabelError):  # told below, with the numbers of voxels
                return self._looked_up(values)
        ids = np.zeros(values.shape, self.dtype)
        known = np.zeros(values.shape, bool)
        pairs = list(enumerate(self.file_values))
        if self.ignore_value is not None and self.ignore_id is not None:
            pairs.append((self.ignore_id, self.ignore_value))
        for i, value in pairs:
            here = values == value
            ids[here] = i
            known |= here
        if self.instances:
            objects = (values > 0) & ~known & np.isfinite(values) & (np.floor(values) == values)
            ids[objects] = 1
            known |= objects
        if not known.all():
            odd, counts = np.unique(values[~known], return_counts=True)
            told = ", ".join(f"{v:g} ({n} voxels)" for v, n in list(zip(odd, counts, strict=True))[:8])
            raise LabelError(
                f"label values that were not declared: {told}",
                f"only {', '.join(str(v) for _, v in pairs)}",
                "run `delineate check` to see which cases hold them",
            )
        return ids

    def _looked_up(self, values: NDArray[Any]) -> NDArray[Any]:
        """What `encode` gives for a type of few values: each of those that occur is encoded once."""
        unsigned = np.dtype(f"u{values.dtype.itemsize}")
        occur = np.zeros(np.iinfo(unsigned).max + 1, bool)
        flat = np.ascontiguousarray(values).view(unsigned)
        occur[flat.reshape(-1)] = True
        there = np.flatnonzero(occur).astype(unsigned).view(values.dtype)
        table = np.zeros(len(occur), self.dtype)
        table[there.view(unsigned)] = self.encode(there)
        return table[flat]

    def decode(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Ids to file values, in the smallest integer type that holds them all."""
        table = np.asarray(self.file_values)
        if self.ignore_value is not None and self.ignore_id is not None:
            table = np.append(table, np.full(self.ignore_id + 1 - len(table), self.ignore_value))
        smallest = (
            np.uint8
            if table.min() >= 0 and table.max() < 256
            else np.uint16
            if table.min() >= 0 and table.max() < 65536
            else np.int32
        )
        return table.astype(smallest)[ids]

    def masks(self, ids: NDArray[Any]) -> NDArray[np.bool_]:
        """One boolean mask per class, ``[class, *ids.shape]``; unlabelled voxels belong to none."""
        out = np.zeros((len(self.classes), *ids.shape), bool)
        for mask, wanted in zip(out, self.classes, strict=True):
            for i in wanted.ids:
                mask |= ids == i
        return out

    @property
    def has_sides(self) -> bool:
        """Whether some classes are told apart by left and right (English or Chinese): mirroring would confuse them."""
        return tells_sides(self.names)

    @property
    def side_pairs(self) -> tuple[tuple[int, int], ...]:
        """The ids that change places when left and right do, `LabelClass.ids` and channels alike.

        Empty without sides, where a class of one side has no opposite, and for regions, whose ids name no sides.
        """
        if self.regions:
            return ()
        return tuple((self.classes[a].ids[0], self.classes[b].ids[0]) for a, b in side_pairs(self.names))
