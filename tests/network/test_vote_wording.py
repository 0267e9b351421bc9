"""Sentences on invented votes, and the same from the pages' modules."""

import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from explorer.network import predictions, vote_wording, wording
from explorer.runs.descriptions import describe
from tests.gathered import gathered
from train.data import ROOT
from train.norms import BY_KEY
from train.study import Trial

NORMS = ("BN", "GN", "LN")


@pytest.fixture(scope="module")
def many(invent) -> list[Trial]:
    """Three norms at batch 16 and 32, without and with L1, three seeds each: 12 networks of a norm."""
    networks = gathered(
        invent(Trial(norm, l1, 0.0, size, seed=seed), [0])
        for norm in NORMS
        for l1 in (0.0, 1e-4)
        for size in (16, 32)
        for seed in (1, 2, 3)
    )
    return [voter.trial for voter in networks.voters]


def vote(trials, *digits: int) -> predictions.Vote | None:
    """Vote of networks that predict these digits."""
    probs = np.full((len(digits), 10), 0.01)
    probs[range(len(digits)), digits] = 0.91
    return predictions.vote(trials, probs)


@pytest.mark.parametrize(
    ("digits", "like", "unlike"),
    [
        (
            [5],
            "The only network reads 5.",
            "Perhaps 5: the only network reads it.",
        ),
        ([5, 5], "Both networks read 5.", "Perhaps 5: both networks read it."),
        (
            [5, 5, 5],
            "All 3 networks read 5.",
            "Perhaps 5: all 3 networks read it.",
        ),
        (
            [5, 8, 5],
            "2 of 3 networks read 5.",
            "Perhaps 5: 2 of 3 networks read it.",
        ),
    ],
)
def test_the_verdict_counts_and_of_a_strange_drawing_says_perhaps(
    many, digits, like, unlike
):
    counted = vote(many[: len(digits)], *digits)
    assert vote_wording.verdict(counted, []) == like
    assert vote_wording.verdict(counted, ["it is odd"]) == unlike
    assert vote_wording.verdict(None, []) == wording.NOTHING


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        (lambda trial: False, ""),
        (
            lambda trial: trial.norm == "BN" and trial.seed < 3,
            "GN and LN all read 7; two thirds of BN do not.",
        ),
        (
            lambda trial: trial.norm == "BN",
            "GN and LN all read 7; no BN network does.",
        ),
        (
            lambda trial: trial.norm != "GN" and trial.seed == 2,
            "All GN networks read 7; a third of BN and a third of LN do not.",
        ),
        (
            lambda trial: trial.seed == 2,
            "A third of BN, a third of GN and a third of LN do not read 7.",
        ),
        (
            lambda trial: trial.norm == "BN" and trial.batch_size == 16,
            "GN and LN all read 7; half of BN do not. Only batch-norm networks at batch 16 read 3 (6 of 6).",
        ),
        (
            lambda trial: trial.batch_size == 32 and trial.seed == 1,
            "A tenth of BN, a tenth of GN and a tenth of LN do not read 7. Only networks at batch 32 read 3 (6 of 18).",
        ),
        (
            lambda trial: trial.norm == "LN" and trial.regulariser == "none",
            "BN and GN all read 7; half of LN do not. Only layer-norm networks without a penalty read 3 (6 of 6).",
        ),
        (
            lambda trial: (
                trial.norm == "BN"
                or (trial.norm == "GN" and trial.batch_size == trial.seed * 16)
            ),
            "All LN networks read 7; a third of GN do not and no BN network does.",
        ),
    ],
)
def test_the_dissent_is_told_by_norm_and_by_what_it_shares(many, odd, sentence):
    counted = vote(many, *[3 if odd(trial) else 7 for trial in many])
    assert vote_wording.dissent(counted) == sentence


def test_a_single_dissenting_network_is_named(many):
    digits = [7] * (len(many) - 1) + [9]
    named = f"{describe(many[-1])}, seed {many[-1].seed}"
    sentence = vote_wording.dissent(vote(many, *digits))
    assert sentence == f"Only {named} reads 9."


