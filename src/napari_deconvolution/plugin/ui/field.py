"""One row of a form: a declared parameter as an editor of its value."""

import math
from dataclasses import replace
from typing import Any, get_origin

from magicgui.widgets import create_widget
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

from ...parameters import LENGTHS, Parameter

SMALL = 0.01
"""Numbers whose default is smaller are typed, like 1e-4: steps make no sense where each factor of ten matters."""


def label_of(parameter: Parameter) -> str:
    """Its label, with the unit in which the value is shown; its description where it has none, never its name.

    >>> from napari_deconvolution import Microscope
    >>> [label_of(parameter) for parameter in Microscope.parameters()[:2]]
    ['Numerical aperture', 'Emission wavelength (nm)']
    """
    text = parameter.label or parameter.description
    return f"{text} ({parameter.shown})" if parameter.shown else text


def shown_value(parameter: Parameter, value: float) -> str:
    """A number with the unit in which it is shown.

    >>> from napari_deconvolution import Microscope
    >>> shown_value(Microscope.parameters()[1], 0.525)
    '525 nm'
    """
    return f"{_rounded(value * _factor(parameter)):g} {parameter.shown}".strip()


class Field:
    """The editor of a parameter that is not a group: a spin box, a check box, a choice or a text.

    Lengths may be shown in a unit other than their own. A value that was set and not edited is returned exactly.
    """

    def __init__(self, parameter: Parameter, value: Any) -> None:
        self.parameter = parameter
        self._factor = _factor(parameter)
        self._typed = _is_typed(parameter)
        self.widget = create_widget(
            annotation=str if self._typed else parameter.type, name=parameter.name, options=self._options()
        )
        self.native: QWidget = self.widget.native
        self.native.setToolTip(self.tooltip)
        keep_wheel_for_scrolling(self.native)
        if self._typed and parameter.optional:
            self.native.setPlaceholderText("auto" if "auto:" in parameter.description else "none")
        self.value = value

    @property
    def tooltip(self) -> str:
        """The description and the range in the unit in which the value is shown."""
        bounds = [
            None if bound is None else _rounded(bound * self._factor)
            for bound in (self.parameter.low, self.parameter.high)
        ]
        span = replace(self.parameter, low=bounds[0], high=bounds[1], unit=self.parameter.shown).range
        return f"<p>{self.parameter.description}{f' [{span}]' if span else ''}.</p>"

    @property
    def value(self) -> Any:
        """The value in the parameter's own unit.

        Raises
        ------
        ValueError
            If what was typed is invalid; the message names the parameter, the text and the remedy.
        """
        shown = self.widget.value
        if shown == self._shown:
            return self._exact
        if not self._typed:
            return self.parameter.check(_rounded(shown / self._factor) if self.parameter.type is float else shown)
        if get_origin(self.parameter.type) is tuple:
            return self.parameter.check(tuple(self._parse(item) for item in shown.replace(",", " ").split()))
        return self.parameter.check(self._parse(shown))

    @value.setter
    def value(self, value: Any) -> None:
        if self._typed:
            self.widget.value = self._text(value)
        elif self.parameter.type is float:
            shown = value * self._factor
            self.native.setDecimals(max(_decimals(self.widget.step) + 1, 2, _decimals(shown)))
            self.widget.value = shown
        else:
            self.widget.value = value
        self._exact, self._shown = value, self.widget.value

    def _parse(self, text: str) -> Any:
        number = self._factor != 1 and text.strip()[-1:].isdigit()
        return self.parameter.parse(text + self.parameter.shown if number else text)

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        items = value if isinstance(value, tuple) else (value,)
        return " ".join(
            f"{_rounded(item * self._factor):.12g}" if isinstance(item, float) else str(item) for item in items
        )

    def _options(self) -> dict[str, Any]:
        parameter = self.parameter
        if parameter.choices:
            return {"choices": [(parameter.label_of(choice), choice) for choice in parameter.choices]}
        if self._typed:
            return {}
        if parameter.type is bool:
            return {"text": " "}
        low = -1e9 if parameter.low is None else _rounded(parameter.low * self._factor)
        high = 1e9 if parameter.high is None else _rounded(parameter.high * self._factor)
        if parameter.type is int:
            return {"min": int(low), "max": int(high), "step": 1}
        return {"min": low, "max": high, "step": self._step(low, high)}

    def _step(self, low: float, high: float) -> float:
        """A power of ten: about a hundredth of the range where it is narrow, else a tenth of the default."""
        default = abs(self.parameter.default * self._factor) or 10.0
        reach = high - low if high < 100 * default else 10 * default
        return float(10.0 ** math.floor(math.log10(reach / 100)))


def _factor(parameter: Parameter) -> float:
    """From the unit of the value to that in which it is shown."""
    return LENGTHS[parameter.unit] / LENGTHS[parameter.shown] if parameter.shown != parameter.unit else 1.0


def _is_typed(parameter: Parameter) -> bool:
    if parameter.choices or parameter.type is bool:
        return False
    small = parameter.type is float and not parameter.optional and 0 < abs(parameter.default) < SMALL
    return parameter.optional or parameter.type not in (int, float) or small


def _decimals(value: float) -> int:
    """Digits after the point that show a number, up to nine significant ones."""
    return min(len(f"{value:.9f}".rstrip("0").partition(".")[2]), 9)


def _rounded(value: float) -> float:
    """Without the rounding error that a change of unit leaves in the last digits."""
    return float(f"{value:.12g}")


class _WheelScrolls(QObject):
    """Lets the wheel scroll the form instead of changing the value under the mouse, unless that has been clicked."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


def keep_wheel_for_scrolling(widget: QWidget) -> None:
    """Install that on a spin box or a choice."""
    if isinstance(widget, (QAbstractSpinBox, QComboBox)):
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(_WheelScrolls(widget))
