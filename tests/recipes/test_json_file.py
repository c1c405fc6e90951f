"""Settings as JSON files: written whole, read with a sentence for what is wrong."""

import pytest

from napari_deconvolution.recipes.json_file import read_json, write_json


def test_what_is_written_is_read(tmp_path):
    content = {"recipe": {"spacing": [0.3, 0.1, 0.1], "name": "µ"}}
    path = write_json(tmp_path / "a.json", content)
    assert read_json(path, "recipe") == content
    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_files_are_not_replaced_unless_asked(tmp_path):
    path = write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(FileExistsError, match=r"a\.json exists already"):
        write_json(path, {"a": 2})
    assert read_json(write_json(path, {"a": 2}, overwrite=True), "recipe") == {"a": 2}
    with pytest.raises(ValueError, match=r"end the name in \.json"):
        write_json(tmp_path / "a.txt", {})


@pytest.mark.parametrize(
    ("text", "why"), [("{", "it is not JSON"), ("[1]", "it has to hold"), ("\xff", "it is not JSON")]
)
def test_a_sentence_for_what_is_no_such_file(tmp_path, text, why):
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=rf"a\.json is no recipe file: {why}"):
        read_json(path, "recipe")