def test_few_dissenting_networks_of_a_norm_are_counted(invent):
    trials = [Trial("GN", 0.0, 0.0, 16, seed=seed) for seed in range(1, 42)]
    sentence = vote_wording.dissent(vote(trials, *[7] * 39, 1, 2))
    assert sentence == "2 of 41 GN networks do not read 7."
    trials += [replace(trials[0], norm="BN"), replace(trials[0], norm="LN")]
    sentence = vote_wording.dissent(vote(trials, *[7] * 40, 1, 2, 7))
    assert sentence == (
        "All LN networks read 7; 1 of 41 GN networks does not and no BN network does."
    )


@pytest.mark.parametrize(
    ("probs", "sentence"),
    [
        ({4: 0.96, 9: 0.04}, "They are sure: on average 96 % for 4."),
        (
            {4: 0.86, 9: 0.09},
            "They are fairly sure: on average 86 % for 4, 9 % for 9.",
        ),
        ({4: 0.625, 9: 0.25}, "They are unsure: on average 63 % for 4, 25 % for 9."),
        ({4: 0.3, 9: 0.3}, "They are guessing: on average 30 % for 4, 30 % for 9."),
    ],
)
def test_doubt_is_stated_by_the_mean_probabilities(probs, sentence):
    means = np.zeros(10)
    means[list(probs)] = list(probs.values())
    assert vote_wording.doubt(means, []) == sentence
    unlike = vote_wording.doubt(means, ["it is odd"])
    assert "sure" not in unlike and "says little" in unlike


def test_the_badge_says_why_a_drawing_is_unlike():
    assert vote_wording.badge([]) == "It looks like MNIST's digits."
    assert vote_wording.badge(["it has less ink than", "its shape"]) == (
        "This does not look like a digit of MNIST: be careful. It has less ink than; its shape."
    )


SCRIPT = """
import { tally } from "./explorer/web/js/tally.js";
import { badge, dissent, doubt, verdict } from "./explorer/web/js/sentences.js";
let text = "";
for await (const part of process.stdin) text += part;
const { templates, names, voters, tables } = JSON.parse(text);
const said = tables.map(({ probs, unlike }) => {
  const counted = tally(voters, new Float32Array(probs));
  return [
    verdict(templates, counted, unlike), doubt(templates, counted.means, unlike),
    dissent(templates, names, counted), badge(templates, unlike),
  ];
});
console.log(JSON.stringify(said));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_page_says_the_same_of_200_tables_of_probabilities(many):
    chosen = np.random.default_rng(0)
    tables, expected = [], []
    for index in range(200):
        scale = chosen.choice([0.3, 1, 3, 10])
        logits = chosen.normal(size=(len(many), 10)) + scale * chosen.normal(size=10)
        if index % 2:  # norms that part
            logits += (
                3 * chosen.normal(size=(3, 10))[[NORMS.index(t.norm) for t in many]]
            )
        probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        probs = probs.astype(np.float32)
        unlike = ["it has less ink than 99.8 % of MNIST's digits"] * int(index % 3 == 0)
        tables.append({"probs": probs.ravel().tolist(), "unlike": unlike})
        counted = predictions.vote(many, probs)
        expected.append(
            [
                vote_wording.verdict(counted, unlike),
                vote_wording.doubt(predictions.means(many, probs).all, unlike),
                vote_wording.dissent(counted),
                vote_wording.badge(unlike),
            ]
        )
    voters = [
        {
            "name": describe(trial),
            "norm": trial.norm,
            "regulariser": trial.regulariser,
            "batch": trial.batch_size,
            "seed": trial.seed,
        }
        for trial in many
    ]
    names = {
        norm: {"words": words, "label": BY_KEY[norm].label}
        for norm, words in vote_wording.NAMES.items()
    }
    given = {
        "templates": vote_wording.TEMPLATES,
        "names": names,
        "voters": voters,
        "tables": tables,
    }
    said = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    assert json.loads(said.stdout) == expected
    assert len({sentence for _, _, sentence, _ in expected}) > 100
