"""The settings that were tried, and the one that was taken."""

from napari_deconvolution.recipes.iteration_table import iteration_rows
from napari_deconvolution.recipes.searches import chosen_setting, searches


def test_held_out_criterion_is_that_of_the_setting_taken(searched):
    run = searched.runs[0]
    taken = chosen_setting(run)
    assert taken in searches(run)
    assert len(searches(run)) == len(run.search) > 1
    least = {name: min(value for _, value in curve) for name, curve in searches(run).items()}
    assert least[taken] == min(least.values())
    held = {row["iteration"]: row["held-out"] for row in iteration_rows(run)}
    curve = dict(searches(run)[taken])
    assert held == {at: curve.get(at) for at in held}
    assert held[1] == curve[1]
