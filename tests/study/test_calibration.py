"""Calibration over the grid: bins, errors, thresholds and sentences, against hand-made examples and simulation."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.runs.results import FACTORS
from explorer.study import calibration, marginals, tables, wording
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.evaluate import BINS, calibration_error
from train.study import GRID

SURE, UNSURE = BINS - 1, BINS - 2  # the bins from 93.3 % and from 86.7 %


def bins(right_when_sure: int, right_when_unsure: int) -> dict:
    """Reliability sums of 9,000 images with confidence 0.98 and 1,000 with 0.9, by numbers of correct ones."""
    sums = {key: [0] * BINS for key in ("count", "confidence", "correct")}
    for index, count, confidence, correct in (
        (SURE, 9000, 0.98, right_when_sure),
        (UNSURE, 1000, 0.9, right_when_unsure),
    ):
        sums["count"][index] = count
        sums["confidence"][index] = count * confidence
        sums["correct"][index] = correct
    return sums


@pytest.fixture(scope="module")
def results(invent):
    """Grid with calibrated GN, overconfident BN and underconfident LN, up to an image per seed."""
    off = {"BN": -100, "GN": 0, "LN": 50}

    def run(trial):
        checkpoint = invent(trial, [0])
        sums = bins(
            8820 + off[trial.norm] + trial.seed - 2,
            900 + off[trial.norm] + trial.seed - 2,
        )
        summary = {
            **checkpoint.summary,
            "reliability": sums,
            "calibration_error": calibration_error(sums),
        }
        return replace(checkpoint, summary=summary)

    return gathered(
        run(replace(trial, seed=seed)) for trial in GRID for seed in (1, 2, 3)
    )


def test_the_error_of_a_level_is_the_mean_over_its_configurations(results):
    levels = {level.name: level for level in marginals.levels(results, "norm")}
    assert {name: len(level.runs) for name, level in levels.items()} == dict.fromkeys(
        ("BN", "GN", "LN"), 48
    )
    # |8720 - 8820| and |800 - 900| of 10,000 images, for seed 2.
    assert levels["BN"].mean(calibration.error).estimate == pytest.approx(2.0)
    assert levels["LN"].mean(calibration.error).estimate == pytest.approx(1.0)
    # Seeds 1, 2 and 3 are off by 2, 0 and 2 images: 0.02, 0 and 0.02 points.
    assert levels["GN"].mean(calibration.error).estimate == pytest.approx(0.04 / 3)
    deviation = np.std([0.02, 0, 0.02], ddof=1)
    assert levels["GN"].mean(calibration.error).error == pytest.approx(
        deviation / np.sqrt(48)
    )


def test_the_diagram_has_the_bins_with_images(results):
    gn = marginals.levels(results, "norm")[1]
    unsure, sure = calibration.diagram(gn)
    assert (unsure.images, sure.images) == pytest.approx((1000, 9000))
    assert (unsure.confidence, sure.confidence) == pytest.approx((90, 98))
    assert (unsure.accuracy, sure.accuracy) == pytest.approx((90, 98))
    for bin_ in (unsure, sure):
        assert bin_.interval.low < bin_.accuracy < bin_.interval.high


def test_a_threshold_answers_less_and_better(results):
    gn = marginals.levels(results, "norm")[1]
    everything = calibration.selective(gn, 0)
    assert everything.coverage == 100
    assert everything.accuracy == pytest.approx(97.2)
    confident = calibration.selective(gn, calibration.edge(0.95))
    assert confident.threshold == pytest.approx(100 * 14 / 15)
    assert confident.coverage == pytest.approx(90)
    assert confident.accuracy == pytest.approx(98)
    assert confident.accuracy_interval.low < 98 < confident.accuracy_interval.high
    for threshold in (-0.1, 1.5, "much", None, True):
        with pytest.raises(StatisticsError, match="from 0 to 1"):
            calibration.edge(threshold)


def test_the_curve_of_answers_has_every_threshold(results):
    curves = calibration.coverage(results)["norm"]
    for level in marginals.levels(results, "norm"):
        points = curves[level.name]
        edges = [point.threshold / 100 for point in points]
        assert edges == pytest.approx(calibration.EDGES)
        assert points[-1] == calibration.selective(level, calibration.EDGES[-1])
        coverages = [point.coverage for point in points]
        assert coverages[0] == 100 and coverages == sorted(coverages, reverse=True)


def test_the_interval_of_a_share_covers_it_at_its_level():
    """Configurations differ far more than their seeds do; the true share is that of equally weighted means."""
    random = np.random.default_rng(3)
    seeds = [3, 10, 10, 5, 10, 10]  # of every configuration
    configs = np.repeat([*"abcdef"], seeds).tolist()
    sizes = np.repeat([30.0, 60, 90, 40, 120, 80], seeds)  # mean images in the bin
    rates = np.repeat([0.95, 0.6, 0.8, 0.9, 0.7, 0.5], seeds)
    weight = calibration.weights(configs)
    truth = weight @ (rates * sizes) / (weight @ sizes)
    half_widths, values = [], []
    for _ in range(1000):
        counts = random.poisson(sizes)
        accuracies = random.beta(40 * rates, 40 * (1 - rates))
        value, interval = calibration.ratio(
            random.binomial(counts, accuracies), counts, configs
        )
        values.append(value)
        half_widths.append(interval.half_width)
    covered = np.abs(np.array(values) - truth) <= half_widths
    assert 0.935 <= covered.mean() <= 0.965
    # One sample of all runs would add the variance between configurations, and make the interval several times too wide.
    assert np.mean(half_widths) < 2.2 * np.std(values)


def test_a_share_weighs_configurations_the_same_and_needs_images():
    above, below = np.array([9.0, 9, 9, 9, 1, 1]), np.full(6, 10.0)
    value, interval = calibration.ratio(above, below, [*"aaaabb"])
    assert value == pytest.approx(0.5)  # not 38 / 60
    assert interval.half_width == pytest.approx(0)  # seeds do not vary
    empty = calibration.ratio(np.zeros(4), np.zeros(4), [*"aabb"])
    assert np.isnan([empty[0], empty[1].low]).all()
    with pytest.raises(StatisticsError, match="at least two seeds"):
        calibration.ratio(above, below, [*"aaaaab"])


def test_the_bias_of_a_level_is_tested_over_all_levels_of_the_factor(results):
    by_norm = {
        level.name: level for level in calibration.calibrated(results, 0)["norm"]
    }
    # 200 of 10,000 images too few right, 100 too many; seeds 1 to 3 are off by -2, 0 and 2 images.
    assert by_norm["BN"].bias.estimate == pytest.approx(-2.0)
    assert by_norm["LN"].bias.estimate == pytest.approx(1.0)
    assert by_norm["LN"].bias.error == pytest.approx(0.02 / np.sqrt(48))
    assert by_norm["BN"].bias_p < 1e-6 and by_norm["LN"].bias_p < 1e-6
    assert by_norm["GN"].bias_p == pytest.approx(1)


def test_the_sentence_names_the_best_and_the_worst(results):
    by_factor = calibration.calibrated(results, 0)
    assert set(by_factor) == set(FACTORS)
    sentence = wording.grid.calibration(by_factor["norm"])
    assert "3 of 3 pairs differ" in sentence
    assert "GN (0.01 ± 0.00) is off by less than BN and LN" in sentence
    assert "LN (1.00 ± 0.01) is off by less than BN" in sentence
    assert "more often right than they are sure: LN (by 1.00 ± 0.01 points)" in sentence
    assert "surer than they are often right: BN (by 2.00 ± 0.01 points)" in sentence
    assert "of GN neither is shown" in sentence
    assert "no two of them" in wording.grid.calibration(by_factor["batch_size"])
    assert len(tables.diagrams(by_factor["norm"])) == 3 * 2
    frame = tables.calibration(by_factor["batch_size"])
    assert frame.level.tolist() == [f"batch {size}" for size in (16, 32, 64, 128)]
    assert (frame.runs == 36).all()
