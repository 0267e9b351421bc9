"""One answer to texts: JSON for the page, its sentences, and the command's output."""

import json
import subprocess
import sys

import pytest
from scipy import stats

from explorer.study import compare_values, value_records
from explorer.study.columns import ColumnsError
from explorer.study.value_records import of_question
from explorer.study.values import Setting
from explorer.study.wording.values import _bound as bound

TEXT = "gn,bn\n99.1,98.2\n99.3,98.5\n99.0,98.4\n99.2,98.1\n"
THREE = "gn,bn,ln\n" + "\n".join(
    f"{99 + x:.1f},{97 - x:.1f},{99.3 - x:.1f}" for x in (0.1, 0.3, 0.2, 0.0, 0.4)
)


def ask(text: str, **parts) -> dict:
    answer = of_question({"files": [{"name": "", "text": text}], "margin": 0.1, **parts}, 0.067)  # fmt: skip
    return json.loads(json.dumps(answer, allow_nan=False))


def test_two_columns_have_the_keys_of_compare():
    answer = value_records.of_lists(
        [99.1, 99.3], [98.2, 98.5, 98.4], ["gn", "bn"], Setting(0.1)
    )
    record = json.loads(json.dumps(answer, allow_nan=False))
    assert set(record) == {
        *("a", "b", "outcome", "verdict", "notes", "difference", "family"),
        *("detectable", "a_beats_b", "one_run", "more_seeds"),
    }
    assert set(record["difference"]) == {
        *("points", "low", "high", "new_images", "p", "p_equivalent", "margin"),
        *("corrected", "p_adjusted"),
    }
    assert (record["a"]["trial"], record["b"]["seeds"]) == ("gn", 3)
    assert record["one_run"] is record["difference"]["new_images"] is None
    assert record["difference"]["points"] == pytest.approx(99.2 - 98.3667, abs=1e-4)


def test_a_margin_is_needed_for_lists():
    with pytest.raises(ColumnsError, match="margin"):
        value_records.of_lists([1, 2], [3, 4], ["a", "b"], Setting(None))


def test_an_answer_has_all_that_the_page_draws():
    answer = ask(TEXT)
    assert answer["judged"] and answer["best"] == ["gn"]
    assert answer["verdict"].startswith("Different, gn is better than bn: 99.15 against 98.30, difference 0.85 ±")  # fmt: skip
    assert answer["columns"][0]["lines"] == [2, 3, 4, 5]
    assert answer["columns"][1]["accuracies"] == [98.2, 98.5, 98.4, 98.1]
    (pair,) = answer["pairs"]
    assert (pair["a"], pair["b"], pair["outcome"]) == (0, 1, "different")
    assert pair["verdict"] == answer["verdict"]
    assert answer["table"]["headers"] == ["what", "value"]
    assert ["gn: every run", "99.1, 99.3, 99.0, 99.2"] in answer["table"]["data"]
    assert answer["found"]["sentence"] == (
        "Columns with their numbers of runs: gn (4) and bn (4). Read with commas between columns, decimal point and a header. "
        "Higher is better."
    )


def test_names_direction_and_units_are_the_visitor_s():
    answer = ask(TEXT, names={"gn": "Group", "bn": "Batch"}, higher_is_better=False)
    assert answer["verdict"].startswith("Different, Batch is better than Group: 98.30")
    fractions = TEXT.replace("99.", "0.99").replace("98.", "0.98")
    answer = ask(fractions, unit="fraction")
    assert "against 98.30 %, difference 0.85 ± " in answer["verdict"]
    assert answer["unit"] == "points" and answer["pairs"][0]["difference"]["margin"] == 0.1  # fmt: skip
    assert answer["columns"][0]["mean"] == pytest.approx(99.15)
    assert ask(fractions)["found"]["fractions"] and ask(fractions)["unit"] == ""
    percent = "gn;bn\n99,1 %;98,2 %\n99,3 %;98,5 %"
    assert ask(percent)["unit_of_values"] == "%"
    assert " s, " in ask(TEXT, unit="s")["verdict"]
    kept = ask(TEXT, names={"gn": " ", "other": "x"})
    assert [column["trial"] for column in kept["columns"]] == ["gn", "bn"]
    with pytest.raises(ColumnsError):
        ask(TEXT, names=["x", "y"])
    twice = ask(TEXT, names={"gn": "x", "bn": "x"})
    assert twice["error"] == "Two columns have the name x."


