"""Files are written in the type asked for, and nothing that is read is written over."""

import numpy as np

from napari_deconvolution.images.files import read


def test_whole_numbers_and_overwriting(command):
    assert command("deconvolve image.tif -o out.tif --psf psf.tif --iterations 2 --dtype uint16")[0] == 0
    assert read("out.tif").samples.dtype == np.uint16
    assert read("out.tif").record["stored"]["dtype"] == "uint16"
    assert command("deconvolve image.tif -o out.tif --psf psf.tif --iterations 2 --overwrite")[0] == 0
    assert read("out.tif").samples.dtype == np.float32
