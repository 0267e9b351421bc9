"""Sentences on the votes on a digit, from the templates of `sentences.json`, which the page of the pad reads as well."""

import json
from pathlib import Path

import numpy as np

from explorer import web
from explorer.network import wording
from explorer.network.predictions import Dissent, NormVote, Vote
from explorer.runs.descriptions import describe
from explorer.study.wording.numbers import listed
from train.norms import BY_KEY

TEMPLATES = json.loads(
    (Path(web.__file__).parent / "device/sentences.json").read_text("utf-8")
)
NAMES = {key: norm.name.replace(" ", "-") for key, norm in BY_KEY.items()}


def verdict(vote: Vote | None, unlike: list[str]) -> str:
    """Digit that most networks read, and how many do; only "perhaps" for a drawing with reasons why it is `unlike` MNIST's digits."""
    if not vote:
        return wording.NOTHING
    names = {1: "one", 2: "both"}
    kind = names.get(vote.networks, "all") if not vote.dissents else "most"
    return TEMPLATES["unlike" if unlike else "like"][kind].format(
        digit=vote.digit, agree=vote.agree, networks=vote.networks
    )


def doubt(means: np.ndarray, unlike: list[str]) -> str:
    """Sentence on how sure the networks are, by their mean probabilities (10,); that says little of a drawing that is `unlike` MNIST's digits."""
    order = np.argsort(-means, kind="stable")
    first, second = (
        TEMPLATES["chance"].format(percent=int(100 * means[digit] + 0.5), digit=digit)
        for digit in order[:2]
    )
    template = TEMPLATES["unlike_doubt"] if unlike else _degree(float(means.max()))
    return template.format(first=first, second=second)


def _degree(top: float) -> str:
    return next(template for least, template in TEMPLATES["doubts"] if top >= least)


def badge(unlike: list[str]) -> str:
    """Sentence on whether a drawing looks like MNIST's digits."""
    reasons = "; ".join(unlike)
    return TEMPLATES["badge"]["unlike" if unlike else "like"].format(
        reasons=_capital(reasons)
    )


def dissent(vote: Vote | None) -> str:
    """Sentences on the networks that read another digit than most: how many of each norm, and what they share; "" for none."""
    if not vote or not vote.dissents:
        return ""
    templates, largest = TEMPLATES["dissent"], vote.dissents[0]
    if vote.networks - vote.agree == 1:
        return templates["single"].format(
            name=describe(largest.first),
            seed=largest.first.seed,
            digit=largest.digit,
        )
    sentences = [_split(vote)]
    if set(largest.shared) - {"norm"}:
        sentences.append(
            templates["only"].format(
                group=_group(largest),
                digit=largest.digit,
                count=largest.count,
                alike=largest.alike,
            )
        )
    return " ".join(sentences)


def _split(vote: Vote) -> str:
    """Sentence on the agreement of every norm's networks with most."""
    templates = TEMPLATES["dissent"]
    agreeing = [
        BY_KEY[one.norm].label for one in vote.norms if one.agree == one.networks
    ]
    divided = [one for one in vote.norms if 0 < one.agree < one.networks]
    is_plural = sum(one.networks - one.agree for one in divided) > 1
    others = templates["do_not"][is_plural].format(
        parts=listed(list(map(_part, divided)))
    )
    none = [BY_KEY[one.norm].label for one in vote.norms if not one.agree]
    clauses = [templates["none"].format(norms=TEMPLATES["or"].join(none))] * bool(none)
    if not agreeing:
        apart = templates["apart"].format(others=others, digit=vote.digit)
        return _capital("; ".join([apart, *clauses])) + "."
    if divided:
        clauses.insert(0, others)
    head = templates["agreeing"][len(agreeing) > 1].format(norms=listed(agreeing))
    return templates["split"].format(
        agreeing=head, digit=vote.digit, others=listed(clauses)
    )


def _part(norm: NormVote) -> str:
    """Words for the networks of a norm that do not agree, some but not all."""
    apart = norm.networks - norm.agree
    part = next(
        words for most, words in TEMPLATES["parts"] if apart / norm.networks <= most
    )
    return TEMPLATES["dissent"]["part" if part else "few"].format(
        part=part, count=apart, networks=norm.networks, norm=BY_KEY[norm.norm].label
    )


def _group(dissent: Dissent) -> str:
    """Description of the networks with the levels that a dissent shares."""
    group = " ".join(
        _level(factor, getattr(dissent.first, factor)) for factor in dissent.shared
    )
    if "norm" in dissent.shared:
        return group
    return f"{TEMPLATES['levels']['networks']} {group}"


def _level(factor: str, value: str | int) -> str:
    if factor == "norm":
        return TEMPLATES["levels"]["norm"].format(value=NAMES[str(value)])
    key = "none" if value == "none" else factor.removesuffix("_size")
    return TEMPLATES["levels"][key].format(value=value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
