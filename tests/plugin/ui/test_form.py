"""A form shows what is declared, and gives back what it shows."""

import contextlib

import pytest

from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES
from napari_deconvolution.algorithms.stopping.base import STOPS
from napari_deconvolution.optics.microscope import Grid
from napari_deconvolution.parameters import Parameters
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe

MEMBERS = [member for registry in (ALGORITHMS, MODELS, PENALTIES, STOPS) for member in registry.values()]


@pytest.fixture
def form(screen, qtbot):
    from napari_deconvolution.plugin.ui.form import Form

    def make(value, names=None):
        made = Form(value, names)
        qtbot.addWidget(made)
        return made

    return make


def labels(form):
    """As they stand from top to bottom."""
    found = []
    for lines in (form.basic, form.advanced):
        found += [lines.itemAt(row, lines.ItemRole.LabelRole).widget().text() for row in range(lines.rowCount())]
    return found


def fields(form):
    return {line.text: line.native for line in form.lines.values()}


def other(value):
    """With every choice and number changed, where that is allowed; to numbers that no spin box rounds to by chance."""
    for parameter in value.parameters():
        held = getattr(value, parameter.name)
        changed = held
        if isinstance(held, Parameters):
            changed = other(held if held.registry is None else list(held.registry.values())[-1])
        elif parameter.choices:
            changed = parameter.choices[-1]
        elif parameter.type is bool:
            changed = not held
        elif parameter.type is int and held is not None:
            changed = held - 1 if held == parameter.high else held + 1
        elif parameter.type is float:
            near = 1.2345678 if held is None else held * 0.98765432 or 0.0123456
            changed = min(max(near, parameter.low or near), parameter.high or near)
        with contextlib.suppress(ValueError):
            value = value.replace(**{parameter.name: changed})
    return value


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__base__.__name__}-{member.name}")
def test_round_trip_of_every_member(form, member):
    made = form(member)
    assert made.value == member
    assert other(member) != member or not member.parameters()
    made.value = other(member)
    assert made.value == other(member)


@pytest.mark.parametrize("recipe", [Recipe(), PsfRecipe()], ids=["image", "psf"])
def test_round_trip_of_recipes(form, recipe):
    made = form(recipe)
    assert made.value == recipe
    for name in MODELS:
        changed = other(recipe.assign(model=name))
        made.value = changed
        assert made.value == changed


def choose(box, name):
    box.setCurrentIndex(box.findData(name))


def test_only_the_chosen_ones_parameters_are_shown(form):
    made = form(Recipe().assign(algorithm="richardson-lucy", penalty="none"), ("algorithm", "iterations"))
    plain = labels(made)
    assert plain == ["Algorithm", "Penalty", "Maximum iterations", "Acceleration"]
    fields(made)["Penalty"].setCurrentText("Total variation")
    assert labels(made) == ["Algorithm", "Penalty", "Regularization weight", "Maximum iterations", "Acceleration"]
    fields(made)["Regularization weight"].setText("0.01")
    assert made.value.algorithm.penalty == PENALTIES["total-variation"].replace(weight=0.01)
    choose(fields(made)["Algorithm"], "tikhonov")
    assert labels(made)[0] == "Algorithm"
    assert len(labels(made)) == 2 + len(ALGORITHMS["tikhonov"].parameters())
    choose(fields(made)["Algorithm"], "richardson-lucy")
    assert made.value.algorithm.penalty.weight == 0.01, "what was set is kept"


def test_advanced_parameters_lie_under_a_fold(form, qtbot):
    made = form(PsfRecipe().assign(model="confocal"))
    made.show()
    qtbot.waitExposed(made)
    shown, hidden = fields(made)["Pinhole diameter (AU)"], fields(made)["Coverslip thickness (design) (µm)"]
    assert shown.isVisible()
    assert not hidden.isVisible()
    made.fold.button.click()
    assert hidden.isVisible()
    choose(fields(made)["PSF model"], "gaussian")
    assert "Coverslip thickness (design) (µm)" not in labels(made)
    assert made.fold.isVisible(), "that of the microscope is there still"


