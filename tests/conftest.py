"""What several tests need."""

import os
import tempfile
from pathlib import Path

import pytest

# napari keeps preferences where this says, as it is imported: not among those of whoever runs the tests.
os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp(prefix="napari-"), "settings.yaml"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real images that lies beside the project; where it is missing, tests on it are skipped, but not in
    CI.
    """
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        reason = "the real images (../shared/data) are not beside the project"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return folder
