"""Scores of a set of digits: the interval against statsmodels and by simulation, and the same scores in the page."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from explorer.runs.descriptions import describe
from explorer.study import set_scores
from explorer.study.set_scores import percent
from explorer.study.statistics import share_interval
from train.data import ROOT
from train.study import Trial

TRIALS = [
    Trial(norm, l1, 0.0, 16, seed=seed)
    for norm in ("BN", "GN", "LN")
    for l1 in (0.0, 1e-4)
    for seed in range(1, 6)
]


def test_the_interval_is_wilsons():
    for read, digits in ((0, 10), (7, 10), (10, 10), (9_940, 10_000)):
        expected = proportion_confint(read, digits, method="wilson")
        interval = share_interval(read / digits, digits)
        assert np.allclose((interval.low, interval.high), expected)


def test_the_interval_holds_for_networks_that_share_the_digits():
    draw = np.random.default_rng(0)
    for digits in (10, 100):
        held, turns = 0, 2000
        for _ in range(turns):
            # Most digits are read by all networks, some by a share of them: the mean is 0.9.
            easy = draw.random(digits) < 0.8
            shares = np.where(easy, 1, draw.uniform(0, 1, digits))
            interval = share_interval(float(shares.mean()), digits)
            held += interval.low <= 0.9 <= interval.high
        assert held / turns >= 0.95


def test_a_score_is_the_mean_over_its_networks():
    counts = np.arange(len(TRIALS))
    scores = set_scores.scores(TRIALS, counts, 50)
    assert [score.name for score in scores.norms] == ["BN", "GN", "LN"]
    assert scores.norms[1].networks == 10
    assert scores.norms[1].share == pytest.approx(counts[10:20].mean() / 50)
    first = scores.configurations[0]
    assert (first.name, first.networks) == (describe(TRIALS[0]), 5)
    assert first.share == pytest.approx(counts[:5].mean() / 50)
    assert first.interval == share_interval(first.share, 50)


def test_a_half_is_rounded_up():
    assert percent(0.0625, 16) == "6.3"
    assert percent(1, 10) == "100.0"
    assert percent(0.99405, 1000) == "99.41"


SCRIPT = """
import { percent, scores } from "./explorer/web/js/set_scores.js";
let text = "";
for await (const part of process.stdin) text += part;
const { networks, tables } = JSON.parse(text);
const said = tables.map(({ counts, digits }) => {
  const { norms, configurations } = scores(networks, counts, digits);
  return [...norms, ...configurations].map(({ name, networks, share, interval: { low, high } }) => [
    name, networks, ...[share, low, high].map((one) => percent(one, digits)),
  ]);
});
console.log(JSON.stringify(said));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_page_has_the_same_scores_to_the_printed_digit():
    draw = np.random.default_rng(0)
    tables, expected = [], []
    for turn in range(300):
        digits = [10, 16, 20, 40, 999, 1000, 9_999][turn % 7]
        counts = draw.binomial(digits, draw.uniform(0, 1) ** 0.2, len(TRIALS))
        tables.append({"counts": counts.tolist(), "digits": digits})
        scores = set_scores.scores(TRIALS, counts, digits)
        expected.append(
            [
                [
                    score.name,
                    score.networks,
                    *(
                        percent(value, digits)
                        for value in (
                            score.share,
                            score.interval.low,
                            score.interval.high,
                        )
                    ),
                ]
                for score in scores.norms + scores.configurations
            ]
        )
    networks = [{"name": describe(trial), "norm": trial.norm} for trial in TRIALS]
    said = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT],
        input=json.dumps({"networks": networks, "tables": tables}),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    assert json.loads(said.stdout) == expected
