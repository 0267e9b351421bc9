"""Style of the printed figures, and the data in their descriptions."""

import pytest
from matplotlib.figure import Figure

from explorer.charts.print_style import blank, drawn


def test_a_blank_figure_has_its_axes_in_rows_and_columns():
    figure, axes = blank(4, 3, columns=3, rows=2)
    assert axes.shape == (2, 3)
    assert figure.patch.get_alpha() == 0
    assert not axes[0, 0].spines["top"].get_visible()


def test_the_data_of_a_figure_are_independent_of_its_layout():
    def figure(width: float, shift: float) -> Figure:
        drawing = Figure(figsize=(width, 3))
        axes = drawing.add_subplot()
        axes.plot([1, 2, 3], [4, 5, 6 + shift])
        axes.imshow([[0.0, 1.0], [2.0, 3.0]])
        return drawing

    assert drawn(figure(4, 0.0)) == drawn(figure(9, 0.0))
    line, image = drawn(figure(4, 0.0))
    assert line == ["line", 3, 6.0, 15.0]
    assert image == ["image", 4, 6.0]
    assert drawn(figure(4, 0.1))[0][3] == pytest.approx(15.1)