def test_an_undecided_pair_says_what_would_decide():
    answer = ask("gn\tbn\n99,1\t99,2\n99,3\t99,5\n99,0\t99,1", margin=0.1)
    assert answer["verdict"].startswith(
        "Too close to call: bn is ahead by 0.13 (-0.33 to +0.59); with 3 runs each a difference of 0.62 would be seen, "
        "0.1 would take "
    )
    assert "3 runs are few: differences below 0.62 would often be missed" in answer["notes"]  # fmt: skip
    more = answer["pairs"][0]["more_seeds"]
    assert f"{more} more runs of each would decide" in answer["plan"]
    lower = ask("gn,bn\n99.1,99.2\n99.3,99.5", higher_is_better=False)
    assert "bn is behind by 0.2" in lower["verdict"]
    assert "equal" in ask("a,b\n1.0,1.1\n1.1,1.0")["verdict"]


def test_equivalence_is_said_within_the_margin_and_never_without_one():
    text = "a,b\n" + "\n".join(f"{1 + x / 100},{1 + x / 99}" for x in range(9))
    assert ask(text)["verdict"].startswith("Equivalent within 0.1: ")
    answer = ask(text, margin=None)
    assert answer["verdict"].startswith("Too close to call")
    assert "Without a margin nothing is called equivalent." in answer["notes"]


def test_single_runs_are_judged_on_condition():
    answer = ask("gn,bn\n99.1,98.2", deviation=0.2, unit="percent")
    assert answer["verdict"].startswith("If runs vary by 0.2 points: different, gn is better than bn")  # fmt: skip
    assert "the deviation of 0.2 points that was named" in answer["notes"]
    assert answer["pairs"][0]["a_beats_b"] is None and answer["columns"][0]["low"] is None  # fmt: skip
    ours = ask("gn,bn\n99.1,98.2", deviation="ours")
    assert "0.067 between the seeds of our own networks on MNIST, from which yours may be far" in ours["notes"]  # fmt: skip
    assert "one value says nothing" in ask("gn,bn\n99.1,98.2")["error"]


def test_several_columns_have_a_set_that_may_be_the_best():
    answer = ask(THREE)
    assert answer["best"] == ["gn", "ln"]
    assert answer["verdict"] == (
        "gn and ln may be the best: bn is shown to be worse than another. Of 3 pairs 2 differ, 0 equivalent within 0.1, "
        "1 too close to call."
    )
    assert "corrected for all 3 pairs (Holm)" in answer["notes"]
    assert [(pair["a"], pair["b"]) for pair in answer["pairs"]] == [(0, 1), (0, 2), (1, 2)]  # fmt: skip
    only = ask(THREE, higher_is_better=False)
    assert only["verdict"].startswith("Only bn may be the best: gn and ln are each shown to be worse")  # fmt: skip
    same = ask("a,b,c\n1,2,3\n3,1,2\n2,3,1")
    assert same["verdict"].startswith("Any of the 3 may be the best")


def test_what_weakens_a_verdict_is_said():
    paired = ask(TEXT, paired=True)
    assert "Student's paired test of 4 pairs" in paired["notes"]
    assert "skewed" in ask(TEXT)["notes"] and "skewed" not in paired["notes"]
    tied = ask("a,b\n1.5,2.5\n1.5,2.6")
    assert "All runs of a are equal: they are taken to vary by rounding at the last digit shown, 0.1." in tied["notes"]  # fmt: skip
    unlike = "a,b\n" + "\n".join(f"{x % 4},{x % 4 * 30}" for x in range(12))
    assert "The runs of b vary 30.0 times as much as those of a" in ask(unlike)["notes"]


SEEDS = (
    "norm,seed,acc\ngn,2,.972\ngn,1,.961\ngn,3,.981\nbn,1,.950\nbn,2,.971\nbn,3,.955\n"
)


def test_pairs_are_those_of_the_same_seed():
    answer = ask(SEEDS, paired=True, margin=0.001)
    assert answer["columns"][1]["accuracies"] == [0.971, 0.95, 0.955]
    p = stats.ttest_rel([0.972, 0.961, 0.981], [0.971, 0.95, 0.955]).pvalue
    assert answer["pairs"][0]["difference"]["p"] == pytest.approx(p)
    assert "Student's paired test of 3 pairs with the same seed" in answer["notes"]
    assert "in the order of the runs" in ask(TEXT, paired=True)["notes"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SEEDS.replace("bn,3", "bn,4"), "Line 4, column gn: a value without its pair, because bn has no seed 3."),
        (SEEDS.replace("bn,3", "bn,2"), "Line 7, column bn: seed 2 is there twice, so it cannot tell pairs."),
        (SEEDS + "bn,4,.9", "Line 8, column bn: a value without its pair, because gn has no seed 4."),
        ("a,b\n1,2\n,3\n4,\n", "Line 4, column a: a value without its pair, because b has no line 4."),
    ],
)  # fmt: skip
def test_runs_without_their_pair_are_refused(text, sentence):
    answer = ask(text, paired=True)
    assert (answer["error"], answer["field"]) == (sentence, "paired")


