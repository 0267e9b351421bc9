"""Answers to the page of a visitor's own numbers, where the text, a setting or nothing is wrong."""

from explorer.tabs import compare

TEXT = "A\tB\n99.1\t98.2\n99.3\t98.1\n99.2\t98.4\n"


def ask(results, text: str = TEXT, **settings) -> dict:
    return compare.judge_values(
        results, {"files": [{"name": "", "text": text}], **settings}
    )


def test_columns_get_other_names_and_their_chance(shown):
    answer = ask(shown, names={"B": " old "}, margin=0.1)
    names = [(one["own_name"], one["name"]) for one in answer["found"]["columns"]]
    assert names == [("A", "A"), ("B", "old")]
    assert [one["trial"] for one in answer["columns"]] == ["A", "old"]
    (pair,) = answer["pairs"]
    chance = "In all 9 pairs of runs A is better than old; a new run of it"
    assert pair["chance"].startswith(chance)
    lower = ask(shown, higher_is_better=False)["pairs"][0]["chance"]
    assert lower.startswith("In all 9 pairs of runs B is better than A; ")


def test_an_error_says_whether_the_text_or_a_setting_is_wrong(shown):
    damaged = ask(shown, TEXT.replace("98.1", "x"))
    assert damaged == {"error": 'Line 3, column B: "x" is no number.'}
    alone = ask(shown, "A\n1\n2\n")
    assert "needs two columns" in alone["error"] and alone["field"] == ""
    wrong = {
        "margin": {"margin": 0},
        "deviation": {"text": "A\tB\n99.1\t98.2\n"},
        "paired": {"text": TEXT + "99.0\n", "paired": True},
        "names": {"names": {"A": "B"}},
    }
    for field, settings in wrong.items():
        answer = ask(shown, **settings)
        assert answer["field"] == field and answer["error"]
        assert [one["own_name"] for one in answer["found"]["columns"]] == ["A", "B"]


def test_a_single_run_takes_a_deviation_or_ours_with_a_warning(shown):
    single = "A\tB\n99.1\t98.2\n"
    assert "vary by 0.2" in ask(shown, single, deviation=0.2)["verdict"]
    ours = ask(shown, single, deviation="ours")
    assert "our own networks" in ours["notes"] and ours["judged"]


def test_lower_is_better_where_a_tracker_measures_a_loss(shown):
    lines = ['"Name","State","val_loss"']
    lines += [f'"a-{run}","finished","0.{run}1"' for run in (1, 2, 3)]
    lines += [f'"b-{run}","finished","0.{run}2"' for run in (6, 7, 8)]
    text = "\n".join(lines)
    answer = ask(shown, text)
    assert not answer["higher_is_better"] and answer["found"]["lower_by_name"]
    assert "Lower is better, by the name val_loss." in answer["found"]["sentence"]
    assert answer["best"][0] == "a"
    chosen = ask(shown, text, higher_is_better=True)
    assert chosen["best"][0] == "b" and not chosen["found"]["lower_by_name"]
    assert "Lower" not in chosen["found"]["sentence"]
    assert ask(shown, text.replace("val_loss", "glossary"))["best"][0] == "b"
