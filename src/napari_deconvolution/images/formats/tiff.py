"""TIFF and its relatives: OME-TIFF, ImageJ, BigTIFF, LSM, STK, Micro-Manager."""

from pathlib import Path

from ..image import Image
from .base import Format, Found


class Tiff(Format):
    """Files whose planes are pages of a TIFF, whatever tells what they mean."""

    name = "TIFF"
    suffixes = (".tif", ".tiff", ".btf", ".tf2", ".tf8", ".lsm", ".stk")
    writes = (".tif", ".tiff")
    starts = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    tells = "OME: voxel size, time step, channels, optics, pinhole, modality; others: voxel size, time step"

    def images(self, path: Path) -> list[Found]:
        """Every series of pages that are one image."""
        from .tiff_read import images

        return images(path)

    def write(self, image: Image, path: Path, dtype: str | None) -> None:
        """An OME-TIFF."""
        from .tiff_write import write

        write(image, path, dtype)
