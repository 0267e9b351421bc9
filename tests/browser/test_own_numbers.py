"""A visitor's own numbers: pasted, dropped and typed, with the verdict, its settings and a link that holds them."""

import random

import pytest
from playwright.sync_api import expect

from explorer.study.value_examples import examples
from tests.browser.own_numbers import (
    CLIPBOARD,
    PAIR,
    answer_to,
    chart,
    drop,
    opened,
    paste,
    scalars,
    table_of_runs,
    verdict,
)
from tests.browser.screens import PHONE


def test_an_example_is_there_first_and_a_pasted_table_replaces_it(
    visit, explorer, found
):
    page = visit(f"{explorer.local_url}?tab=compare", **CLIPBOARD)
    page.get_by_label("Your own numbers").check()
    first, *_, last = examples(found)
    expect(verdict(page)).to_have_text(
        answer_to(first.text, **first.settings)["verdict"]
    )
    expect(page.locator("#compare .verdict")).to_be_hidden()
    expect(page.get_by_text("neither keeps nor logs your numbers")).to_be_visible()
    page.get_by_role("button", name=last.label).click()
    expect(page.locator("#own_numbers .paired")).to_be_checked()
    paste(page, PAIR)
    answer = answer_to(PAIR)
    assert answer["pairs"][0]["outcome"] == "different"
    expect(verdict(page)).to_have_text(answer["verdict"])
    part = page.locator("#own_numbers")
    expect(part.locator("textarea")).to_have_value(PAIR)
    expect(part.locator(".paired")).not_to_be_checked()  # it was the example's
    expect(part.locator(".margin")).to_have_value("")
    expect(part.locator(".found")).to_have_text(answer["found"]["sentence"])
    expect(part.locator(".decimal")).to_contain_text("found: comma")
    expect(part.locator(".columns li")).to_have_text(["4 runs", "4 runs"])
    for words in (".notes", ".plan"):
        expect(part.locator(words)).to_have_text(answer[words[1:]])
    expect(part.locator(".chance")).to_have_text(answer["pairs"][0]["chance"])
    label = part.locator(".charts svg").get_attribute("aria-label")
    assert str(label).startswith("old minus new: \u2212")
    page.get_by_label("Configurations of this study").check()
    expect(page.locator("#compare .verdict")).to_be_visible()
    expect(part.locator("textarea")).to_be_hidden()


@pytest.mark.parametrize(
    "files",
    [{"wandb.csv": chart()}, {"runs.csv": table_of_runs()}, scalars()],
    ids=["a chart of wandb", "wandb's table of runs", "scalars of TensorBoard"],
)
def test_exports_of_trackers_are_dropped_as_they_are(visit, explorer, files):
    page = opened(visit, explorer)
    drop(page, files)
    answer = answer_to(*files.values(), file_names=files)
    assert [column["trial"] for column in answer["columns"]] == ["base", "wide"]
    assert answer["best"] == ["wide"]
    expect(verdict(page)).to_have_text(answer["verdict"])
    part = page.locator("#own_numbers")
    expect(part.locator(".found")).to_have_text(answer["found"]["sentence"])
    if answer["found"]["reduction"]:
        part.locator(".reduction").select_option("best")
        expect(part.locator(".notes")).to_contain_text("which is a selection")
    else:
        expect(part.locator(".better")).to_have_value("lower")  # val/loss
        part.locator(".measure").select_option("val/acc")
        expect(part.locator(".better")).to_have_value("higher")
        by_accuracy = answer_to(*files.values(), file_names=files, column="val/acc")
        expect(verdict(page)).to_have_text(by_accuracy["verdict"])
    part.locator(".runs summary").click()
    part.get_by_label("Column of wide-seed1", exact=True).fill("")
    part.get_by_label("Column of wide-seed1", exact=True).blur()
    expect(part.locator(".columns li")).to_have_text(["3 runs", "2 runs"])


