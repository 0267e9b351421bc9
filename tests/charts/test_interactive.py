import pytest

from explorer import plots, results


@pytest.fixture(scope="module")
def history(folder):
    return results.load(folder).history


@pytest.mark.parametrize(("split", "metric"), [("train", "acc"), ("test", "loss")])
def test_a_line_per_configuration_and_one_per_published_run(history, split, metric):
    figure = plots.curves(history, results.published_curves(), split, metric)
    assert len(figure.data) == 3 + 3
    rows = history[history.config == history.config.iloc[0]]
    scale = 100 if metric == "acc" else 1
    assert list(figure.data[0].y) == pytest.approx(
        (rows[f"{split}_{metric}"] * scale).tolist()
    )
    assert list(figure.data[0].x) == [1, 2]


def test_a_line_is_the_mean_over_the_seeds_and_says_how_many(history):
    twice = history.copy()
    twice["name"] = twice["name"] + "b"
    twice["test_acc"] = twice["test_acc"] / 2
    both = plots.pd.concat([history, twice])
    figure = plots.curves(both, results.published_curves()[:0], "test", "acc")
    rows = history[history.config == history.config.iloc[0]]
    band, line = figure.data[:2]
    assert list(line.y) == pytest.approx((rows.test_acc * 75).tolist())
    assert "n = 2" in line.name
    spread = rows.test_acc * 50 / 2**0.5  # of x and x / 2, with one degree of freedom
    assert list(band.y[: len(rows)]) == pytest.approx(
        (rows.test_acc * 75 + spread).tolist()
    )


def test_every_seed_is_a_line_and_a_logarithmic_accuracy_is_an_error(history):
    other = history.assign(name=history["name"] + "b", seed=2)
    both = plots.pd.concat([history, other])
    none = results.published_curves()[:0]
    figure = plots.curves(both, none, "test", "acc", log=True, singly=True)
    assert len(figure.data) == 2 * history.config.nunique()
    rows = history[history.config == history.config.iloc[0]]
    assert list(figure.data[0].y) == pytest.approx((100 - 100 * rows.test_acc).tolist())
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.title.text == "Test error"


def test_norm_is_a_hue_and_regulariser_a_dash(history):
    figure = plots.curves(history, results.published_curves()[:0], "test", "acc")
    assert {line.line.color for line in figure.data if line.line.color} == set(
        plots.HUES.values()
    )
    assert len({line.line.dash for line in figure.data}) == 3


def test_nothing_to_show_is_an_empty_figure(history):
    assert not plots.curves(
        history[:0], results.published_curves()[:0], "test", "acc"
    ).data


def test_a_corruption_that_fades_is_drawn_with_its_hard_end_on_the_right():
    point = {"strength": 0.5, "accuracy": 90.0, "low": 89.0, "high": 91.0}
    lines = [{"level": "BN", "runs": 3, "curve": [point, {**point, "strength": 1}]}]
    for reverse, expected in ((True, "reversed"), (False, None)):
        figure = plots.robustness(lines, "Norm", "contrast", "left", reverse)
        assert figure.layout.xaxis.autorange == expected
        band, line = figure.data
        assert list(band.x) == [0.5, 1, 1, 0.5]
        assert list(band.y) == [91, 91, 89, 89]
        assert list(line.y) == [90, 90] and line.name == "BN (n = 3)"
