"""Sentences about networks with invented predictions."""

from dataclasses import replace

import pandas as pd
import pytest

from explorer.digits import typicality
from explorer.network import activations, wording
from explorer.study import regularisation
from tests.gathered import gathered
from train.norms import BY_KEY
from train.study import Trial, as_run


def test_reasons_say_why_a_digit_is_unlike():
    ink, stroke, *_ = typicality.MEASURES
    measured = [
        typicality.Measured(ink, 10.0, 50.0, None),
        typicality.Measured(stroke, 6.0, 99.9, stroke.more),
    ]
    assert wording.unlike(measured) == [
        "its strokes are wider than those of 99.8 % of MNIST's digits"
    ]
    loose = typicality.MEASURES[-1]
    (reason,) = wording.unlike([typicality.Measured(loose, 30, 99.9, loose.more)])
    assert reason == "it lies in separate pieces, unlike 99.5 % of MNIST's digits"


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
    ("norm", "expected"),
    [
        ("BN", "BN takes every channel by its averages over training"),
        ("GN", "GN takes every 2 channels of blocks 1 to 3 together, every 4 of"),
        ("LN", "LN takes all channels of a block together, by this image alone"),
    ],
)
def test_the_channels_that_a_norm_takes_together_are_stated(norm, expected):
    sentence = wording.norm_statistics(Trial(norm, 0.0, 0.0, 16), 0.125)
    assert sentence.startswith(expected)
    assert "channels differ by 0.12 from the means" in sentence


@pytest.mark.parametrize(
    ("norm", "expected"),
    [("none", "none takes no statistics"), ("RMS", "RMS takes all channels")],
)
def test_a_norm_without_a_mean_subtracts_none(norm, expected):
    sentence = wording.norm_statistics(Trial(norm, 0.0, 0.0, 16), 0.125)
    assert sentence.startswith(expected)
    assert "It subtracts no means: those of this digit's channels are 0.12" in sentence


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
        "none": (0, 0, "no norm: no statistics"),
        "RMS": (8, 1, "RMS norm: all channels, one image, mean square"),
    }


def test_norms_that_no_batch_moves_are_named():
    sentence = "Group, layer and RMS norm know no batch, so they do not move."
    assert wording.unmoved() == sentence


def test_moments_are_the_mean_and_the_root_of_the_variance():
    assert wording.moments(-0.5, 4.0) == "mean -0.50, deviation 2.00"


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
