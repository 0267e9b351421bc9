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
    mean = history[history.config == history.config.iloc[0]].test_acc * 75
    assert list(figure.data[0].y) == pytest.approx(mean.tolist())
    assert "n = 2" in figure.data[0].name


def test_norm_is_a_hue_and_regulariser_a_dash(history):
    figure = plots.curves(history, results.published_curves()[:0], "test", "acc")
    assert {line.line.color for line in figure.data} == set(plots.HUES.values())
    assert len({line.line.dash for line in figure.data}) == 3


def test_nothing_to_show_is_an_empty_figure(history):
    assert not plots.curves(
        history[:0], results.published_curves()[:0], "test", "acc"
    ).data
