"""What the guides quote is what the program says: messages, reasons, names of buttons and menus."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = [*sorted((ROOT / "src").rglob("*.py")), ROOT / "napari.yaml"]
SOURCE = re.sub(r'"\s*\n\s*f?"', "", "\n".join(path.read_text(encoding="utf-8") for path in FILES))
"""With strings that run over several lines in one piece."""

QUOTED = {
    "docs/guides/troubleshoot.md": r"^\| `([^`]+)` \|",
    "docs/guides/read-the-result.md": r"^\| `([^`]+)` \|",
}


@pytest.mark.parametrize("page", QUOTED)
def test_quoted_messages_are_said(page):
    quotes = re.findall(QUOTED[page], (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(quotes) >= 5
    parts = [part.strip() for quote in quotes for part in quote.split("...") if part.strip()]
    assert [part for part in parts if part not in SOURCE] == []


@pytest.mark.parametrize("name", ["Checks", "Result", "Batch", "Preview", "Copy as Python", "Copy as command line"])
def test_quoted_buttons_are_there(name):
    pages = [ROOT / "README.md", *(ROOT / "docs" / "guides").glob("*.md"), ROOT / "docs" / "getting-started.md"]
    assert any(f"*{name}*" in page.read_text(encoding="utf-8") for page in pages)
    assert f'"{name}"' in SOURCE
