"""Samples in exports of trackers, as these write them, and in wide and long tables."""

import pytest

from explorer.study import columns, trackers
from explorer.study.columns import ColumnsError
from explorer.study.run_samples import Choice, Table

RUNS = {"gn-seed1": 0.91, "gn-seed2": 0.93, "bn-seed1": 0.85, "bn-seed2": 0.86}


def chart(names=tuple(RUNS), metrics=("val/acc",)) -> str:
    """Chart as wandb exports it: three columns per run and metric, all quoted, blank where a run logged nothing; the value before the last is best."""
    header = ["Step"]
    rows = [[str(step)] for step in (10, 20, 30)]
    for at, name in enumerate(names):
        last = list(RUNS.values())[at % len(RUNS)]
        for metric in metrics:
            header += [f"{name} - {metric}{end}" for end in ("", "__MIN", "__MAX")]
            values = [last - 0.05, last + 0.02, "" if at == 1 else last]
            for row, value in zip(rows, values, strict=True):
                row += [f"{value:.4f}" if value else ""] * 3
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows])


RUNS_TABLE = """"Name","State","Notes","User","Tags","Created","Runtime","Sweep","norm","lr","epoch","val/acc"
"dry-wind-4","finished","-","ann","","2026-01-02T10:00:00.000Z","301","","GN","0.01","25","0.993"
"icy-sun-3","finished","-","ann","","2026-01-02T09:00:00.000Z","300","","GN","0.01","25","0.9921"
"red-moon-2","finished","-","ann","","2026-01-01T10:00:00.000Z","299","","BN","0.01","25","0.991"
"old-lake-1","crashed","-","ann","","2026-01-01T09:00:00.000Z","12","","BN","0.01","3",""
"old-lake-2","finished","-","ann","","2026-01-01T09:00:00.000Z","300","","BN","0.01","25","0.9905"
"""


def scalars(value: float) -> str:
    """Scalars as TensorBoard exports them: one run and tag."""
    return f"Wall time,Step,Value\n1698314503.5367975,1,{value - 1}\n1698314504.1,2,{value + 1}\n1698314504.9,3,{value}\n"


def table(*texts: str, names=(), choice: Choice | None = None) -> Table:
    names = names or [""] * len(texts)
    sheets = [columns.read(text, name) for text, name in zip(texts, names, strict=True)]
    return trackers.table(sheets, choice)


def samples(found: Table) -> dict[str, list[float]]:
    return {one.name: one.values.tolist() for one in found.columns}


def test_a_chart_of_wandb_gives_the_last_value_of_every_run():
    found = table(chart())
    assert (found.kind, found.measure, found.reduction) == ("wandb chart", "val/acc", "last")  # fmt: skip
    # The second run logged nothing in the last step.
    assert samples(found) == {"gn": [0.91, 0.95], "bn": [0.85, 0.86]}
    assert [run.line for run in found.runs] == [4, 3, 4, 4]
    assert [run.steps for run in found.runs] == [3, 2, 3, 3]


def test_the_best_of_a_loss_is_its_lowest_unless_somebody_says_otherwise():
    losses = chart(metrics=("val_loss",))
    lowest = samples(table(losses, choice=Choice(reduction="best")))
    assert lowest["gn"] == pytest.approx([0.86, 0.88])
    highest = Choice(reduction="best", higher_is_better=True)
    assert samples(table(losses, choice=highest))["gn"] == pytest.approx([0.93, 0.95])


def test_runs_that_end_early_or_failed_are_named():
    assert table(chart()).early == ("gn-seed2",)
    runs = table(RUNS_TABLE.replace("finished", "crashed", 1))
    assert runs.unfinished == ("dry-wind-4 (crashed)",)
    assert runs.without_value == ("old-lake-1",)


def test_other_columns_that_could_group_the_runs_are_named():
    text = "opt,norm,acc\n" + "\n".join(
        f"{opt},{norm},{at}"
        for at, (opt, norm) in enumerate([("sgd", "gn"), ("sgd", "bn"), ("adam", "gn"), ("adam", "bn")])
    )  # fmt: skip
    found = table(text)
    assert (found.by, found.also_by) == ("opt", ("norm",))
    assert table(text, choice=Choice(by="norm")).also_by == ()


def test_runs_have_the_key_of_their_seed():
    text = "norm,seed,acc\ngn,2,0.9\ngn,1,0.8\nbn,1.0,0.7\nbn,2,0.6\nbn,,0.5"
    gn, bn = table(text).columns
    assert gn.keys == ("seed 2", "seed 1")
    assert bn.keys == ("seed 1", "seed 2", "no seed in line 6")
    assert table("random_seed,a,b\n3,1,2").columns[1].keys == ("seed 3",)
    assert table("a,b\n1,2\n3,4").columns[0].keys == ()
    gaps = table("a,b\n1,2\n,3\n4,").columns
    assert [one.keys for one in gaps] == [("line 2", "line 4"), ("line 2", "line 3")]


def test_the_best_value_depends_on_the_direction():
    best = Choice(reduction="best")
    assert samples(table(chart(), choice=best))["gn"] == pytest.approx([0.93, 0.95])
    lowest = samples(
        table(chart(), choice=Choice(reduction="best", higher_is_better=False))
    )
    assert lowest["gn"] == pytest.approx([0.86, 0.88])
    with pytest.raises(ColumnsError, match="last"):
        table(chart(), choice=Choice(reduction="mean"))


def test_a_metric_of_a_chart_is_chosen():
    text = chart(metrics=("val/loss", "val - acc"))
    assert table(text).measures == ("val/loss", "acc")  # the last " - " divides
    assert table(text, choice=Choice("val/loss")).measure == "val/loss"
    with pytest.raises(ColumnsError, match="no column x"):
        table(text, choice=Choice("x"))