def test_where_all_are_advanced_there_is_no_fold(form):
    made = form(Recipe(), ("boundary", "start"))
    assert labels(made) == ["Boundary condition", "Initial estimate"]
    assert made.fold.isHidden()
    assert form(Recipe(), ("iterations",)).fold.isHidden()


def test_keys_go_from_row_to_row(form):
    made = form(Recipe(), ("algorithm", "iterations", "boundary"))
    choose(fields(made)["Algorithm"], "richardson-lucy-total-variation")
    order, at = [], made
    natives = {native: text for text, native in fields(made).items()}
    for _ in range(200):
        at = at.nextInFocusChain()
        if at in natives:
            order.append(natives[at])
    expected = [
        "Algorithm",
        "Penalty",
        "Regularization weight",
        "Maximum iterations",
        "Acceleration",
        "Boundary condition",
    ]
    start = order.index("Algorithm")
    assert order[start : start + len(expected)] == expected


def test_choices_are_shown_in_words(form):
    made = form(Recipe().assign(algorithm="tikhonov"), ("algorithm", "boundary"))
    boxes = fields(made)
    texts = [boxes["Choice of weight"].itemText(k) for k in range(2)]
    assert texts == ["Cross-validation", "Discrepancy"]
    boxes["Choice of weight"].setCurrentText("Discrepancy")
    assert made.value.algorithm.selection == "discrepancy"
    assert boxes["Algorithm"].currentText() == "Tikhonov"


@pytest.mark.parametrize("alias", sorted(ALGORITHMS.aliases))
def test_aliases_are_offered(form, alias):
    made = form(Recipe(), ("algorithm",))
    choose(fields(made)["Algorithm"], alias)
    assert made.value.algorithm == ALGORITHMS[alias]
    made.value = Recipe().assign(algorithm=ALGORITHMS[alias].name)
    assert made.value.algorithm == ALGORITHMS[ALGORITHMS[alias].name]


def test_wavelengths_are_shown_in_nanometres(form):
    made = form(PsfRecipe().assign(wavelength=0.461), ("microscope",))
    box = fields(made)["Emission wavelength (nm)"]
    assert (box.value(), box.minimum(), box.maximum()) == (461, 200, 2000)
    assert "200 to 2000 nm" in box.toolTip()
    box.setValue(509)
    assert made.value.microscope.wavelength == 0.509


def test_optional_values_and_tuples_are_typed(form):
    made = form(PsfRecipe())
    fields(made)["Refractive index of coverslip (design)"].setText("1.5")
    fields(made)["Number of voxels"].setText("9, 17 17")
    fields(made)["Voxel size (µm)"].setText("300nm 0.1 0.1")
    assert made.value.grid == Grid(shape=(9, 17, 17), spacing=(0.3, 0.1, 0.1))
    assert made.value.model.n_coverslip_design == 1.5
    fields(made)["Refractive index of coverslip (design)"].setText("")
    assert made.value.model.n_coverslip_design is None


@pytest.mark.parametrize(
    ("row", "text", "sentence"),
    [
        ("Number of voxels", "9 17 x", "shape = 'x': must be a number"),
        ("Number of voxels", "9", "a grid has two axes"),
        ("Voxel size (µm)", "0.3 0.1", "give one number for each of the 3 axes"),
        ("Refractive index of coverslip (design)", "7", "n_coverslip_design = 7.0: must be 1 to 2"),
    ],
)
def test_errors_are_one_sentence(form, row, text, sentence):
    made = form(PsfRecipe())
    fields(made)[row].setText(text)
    with pytest.raises(ValueError, match=sentence) as caught:
        _ = made.value
    assert "\n" not in str(caught.value)


def test_wheel_scrolls_the_form(form, qtbot):
    from qtpy.QtCore import QPoint, QPointF, Qt
    from qtpy.QtGui import QWheelEvent
    from qtpy.QtWidgets import QApplication

    made = form(PsfRecipe(), ("microscope",))
    box = fields(made)["Numerical aperture"]
    made.show()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.NoButton,
        Qt.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert box.value() == 1.4