def test_runs_that_weaken_a_verdict_are_named():
    names = [f"{norm}-{run}" for norm in ("gn", "bn") for run in range(4)]
    rows = "\n".join(
        f"{name},{'failed' if name[0] == 'g' and '3' in name else 'finished'},{name[:2]},{at}"
        for at, name in enumerate(names)
    )
    answer = ask(f"Name,State,norm,acc\n{rows}\nbn-9,crashed,bn,\n")
    assert "Taken although not finished: gn-3 (failed)." in answer["notes"]
    assert "Left out, because without a value: bn-9." in answer["notes"]
    every = ask(f"Name,State,norm,acc\n{rows.replace('finished', 'running')}\n")
    assert "bn-0 (running) and 3 more." in every["notes"]
    assert "Taken" not in ask(TEXT)["notes"]


def test_other_ways_to_put_runs_together_are_said():
    text = "opt,norm,lr,acc\n" + "".join(
        f"{opt},{norm},{lr},{lr}\n" for opt in "ab" for norm in "cd" for lr in (1, 2)
    )
    said = "Runs with the same opt belong together. So might those with the same norm or lr: choose."
    assert said in ask(text)["found"]["sentence"]
    assert "choose" not in ask(text, by="norm")["found"]["sentence"]


def test_no_number_contradicts_its_word():
    assert bound(-0.0004, 2) == "-0.0004" and bound(0.0, 2) == "+0.00"
    assert bound(0.67, 2) == "+0.67"
    apart = ask("a,b\n1,4\n2,5\n3,6\n", higher_is_better=False)
    assert apart["pairs"][0]["chance"].startswith("In all 9 pairs of runs a is better than b; a new run of it")  # fmt: skip
    assert "all 9 pairs, " in str(apart["table"]["data"])
    assert "none of 9 pairs, " in str(ask("a,b\n1,4\n2,5\n3,6\n")["table"]["data"])


def test_a_header_of_numbers_may_be_chosen():
    text = "16,32\n99.1,98\n99,97\n"
    taken = ask(text, header=True)
    assert [one["trial"] for one in taken["columns"]] == ["16", "32"]
    text += "99.2,98.1\n"
    assert "no header" in ask(text)["found"]["sentence"]
    assert "first line is far from the others" in ask(text)["found"]["sentence"]
    near = ask("99.2,98.4\n" + text.split("\n", 1)[1])["found"]["sentence"]
    assert "far" not in near and "far" not in taken["found"]["sentence"]


def test_percent_and_fractions_are_not_compared_unless_a_unit_is_named():
    text = "a,b\n99.1,.988\n99.3,.989\n"
    answer = ask(text)
    assert answer["field"] == "unit"
    assert "Column b lies between 0 and 1, a between 20 and 100" in answer["error"]
    assert ask(text, unit="s")["verdict"] and ask(text, unit="")["verdict"]
    assert "error" not in ask("a,b\n.99,.98\n1.5,.97\n")


def test_a_deviation_that_is_not_used_is_said():
    assert "named is not used" in ask(TEXT, deviation=0.2)["notes"]
    assert "not used" not in ask(TEXT)["notes"]


def test_the_command_reads_what_windows_and_people_write(tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_bytes(TEXT.replace(",", "\t").encode("utf-16"))
    compare_values.main([str(path), "--margin", "0,1"])
    assert ask(TEXT)["verdict"] in capsys.readouterr().out
    for bad in ([str(path), str(path), "--margin", "1"], [str(path), "--margin", "x"]):
        with pytest.raises(SystemExit) as end:
            compare_values.main(bad)
        assert end.value.code == 2
    said = capsys.readouterr().err
    assert "The file wide.csv is there twice." in said and "'x'" in said


def test_runs_that_nobody_put_together_are_asked_for():
    names = ("dry-wind-4", "icy-sun-3", "red-moon-2", "old-lake-1")
    header = ",".join(f"{n} - acc,{n} - acc__MIN,{n} - acc__MAX" for n in names)
    text = f"Step,{header}\n1,{','.join('0.5' for _ in range(12))}\n2,{','.join(f'0.{n}' for n in range(10, 22))}"
    answer = ask(text)
    assert set(answer) == {"found", "judged", "verdict"} and not answer["judged"]
    assert answer["verdict"].startswith("Say which of the 4 runs belong together")
    assert [run["name"] for run in answer["found"]["runs"]] == [*names]
    groups = dict(zip(names, ("x", "x", "y", "y"), strict=True))
    best = ask(text, groups=groups, reduction="best")
    assert best["columns"][0]["accuracies"] == [0.5, 0.5]
    assert "which is a selection" in best["notes"]
    assert "acc of 4 runs, the best value of each" in best["found"]["sentence"]


def test_columns_of_a_link_say_what_was_taken_of_each_run():
    best = ask(TEXT, reduction="best")
    assert "which is a selection" in best["notes"]
    assert best["found"]["reduction"] == "best"
    said = "Columns of the best value of each run with their numbers of runs: gn (4) and bn (4)."
    assert best["found"]["sentence"].startswith(said)
    last = ask(TEXT, reduction="last")
    assert "Columns of the last value of each run" in last["found"]["sentence"]
    assert "selection" not in last["notes"]
    assert ask(TEXT)["found"]["reduction"] is None


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"files": []},
        {"files": "x"},
        {"files": [{"text": 1}]},
        {"files": [{"text": ""}]},
        {"files": [{"text": TEXT}] * 51},
        {"files": [{"text": TEXT + "1,1\n" * 30_000}, {"text": "1\n" * 50_000}]},
        *(
            {"files": [{"text": TEXT}], "margin": 1, **bad}
            for bad in (
                {"names": "ab"}, {"paired": "false"}, {"higher_is_better": 1},
                {"groups": []}, {"by": 1}, {"unit": 1}, {"decimal": "x"}, {"columns": ["x", "gn"]}, {"reduction": "x"},
            )
        ),
    ],
)  # fmt: skip
def test_bad_questions_get_a_sentence(question):
    with pytest.raises(ColumnsError, match=r"[.:]"):
        of_question(question)


