"""Files known by their content."""

import os
import shutil

from napari_deconvolution.images.fingerprint import fingerprint


def test_a_copy_differs_in_its_time_alone(tmp_path):
    first, copy = tmp_path / "a.tif", tmp_path / "b.tif"
    first.write_bytes(b"II*\0" + bytes(5000))
    shutil.copyfile(first, copy)
    os.utime(copy, (1.0, 1.0))
    here, there = fingerprint([first]), fingerprint([copy])
    assert here.pop("modified") > there.pop("modified")
    assert here == there


def test_a_changed_byte_and_a_longer_file_are_noticed(tmp_path):
    path = tmp_path / "a.tif"
    seen = []
    for content in (b"II*\0" + bytes(5000), b"II*\1" + bytes(5000), b"II*\1" + bytes(5001)):
        path.write_bytes(content)
        seen.append((fingerprint([path])["bytes"], fingerprint([path])["start"]))
    assert len(set(seen)) == 3


def test_a_folder_is_all_that_is_in_it(tmp_path):
    chunk = tmp_path / "cell.zarr" / "0" / "0.0"
    chunk.parent.mkdir(parents=True)
    chunk.write_bytes(b"1")
    before = fingerprint([tmp_path / "cell.zarr"])
    chunk.with_name("0.1").write_bytes(b"2")
    after = fingerprint([tmp_path / "cell.zarr"])
    assert (before["bytes"], after["bytes"]) == (1, 2)
    assert before["start"] != after["start"]
