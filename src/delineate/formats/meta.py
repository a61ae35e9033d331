"""MetaImage, ITK's own format. https://itk.org/Wiki/ITK/MetaIO/Documentation"""

from __future__ import annotations

from pathlib import Path

from delineate.core.volume import Volume
from delineate.formats.format import FORMATS
from delineate.formats.itk import ItkFormat


@FORMATS.register("meta")
class Meta(ItkFormat):
    """``.mha`` and ``.mhd``."""

    name = "meta"
    suffixes = (".mha", ".mhd")

    def write(self, path: Path, volume: Volume) -> None:
        """An ``.mhd`` holds its voxels too (``ElementDataFile = LOCAL``): two files cannot be renamed at once, and a
        header beside another file's voxels would be worse than none."""
        whole = path.with_name(path.name + ".mha")
        try:
            super().write(whole, volume)
            whole.replace(path)
        finally:
            whole.unlink(missing_ok=True)