@pytest.mark.parametrize(
    "bad",
    [{"margin": "x"}, {"margin": True}, {"margin": float("inf")}, {"deviation": "x"}],
)
def test_bad_settings_get_a_sentence_beside_what_was_read(bad):
    answer = ask(TEXT, **bad)
    (field,) = bad
    assert answer["error"] == f"The {field} must be a number above 0."
    assert answer["field"] == field and answer["found"]["kind"] == "columns"


def write(folder, **texts) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return [str(folder / f"{name}.csv") for name in texts]


def test_the_command_says_what_the_page_says(tmp_path, capsys):
    files = write(
        tmp_path, gn="99.1\n99.3\n99.0\n99.2\n", bn="98.2\n98.5\n98.4\n98.1\n"
    )
    compare_values.main([*files, "--margin", "0.1"])
    lines = capsys.readouterr().out.splitlines()
    answer = ask(TEXT)
    assert lines[1:4] == [answer["verdict"], answer["notes"], answer["plan"]]
    assert lines[5:] == [f"{what}: {value}" for what, value in answer["table"]["data"]]
    one = write(tmp_path, both=TEXT)
    compare_values.main([*one, "--margin", "0.1", "--paired", "--lower-is-better"])
    said = capsys.readouterr().out
    assert ask(TEXT, paired=True, higher_is_better=False)["verdict"] in said
    losses = "norm,val_loss\ngn,.31\ngn,.33\ngn,.32\nbn,.41\nbn,.43\nbn,.42\n"
    loss = write(tmp_path, loss=losses)
    for option, direction in (
        ([], None),
        (["--lower-is-better"], False),
        (["--higher-is-better"], True),
    ):
        compare_values.main([*loss, "--margin", "0.1", *option])
        said = capsys.readouterr().out
        answer = ask(losses, higher_is_better=direction)
        assert answer["found"]["sentence"] in said and answer["verdict"] in said
        assert answer["higher_is_better"] == bool(direction)
    assert "Lower is better, by the name val_loss." in ask(losses)["found"]["sentence"]
    single = write(tmp_path, single="gn,bn\n99.1,98.2")
    compare_values.main([*single, "--margin", "0.1", "--deviation", "0.2"])
    assert "If runs vary by 0.2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("gn,bn\n99.1,x\n99.2,98", 'both.csv: Line 2, column bn: "x" is no number.'),
        ("99.1\n98", "A comparison needs two columns of results."),
        ('"Name","State","acc"\n"a","finished","1"\n"b","finished","2"', "Name a column with --by."),
    ],
)  # fmt: skip
def test_bad_input_ends_the_command_with_2_and_a_sentence(
    tmp_path, capsys, text, sentence
):
    files = write(tmp_path, both=text)
    with pytest.raises(SystemExit) as end:
        compare_values.main([*files, "--margin", "0.1"])
    assert end.value.code == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert not said.out and "Traceback" not in said.err


def test_the_command_is_run_by_its_name(tmp_path):
    command = [sys.executable, "-m", "explorer.study.compare_values"]
    files = write(tmp_path, same="a,b\n1.0,1.1\n1.1,1.0")
    done = subprocess.run(
        [*command, "-", "--margin", "0.1"],
        input="a,b\n1.0,1.1\n1.1,1.0",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Too close to call" in done.stdout
    missing = subprocess.run(
        [*command, files[0] + "x", "--margin", "1"], capture_output=True, text=True
    )
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe1")
    with pytest.raises(SystemExit):
        compare_values.main([str(tmp_path / "bytes.csv"), "--margin", "1"])
    assert missing.returncode == 2 and "No such file" in missing.stderr