def test_runs_whose_names_tell_nothing_are_put_together_by_the_visitor():
    names = ("dry-wind-4", "icy-sun-3", "red-moon-2", "old-lake-1")
    found = table(chart(names))
    assert found.columns == () and [run.sample for run in found.runs] == [None] * 4
    groups = {"dry-wind-4": "GN", "red-moon-2": "GN", "icy-sun-3": "BN", "old-lake-1": ""}  # fmt: skip
    found = table(chart(names), choice=Choice(groups=groups))
    assert samples(found) == {"GN": [0.91, 0.85], "BN": [0.95]}
    assert table(chart(names), choice=Choice(groups={"dry-wind-4": "GN"})).columns == ()


def test_a_chart_of_averages_is_refused():
    with pytest.raises(ColumnsError, match="without grouping"):
        table(chart(("Group: gn", "Group: bn")))


def test_a_table_of_runs_of_wandb_is_grouped_by_a_column():
    found = table(RUNS_TABLE)
    assert (found.kind, found.measure, found.by) == ("wandb runs", "val/acc", "norm")
    assert samples(found) == {"GN": [0.993, 0.9921], "BN": [0.991, 0.9905]}
    assert found.measures == ("lr", "epoch", "val/acc") and found.reduction is None
    assert {"norm", "State"} <= set(found.labels)
    by_name = table(RUNS_TABLE, choice=Choice(by="Name"))
    assert by_name.columns == ()  # every name has a stem of its own
    of_epoch = table(RUNS_TABLE, choice=Choice("epoch", "State"))
    assert samples(of_epoch) == {"finished": [25] * 4, "crashed": [3]}
    for choice in (Choice(by="x"), Choice("x"), Choice("State")):
        with pytest.raises(ColumnsError, match="There is no column"):
            table(RUNS_TABLE, choice=choice)


def test_the_group_of_wandb_names_the_samples():
    text = '"Name","State","kind","Group","acc"\n"a","finished","x","gn","1"\n"b","finished","x","gn","2"\n"c","finished","y","bn","3"'
    assert table(text).by == "Group"


def test_scalars_of_tensorboard_are_a_run_per_file():
    names = [f"run-{run}-tag-val_acc.csv" for run in RUNS]
    found = table(*map(scalars, (60.5, 61, 70, 72.25)), names=names)
    assert (found.kind, found.measure) == ("TensorBoard", "val_acc")
    assert samples(found) == {"gn": [60.5, 61], "bn": [70, 72.25]}
    best = table(*map(scalars, (60.5, 61, 70, 72.25)), names=names, choice=Choice(reduction="best"))  # fmt: skip
    assert samples(best)["gn"] == [61.5, 62]
    assert {run.line for run in best.runs} == {3}


def test_files_of_other_names_are_named_by_their_files():
    found = table(scalars(1), scalars(2), scalars(3), names=["gn_1.csv", "gn_2.csv", "bn_1.csv"])  # fmt: skip
    assert samples(found) == {"gn": [1, 2], "bn": [3]}
    with pytest.raises(ColumnsError, match="one kind"):
        table(scalars(1), "a,b\n1,2", names=["a.csv", "b.csv"])


def test_every_column_of_a_wide_table_is_a_sample():
    found = table("seed,gn,bn\n1,3,4\n2,5,6")
    assert samples(found) == {"gn": [3, 5], "bn": [4, 6]}
    assert (found.kind, found.left_out) == ("columns", ("seed",))
    assert samples(table("a,b,c\n1,2,3", choice=Choice(columns=("a", "c")))) == {"a": [1], "c": [3]}  # fmt: skip
    with pytest.raises(ColumnsError, match="no column x"):
        table("a,b,c\n1,2,3", choice=Choice(columns=("a", "x")))
    with pytest.raises(ColumnsError, match="at most 20"):
        table(",".join("1" * 21))
    with pytest.raises(ColumnsError, match='Line 2, column a: "x" is no number'):
        table("a,b\nx,y")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1\n2", "3\n4"), ["gn", "bn"]),
        (("acc\n1\n2", "acc\n3\n4"), ["gn", "bn"]),
        (("group norm\n1\n2", "batch norm\n3\n4"), ["group norm", "batch norm"]),
        (("a,b\n1,2", "a,c\n3,4"), ["gn a", "b", "bn a", "c"]),
    ],
)
def test_columns_of_several_files_are_told_apart(texts, expected):
    assert [*samples(table(*texts, names=["gn.csv", "bn.csv"]))] == expected


def test_percent_signs_in_one_file_only_are_refused():
    with pytest.raises(ColumnsError, match=r"b\.csv: numbers with percent signs"):
        table("1\n2", "3%\n4%", names=["a.csv", "b.csv"])


def test_a_long_table_is_grouped_by_its_text():
    text = "method,seed,acc,loss\ngn,1,99,0.1\nbn,1,98,0.2\ngn,2,97,0.3\nbn,2,96,0.4"
    found = table(text, choice=Choice("acc"))
    assert samples(found) == {"gn": [99, 97], "bn": [98, 96]}
    assert (found.kind, found.by, found.measures) == ("rows", "method", ("acc", "loss"))
    assert [one.lines for one in found.columns] == [(2, 4), (3, 5)]
    assert table(text).measure == "loss"
    assert [*samples(table(text, choice=Choice(by="")))] == ["acc", "loss"]
    numbers = "batch,acc\n16,1\n16,2\n32,3\n32,4"
    assert samples(table(numbers, choice=Choice(by="batch"))) == {"16": [1, 2], "32": [3, 4]}  # fmt: skip
