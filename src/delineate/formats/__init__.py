"""Files of voxels: one file per format. The only place where arrays are turned to [channel, z, y, x] and LPS."""

from __future__ import annotations

from delineate.formats.format import FORMATS, Format, VolumeInfo, format_of, is_scan, strip_suffix
from delineate.formats.read import read_geometry, read_info, read_label, read_volume
from delineate.formats.write import write_volume

__all__ = [
    "FORMATS",
    "Format",
    "VolumeInfo",
    "format_of",
    "is_scan",
    "read_geometry",
    "read_info",
    "read_label",
    "read_volume",
    "strip_suffix",
    "write_volume",
]