def test_a_link_holds_numbers_and_settings_and_no_server_sees_them(visit, explorer):
    page = opened(visit, explorer, **CLIPBOARD)
    paste(page, PAIR)
    part = page.locator("#own_numbers")
    expect(part.locator(".columns li")).to_have_text(["4 runs", "4 runs"])
    part.get_by_label("Name of column new").fill("ours & more")
    part.locator(".margin").fill("0,2")
    part.locator(".better").select_option("lower")
    part.locator(".paired").check()
    part.locator(".unit").select_option("other")
    part.locator(".unit-name").fill("BLEU")
    part.locator(".unit-name").blur()
    settings = {
        "names": {"new": "ours & more"},
        "margin": 0.2,
        "higher_is_better": False,
        "paired": True,
        "unit": "BLEU",
    }
    answer = answer_to(PAIR, **settings)
    expect(verdict(page)).to_have_text(answer["verdict"])
    part.get_by_role("button", name="Copy link").click()
    expect(part.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    query, fragment = link.split("#")
    assert "own=1" in query and fragment.startswith("numbers=old%09new")
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page = visit(f"{query}#drawing=none&{fragment}", **CLIPBOARD)
    expect(verdict(page)).to_have_text(answer["verdict"])
    assert asked and not any("97,1" in url or "numbers=" in url for url in asked)
    part = page.locator("#own_numbers")
    expect(part.locator("textarea")).to_have_value(PAIR)
    expect(part.get_by_label("Name of column new")).to_have_value("ours & more")
    expect(part.locator(".margin")).to_have_value("0.2")
    expect(part.locator(".better")).to_have_value("lower")
    expect(part.locator(".paired")).to_be_checked()
    expect(part.locator(".unit-name")).to_have_value("BLEU")


def test_a_long_export_is_linked_by_its_results_and_too_many_numbers_by_none(
    visit, explorer
):
    page = opened(visit, explorer, **CLIPBOARD)
    part = page.locator("#own_numbers")
    drop(page, scalars())
    expect(part.get_by_text("run-base-seed1-tag-acc.csv")).to_be_visible()
    shown = answer_to(*scalars().values(), file_names=scalars())["verdict"]
    expect(verdict(page)).to_have_text(shown)
    expect(part.locator(".linked")).to_contain_text("which no server sees")
    part.locator(".reduction").select_option("best")
    expect(part.locator(".notes")).to_contain_text("which is a selection")
    part.get_by_role("button", name="Copy link").click()
    expect(part.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    again = visit(link, **CLIPBOARD)
    expect(verdict(again)).to_have_text(shown)
    again_part = again.locator("#own_numbers")
    expect(again_part.locator(".notes")).to_contain_text("which is a selection")
    expect(again_part.locator(".found")).to_contain_text("the best value of each")
    lines = again.locator("#own_numbers textarea").input_value().split("\n")
    assert lines[0] == "base\twide" and len(lines) == 4
    part.get_by_role("button", name="Clear").click()
    chance = random.Random(1)
    lines = [f"{chance.random()}\t{chance.random()}" for _ in range(300)]
    paste(page, "\n".join(["a\tb", *lines]))
    expect(part.locator(".columns li")).to_have_text(["300 runs", "300 runs"])
    expect(part.get_by_role("button", name="Copy link")).to_be_disabled()
    expect(part.locator(".linked")).to_contain_text("too many for a link")


def test_bad_input_is_said_where_it_stands(visit, explorer):
    page = opened(visit, explorer)
    part = page.locator("#own_numbers")
    field = part.locator("textarea")
    text_error = part.locator("#own-text-error")
    field.fill("a\tb\n1\t2\n3\tfour\n")
    expect(text_error).to_have_text('Line 3, column b: "four" is no number.')
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(part.locator(".answer")).to_be_hidden()
    field.fill("a\tb\n1\t2\n")
    expect(part.locator("#own-deviation-error")).to_contain_text("Line 2, column a")
    expect(text_error).to_be_empty()
    part.locator(".deviation").fill("much")
    part.locator(".deviation").blur()
    expect(part.locator("#own-deviation-error")).to_contain_text("number above 0")
    part.locator(".deviation").fill("0.2")
    part.locator(".deviation").blur()
    answer = answer_to("a\tb\n1\t2\n", deviation=0.2)
    expect(verdict(page)).to_have_text(answer["verdict"])
    part.get_by_text("or that of our own networks").click()
    expect(part.locator(".notes")).to_contain_text("our own networks")
    part.locator(".margin").fill("-1")
    part.locator(".margin").blur()
    expect(part.locator("#own-margin-error")).to_contain_text("number above 0")
    part.locator(".margin").fill("")
    field.fill("a\tb\n1\t2\n3\t5\n6\t\n")
    part.locator(".paired").check()
    expect(part.locator("#own-paired-error")).to_contain_text("Line 4, column a")
    part.locator(".paired").uncheck()
    expect(verdict(page)).to_be_visible()
    drop(page, {"nothing.csv": ""})
    expect(text_error).to_contain_text("nothing.csv: There is no number in it")
    expect(part.locator(".answer")).to_be_hidden()
    part.get_by_role("button", name="Clear").click()
    expect(text_error).to_be_empty()
    drop(page, {"table.xlsx": "PK\0\0"})
    expect(text_error).to_contain_text("table.xlsx is no text")
    drop(page, {"large.csv": "1,2\n" * 60_000})
    expect(text_error).to_contain_text("At most 200 KB")


def test_settings_stay_with_new_runs_of_the_columns_and_end_with_them(visit, explorer):
    page = opened(visit, explorer, **CLIPBOARD)
    part = page.locator("#own_numbers")
    counts = part.locator(".columns .count")
    clear = part.get_by_role("button", name="Clear")

    def choose():
        part.locator(".better").select_option("lower")
        part.locator(".paired").check()
        part.locator(".margin").fill("0.2")
        part.locator(".margin").blur()
        expect(part.locator(".key")).to_contain_text("0.2")

    def expect_fresh():
        expect(part.locator(".better")).to_have_value("higher")
        expect(part.locator(".paired")).not_to_be_checked()
        expect(part.locator(".margin")).to_have_value("")

    paste(page, PAIR)
    expect(counts).to_have_text(["4 runs", "4 runs"])
    choose()
    part.locator("textarea").press("Control+a")
    paste(page, PAIR + "97,4\t98,0\n")
    expect(counts).to_have_text(["5 runs", "5 runs"])
    expect(part.locator(".better")).to_have_value("lower")
    expect(part.locator(".paired")).to_be_checked()
    expect(part.locator(".margin")).to_have_value("0.2")
    clear.click()
    expect_fresh()
    part.locator(".margin").fill("0.3")  # beside an empty field
    part.locator(".margin").blur()
    paste(page, PAIR)
    expect(counts).to_have_text(["4 runs", "4 runs"])
    expect(part.locator(".margin")).to_have_value("0.3")
    choose()
    part.locator("textarea").press("Control+a")
    page.keyboard.type("x y\n1 2\n1.1 2.1\n1.2 1.9\n")
    expect(counts).to_have_text(["3 runs", "3 runs"])
    expect_fresh()
    choose()
    drop(page, {"one.csv": "p,q\n1,2\n1.1,2.1\n1.2,2.3\n1.4,2.2\n"})
    expect(counts).to_have_text(["4 runs", "4 runs"])
    expect_fresh()


def test_of_several_columns_every_pair_is_listed_and_one_may_be_left_out(
    visit, explorer, found, saved_table
):
    page = opened(visit, explorer)
    part = page.locator("#own_numbers")
    example = next(one for one in examples(found) if one.label == "Its norms")
    part.get_by_role("button", name=example.label).click()
    answer = answer_to(example.text, **example.settings)
    expect(verdict(page)).to_have_text(answer["verdict"])
    expect(part.locator(".pairs li")).to_have_count(3)
    for pair in answer["pairs"]:
        expect(part.locator(".pairs ul")).to_contain_text(pair["verdict"])
    saved = saved_table(page, "Table as CSV", "own-numbers-table.csv")
    assert saved == [answer["table"]["headers"], *answer["table"]["data"]]
    names = [column["trial"] for column in answer["columns"]]
    part.get_by_role("button", name=f"Leave out {names[0]}").click()
    expect(part.locator(".pairs")).to_be_hidden()
    two = answer_to(example.text, **example.settings, columns=names[1:])
    expect(verdict(page)).to_have_text(two["verdict"])
    part.get_by_role("button", name=f"Add {names[0]}").click()
    expect(part.locator(".pairs li")).to_have_count(3)


def test_the_keyboard_alone_leads_from_the_switch_to_the_verdict(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=compare")
    part = page.locator("#own_numbers")
    part.get_by_label("Configurations of this study").focus()
    page.keyboard.press("ArrowRight")
    expect(part.locator(".answer")).to_be_visible()
    focused = part.locator(":focus")
    for _ in range(10):
        page.keyboard.press("Tab")
        if focused.evaluate("(node) => node.tagName") == "TEXTAREA":
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("a b\n1 2\n1.1 2.1\n1.2 1.9\n")
    answer = answer_to("a b\n1 2\n1.1 2.1\n1.2 1.9\n")
    expect(verdict(page)).to_have_text(answer["verdict"])
    name = part.get_by_label("Name of column a")
    for _ in range(10):
        page.keyboard.press("Tab")
        if name.evaluate("(node) => node === document.activeElement"):
            break
    page.keyboard.type("first")
    page.keyboard.press("Tab")
    expect(verdict(page)).to_contain_text("first")
    expect(part.get_by_label("Name of column b")).to_be_focused()


def test_a_phone_shows_the_verdict_before_the_settings_and_nothing_is_cut_off(
    visit, explorer
):
    page = opened(visit, explorer, **PHONE)
    part = page.locator("#own_numbers")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(part.locator(".margin")).to_be_hidden()
    part.locator("input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
            for name, text in scalars().items()
        ]
    )
    expect(verdict(page)).to_have_text(
        answer_to(*scalars().values(), file_names=scalars())["verdict"]
    )
    expect(verdict(page)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    part.get_by_text("Names, unit, pairing and margin").tap()
    expect(part.locator(".margin")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def cut_off(page) -> list[str]:
    """Texts of the answer and its picture that reach beyond the box that shows them."""
    return page.locator("#own_numbers .answer").evaluate(
        """(answer) => [...answer.querySelectorAll("h3, p, li, svg text")]
            .filter((node) => node.textContent && node.getClientRects().length)
            .filter((node) => {
                const range = document.createRange();
                range.selectNodeContents(node);
                const inside = range.getBoundingClientRect();
                const box = (node.closest("svg") ?? answer).getBoundingClientRect();
                return inside.left < box.left - 1 || inside.right > box.right + 1;
            })
            .map((node) => node.textContent)"""
    )


@pytest.mark.parametrize("options", [PHONE, {}], ids=["phone", "desktop"])
def test_long_names_and_numbers_are_not_cut_off(visit, explorer, options):
    page = opened(visit, explorer, **options)
    part = page.locator("#own_numbers")
    name = "configuration_with_a_long_name_" * 3
    lines = [f"0.00012{at}25 0.00012{at}75 0.00012{9 - at}15" for at in range(5)]
    text = "\n".join([f"{name}a {name}b {name}c", *lines])
    part.locator("textarea").fill(text)
    expect(verdict(page)).to_have_text(answer_to(text)["verdict"])
    assert not cut_off(page)
    if options:
        part.get_by_text("Names, unit, pairing and margin").tap()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    part.get_by_role("button", name=f"Leave out {name}c").click()
    expect(part.get_by_role("button", name=f"Add {name}c")).to_be_visible()
    expect(part.locator(".columns .count")).to_have_text(["5 runs", "5 runs"])
    assert not cut_off(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_first_line_of_numbers_is_a_header_where_the_visitor_says_so(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=compare&own=1", **CLIPBOARD)
    paste(page, "16\t32\n99.1\t98.8\n99.3\t98.9\n99.2\t98.7\n")
    part = page.locator("#own_numbers")
    expect(part.locator(".columns li")).to_have_text(["4 runs", "4 runs"])
    part.get_by_label("First line").select_option("names of columns")
    expect(part.locator(".columns li")).to_have_text(["3 runs", "3 runs"])
    expect(verdict(page)).to_contain_text("16 is better than 32")
