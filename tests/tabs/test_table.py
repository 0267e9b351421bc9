"""Handlers of Results: the trials, and the answers to its page."""

import gzip
import json

from explorer.runs.results import Results
from explorer.tabs import table


def test_trials_are_all_that_were_trained(shown):
    assert table.trials(shown) == {"trials": shown.records()}
    assert len(shown.records()) == len(shown.checkpoints)
    config = shown.records()[0]["config"]
    some = table.trials(shown, norm="BN", study="grid")["trials"]
    assert {trial["norm"] for trial in some} == {"BN"}
    seeds = table.trials(shown, config=config)["trials"]
    assert [trial["config"] for trial in seeds] == [config] * len(seeds)
    assert "No trial" in table.trials(shown, norm="XN")["error"]


def test_one_small_answer_has_every_configuration_the_best_first(committed: Results):
    answer = table.ask(committed, {"view": "all"})
    assert len(gzip.compress(json.dumps(answer).encode())) < 40_000
    lines = answer["lines"]
    assert {line["config"] for line in lines} >= set(committed.configs)
    means = [line["mean"] for line in lines if line["shown"]]
    assert means == sorted(means, reverse=True)
    collapsed = {line["config"] for line in lines if line["state"] == "collapsed"}
    assert collapsed == {one for one in committed.configs if one in committed.collapsed}
    assert lines[0]["name"] in answer["best"][0]
    row = next(line for line in lines if line["row"] == 3)
    assert (row["published"], row["studies"]) == (99.44, ("published", "grid"))
    assert row["run"] == "GN_l1=0_l2=0_batch=64" and row["run_mean"] > 90
    assert table.ask(committed, {"view": "all"}) is answer  # computed once


def test_the_table_to_save_has_a_line_per_configuration(committed: Results):
    saved = table.ask(committed, {"view": "csv"})
    lines = table.ask(committed, {"view": "all"})["lines"]
    assert len(saved["data"]) == len(lines)
    first = dict(zip(saved["headers"], saved["data"][0], strict=True))
    assert first["As labelled, last"] == lines[0]["mean"]
    assert first["Study"] == ", ".join(lines[0]["studies"])


def test_another_question_is_refused(shown):
    assert "view" in table.ask(shown, {"view": "nothing"})["error"]
