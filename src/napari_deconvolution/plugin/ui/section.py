"""Parts of a form that open with a click, and are open again the next time."""

import re
from collections.abc import Mapping

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QPushButton, QWidget

from ..preferences import Preferences
from .parts import Note, column


class Section(QWidget):
    """A title, a line about its content or both; they show or hide it. It is hidden at first."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.title, self.line, self.colour, self.content = title, "", "", QWidget()
        self.button = Heading()
        self.button.setCheckable(True)
        self.button.toggled.connect(self.open)
        column(self.content, content).setContentsMargins(4, 6, 0, 6)
        column(self, self.button, self.content).setSpacing(0)
        self.open(False)

    def open(self, shown: bool) -> None:
        """Show or hide."""
        self.button.setChecked(shown)
        self.content.setVisible(shown)
        self._describe()

    def say(self, line: str, colour: str = "") -> None:
        """Show a line about the content in the title, which is seen while the content is hidden too."""
        self.line, self.colour = line, colour
        self._describe()

    def _describe(self) -> None:
        opened = self.button.isChecked()
        line = self.line.replace("&", "&amp;").replace("<", "&lt;")
        if self.colour and not opened:  # which is on the colour of the theme, and seen anyway
            line = f"<span style='color: {self.colour}'>{line}</span>"
        self.button.setText(" ".join(filter(None, ("▾" if opened else "▸", self.title, line))))


class Heading(QPushButton):
    """A button whose text takes as many lines as it needs."""

    def __init__(self) -> None:
        super().__init__()
        self.label = Note()
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.setStyleSheet("background: transparent")
        column(self, self.label, margin=4)

    def text(self) -> str:
        return self.label.text()

    def setText(self, text: str | None) -> None:
        self.label.setText(text or "")
        self.setAccessibleName(re.sub(r"<[^>]*>", "", text or ""))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.minimumSize() if layout else QSize()


def remember(sections: Mapping[str, Section]) -> None:
    """Open those that a click has left open before, and keep in the preferences what a click opens from now on.

    Parameters
    ----------
    sections
        By the names under which they are remembered.
    """
    before = Preferences.read().opened.split(",")
    for name, section in sections.items():
        section.open(name in before)
        section.button.clicked.connect(lambda shown, name=name: Preferences.remember_opened(name, shown))
