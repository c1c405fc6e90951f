"""What several tests need."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real images that lies beside the project; where it is missing, tests on it are skipped, but not in CI."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        reason = "the real images (../shared/data) are not beside the project"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return folder
