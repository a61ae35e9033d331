"""NRRD, Slicer's format. https://teem.sourceforge.net/nrrd/format.html"""

from __future__ import annotations

from delineate.formats.format import FORMATS
from delineate.formats.itk import ItkFormat


@FORMATS.register("nrrd")
class Nrrd(ItkFormat):
    """``.nrrd``, header and voxels in one file."""

    name = "nrrd"
    suffixes = (".nrrd",)
