"""Sentences about networks with invented predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.digits import typicality
from explorer.network import activations, predictions, wording
from explorer.runs.results import Results, load
from explorer.study import regularisation
from tests.gathered import gathered
from train.norms import BY_KEY
from train.study import Trial, as_run


@pytest.fixture(scope="module")
def results(folder):
    return load(folder)


def verdict(results: Results, *digits: int) -> str:
    """Verdict on networks that predict these digits."""
    probs = np.full((len(digits), 10), 0.01)
    probs[range(len(digits)), digits] = 0.91
    return wording.verdict(predictions.vote(results, probs))


@pytest.mark.parametrize(
    ("digits", "sentence"),
    [
        ([7, 7, 7], "All 3 networks read 7."),
        (
            [7, 1, 7],
            "2 of 3 networks read 7; GN, batch 32, 96 images, 2 epochs, seed 1 reads 1.",
        ),
        (
            [2, 7, 7],
            "2 of 3 networks read 7; BN, L1 0.0001, L2 0.0004, batch 32, 96 images, 2 epochs, seed 1 reads 2.",
        ),
    ],
)
def test_the_verdict_names_a_single_dissenting_network(results, digits, sentence):
    assert verdict(results, *digits) == sentence


@pytest.fixture(scope="module")
def many(invent):
    """Batch and group norm at batch 16 and 32, without and with L1, two seeds each."""
    return gathered(
        invent(Trial(norm, l1, 0.0, size, seed=seed), [0])
        for norm in ("BN", "GN")
        for l1 in (0.0, 1e-4)
        for size in (16, 32)
        for seed in (1, 2)
    )


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        (
            lambda trial: trial.norm == "BN" and trial.batch_size == 16,
            "12 of 16 networks read 7; only batch-norm networks at batch 16 read 3 (4 of 4).",
        ),
        (
            lambda trial: trial.batch_size == 32 and trial.seed == 1,
            "12 of 16 networks read 7; only networks at batch 32 read 3 (4 of 8).",
        ),
        (
            lambda trial: trial.norm == "GN" and not trial.l1,
            "12 of 16 networks read 7; only group-norm networks without a penalty read 3 (4 of 4).",
        ),
        (
            lambda trial: trial.batch_size == 16 and trial.l1 and trial.norm == "BN",
            "14 of 16 networks read 7; only batch-norm networks with L1 at batch 16 read 3 (2 of 2).",
        ),
        (
            lambda trial: (
                (trial.norm == "GN") == bool(trial.l1)
                and (trial.batch_size == 16) == bool(trial.l1)
                and trial.seed == 1
            ),
            "14 of 16 networks read 7; 2 read 3.",
        ),
    ],
)
def test_the_verdict_names_the_common_settings_of_a_dissent(many, odd, sentence):
    digits = [3 if odd(voter.trial) else 7 for voter in many.voters]
    assert verdict(many, *digits) == sentence


def test_many_readings_are_counted_and_the_rarest_put_together(many):
    digits = [7] * 9 + [1, 2, 3, 4, 5, 4, 5]
    sentence = verdict(many, *digits)
    assert sentence.startswith("9 of 16 networks read 7; ")
    assert sentence.endswith(" 2 something else.")


def test_the_verdict_on_few_networks_has_its_own_sentence(results):
    assert wording.verdict(None) == wording.NOTHING
    assert verdict(results, 5) == "The only network reads 5."
    assert verdict(results, 5, 5) == "Both networks read 5."


def test_doubt_is_stated_with_its_bits():
    assert wording.doubt(0.0).startswith("They are sure: 0.00 of at most 3.32 bits")
    assert wording.doubt(1.0).startswith("They are divided: 1.00 of")
    assert wording.doubt(np.log2(10)).startswith("They are lost: 3.32")


def test_reasons_say_why_a_digit_is_unlike():
    ink, stroke, *_ = typicality.MEASURES
    measured = [
        typicality.Measured(ink, 10.0, 50.0, None),
        typicality.Measured(stroke, 6.0, 99.9, stroke.more),
    ]
    assert wording.unlike(measured) == [
        "its strokes are wider than those of 99.8 % of MNIST's digits"
    ]


def test_the_badge_is_stated_with_its_measured_rates():
    reference = replace(
        typicality.reference(), false_alarms=0.0123, caught={"noise": 0.5, "blur": 1.0}
    )
    sentence = wording.badge(reference)
    assert sentence.startswith(
        "The badge calls 1.2% of MNIST's own test digits unlike."
    )
    assert sentence.endswith("it notices: noise 50%, blur 100%.")


@pytest.mark.parametrize(
    ("norm", "sentence"),
    [
        ("BN", "BN takes every channel by its averages over training"),
        ("GN", "GN takes every 2 channels of blocks 1 to 3 together, every 4 of"),
        ("LN", "LN takes all channels of a block together, by this image alone"),
    ],
)
def test_the_channels_that_a_norm_takes_together_are_stated(norm, sentence):
    sentence = wording.norm_statistics(Trial(norm, 0.0, 0.0, 16), 0.125)
    assert sentence.startswith(sentence)
    assert "channels differ by 0.12 from the means" in sentence


def test_the_diagrams_of_the_norms_are_captioned():
    captions = {
        key: (part.channels, part.images, wording.extent(norm, part))
        for key, norm in BY_KEY.items()
        for part in [activations.extent(norm)]
    }
    assert captions == {
        "BN": (1, 6, "batch norm: a channel, all images"),
        "GN": (2, 1, "group norm: two channels, one image"),
        "LN": (8, 1, "layer norm: all channels, one image"),
    }


def test_norms_that_no_batch_moves_are_named():
    sentence = "Group and layer norm know no batch, so they do not move."
    assert wording.unmoved() == sentence


def test_moments_are_the_mean_and_the_root_of_the_variance():
    assert wording.moments(-0.5, 4.0) == "-0.50\n± 2.00"


def test_the_effect_of_the_penalty_is_stated(invent):
    trial = Trial("GN", 1e-4, 0.0, 64)

    def run(trial, factor):
        checkpoint = invent(trial, range(20))
        state = {name: factor * value for name, value in checkpoint.state.items()}
        return replace(checkpoint, state=state)

    def sentence(factor, spread=0.0) -> str:
        runs = [
            run(replace(one, seed=seed), scale)
            for seed in (1, 2, 3)
            for one, scale in (
                (trial, factor + spread * (seed - 2)),
                (as_run(trial), 1.0),
            )
        ]
        results = gathered(runs)
        return wording.penalty(runs[0], regularisation.acted(results))

    assert "the penalty acted: the sum of |w| is -50.0 %" in sentence(0.5)
    assert "3 seeds" in sentence(0.5)
    assert "moved nothing" in sentence(1.0, spread=0.001)
    numbers = {"share": 0.5, "acc": 9.8, "shrunk": -1.0, "seeds": 3}
    gone = pd.DataFrame(
        [{"config": trial.config, "flag": regularisation.COLLAPSED, **numbers}]
    )
    sentence = wording.penalty(run(trial, 1.0), gone)
    assert "collapsed the network, which reads 10 % right" in sentence
    alone = gathered([run(trial, 0.5)])
    sentence = wording.penalty(alone.finished[0], regularisation.acted(alone))
    assert "without it, is not trained" in sentence
    bare = gathered([run(as_run(trial), 1.0)])
    sentence = wording.penalty(bare.finished[0], regularisation.acted(bare))
    assert sentence == "GN, batch 64 has no penalty."
