"""Train as a visitor meets it: watch, stop, draw with it, take it away and bring it back."""

import re
from collections import deque

import pytest
from playwright.sync_api import expect

import app
from explorer.retrain import hyperparameters, jobs, training
from explorer.retrain.jobs import JOBS, Job
from explorer.retrain.training import CPU
from tests.browser.address import expect_query
from tests.browser.pad import complete
from tests.browser.screens import PHONE
from train import checkpoint
from train.study import Trial

LONG = Trial("GN", 0.0, 0.0, 16)
SMALL = {"Training digits": "2000", "Batch size": "16"}


@pytest.fixture
def page(visit, explorer):
    return opened(visit(explorer.local_url))


def opened(page):
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#retrain .train")).to_be_visible()
    expect(page.locator("#retrain [inert]")).to_have_count(0)  # its module listens
    page.get_by_role("button", name="No penalty, all digits").click()  # for one epoch
    return page


def choose(page, **settings):
    for label, value in settings.items():
        field = page.locator("#retrain .recipe").get_by_label(label, exact=True)
        if field.evaluate("(node) => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def train(page, times: int, **settings):
    choose(page, **settings)
    page.get_by_role("button", name="Train", exact=True).click()
    done(page, times)


def done(page, times: int):
    """Waits until so many trainings of this page have ended."""
    expect(page.locator(f"#retrain .live[data-answers='{times}']")).to_be_attached(
        timeout=120_000
    )
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def reading(page) -> list[str]:
    """Readings of the visitor's own networks in the Draw tab."""
    page.get_by_role("tab", name="Draw", exact=True).click()
    complete(page)
    return page.locator("#pad .own li").all_inner_texts()


def test_the_recipe_on_which_the_page_opens_draws_a_curve(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=retrain", **PHONE)
    recipe = hyperparameters.trial_of(hyperparameters.EXPERIMENTS[0].settings)
    field = page.locator("#retrain .recipe").get_by_label
    expect(field("Training digits")).to_have_value(str(recipe.train_images))
    page.get_by_role("button", name="Train", exact=True).click()
    accuracy = page.locator("#retrain .charts svg").last
    expect(accuracy).to_be_in_viewport()  # while it trains
    done(page, 1)
    rows = page.locator("#retrain .numbers tbody tr", has_text="seed 11")
    expect(rows).to_have_count(recipe.epochs)
    first, *_, last = map(float, rows.locator("td:last-child").all_text_contents())
    assert 80 < first < last
    expect(page.locator("#retrain .verdict")).to_contain_text(
        f"Yours learned from {recipe.train_images:,} digits, the committed ones from 60,000"
    )


@pytest.mark.parametrize("recipe", hyperparameters.EXPERIMENTS, ids=lambda it: it.words)
def test_a_recipe_fills_the_form_and_the_address(page, recipe):
    page.get_by_role("button", name=recipe.words).click()
    for setting in hyperparameters.SETTINGS:
        value = recipe.settings.get(setting.name, setting.first)
        field = page.locator(f"#retrain-{setting.name}")
        assert field.input_value() == f"{value:.10g}" if setting.high else value
    expect_query(page, **{name: f"{value}" for name, value in recipe.settings.items()})


# Keeps every text of an element in `said`.
SAID = """(element) => {
  window.said = [];
  new MutationObserver(() => said.push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
}"""


def test_a_network_is_trained_used_taken_away_and_brought_back(
    page, visit, explorer, tmp_path
):
    # The whole of it: an epoch of all the digits.
    status = page.locator("#retrain .status")
    status.evaluate(SAID)  # a busy browser may show all of it between two looks
    page.get_by_role("button", name="Train", exact=True).click()
    done(page, 1)
    said = page.evaluate("said")
    assert any(re.match(r"Batch [\d,]+ of 3,750, about \d+ s left", it) for it in said)
    own = page.locator("#retrain .own .network")
    expect(own).to_have_count(1)
    accuracy = float(re.search(r"([\d.]+)%", own.inner_text())[1])
    assert accuracy > 97
    expect(page.locator("#retrain .verdict")).to_contain_text("after epoch 1")
    expect(page.locator("#retrain .charts svg")).to_have_count(2)

    # A second one is stopped half-way and keeps what it learned.
    choose(page, Norm="BN", Epochs="4")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(status).to_contain_text(re.compile("Batch .* of 15,000"))
    page.get_by_role("button", name="Stop").click()
    done(page, 2)
    expect(page.locator("#retrain .ended")).to_contain_text("Stopped after")
    expect(own).to_have_count(2)
    said = reading(page)
    assert len(said) == 2
    assert "yours 2: BN" in said[1] and "stopped after" in said[1]

    # Both are among the choices of other tabs, and what they say there is theirs.
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Mistakes: yours 1").click()
    expect(page.locator("#mistakes select.trial")).to_have_value("own-1")
    missed = round((1 - accuracy / 100) * 10_000)
    expect(page.locator("#mistakes .words").first).to_contain_text(f"{missed} of the")
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Inside: yours 2").click()
    expect(page.locator("#inside .side h3")).to_contain_text("yours 2")
    page.get_by_role("tab", name="Learning curves").click()
    legend = page.locator("#curves .legend li")
    expect(legend.filter(has_text="yours 1")).to_have_count(1)

    # Away, and back in another visit, which knows nothing of this one.
    page.get_by_role("tab", name="Train").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download: yours 1").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    found = checkpoint.load(file)
    assert file.name == f"{found.trial.name}.safetensors"
    assert 100 * found.summary["last"]["test_acc"] == pytest.approx(accuracy)
    again = opened(visit(explorer.local_url))
    expect(again.locator("#retrain .own .network")).to_have_count(0)
    again.locator("#retrain .load input").set_input_files(file)
    expect(again.locator("#retrain .own .network")).to_have_count(1)
    assert reading(again) == said[:1]


def test_a_file_that_is_no_network_is_refused_with_a_sentence(page, tmp_path):
    words = page.locator("#retrain .loaded")
    for name, content, said in (
        ("holiday.safetensors", b"not a network", "not a whole safetensors file"),
        ("large.safetensors", bytes(200_000), "larger than 150,000 bytes"),
    ):
        (tmp_path / name).write_bytes(content)
        page.locator("#retrain .load input").set_input_files(tmp_path / name)
        expect(words).to_contain_text(f"{name}: {said}")
    expect(page.locator("#retrain .own .network")).to_have_count(0)


def test_where_the_reference_loop_trains_the_page_says_why(
    visit, explorer, monkeypatch
):
    why = "The fast engine for the CPU cannot be used (OSError: no space)"
    monkeypatch.setattr(training, "slow", lambda: why)
    page = opened(visit(explorer.local_url))
    expect(page.locator("#retrain .slow")).to_have_text(why)
    train(page, 1, **SMALL)  # by the fast engine
    expect(page.locator("#retrain .slow")).to_have_text("")


def test_what_may_not_be_trained_is_refused_before_it_waits(page):
    error = page.locator("#retrain > * .error, #retrain .error").first
    for settings, words in (
        ({"Epochs": "26"}, "Epochs must be a whole number from 1 to 25"),
        ({"Epochs": "1", "L1": "-1"}, "L1 must be a number from 0 to 1"),
        ({"L1": "", "Batch size": "64.5"}, "L1 must be a number"),
    ):
        choose(page, **settings)
        page.get_by_role("button", name="Train", exact=True).click()
        expect(error).to_contain_text(words)
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
        field = page.locator("#retrain .field", has=page.locator(".error"))
        expect(field.locator("label")).to_have_text(words.split(" must")[0])
        expect(field.locator("input")).to_be_focused()
    train(page, 1, L1="0", **SMALL)
    expect(error).to_be_empty()
    expect(page.locator("#retrain [aria-invalid=true]")).to_have_count(0)


def test_seeds_are_added_until_the_verdict_is_decided(page):
    train(page, 1, Epochs="3", **{"Training digits": "6000"})
    page.get_by_role("button", name="Until it is decided").click()
    expect(page.locator("#retrain .verdict")).to_contain_text("Different, yours reads")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    trained = page.locator("#retrain .own .network").count()
    assert 2 <= trained <= 4  # of the 20 that are trained at most
    # Their mean and range stand in place of the earlier ones.
    keys = page.locator("#retrain .keys")
    expect(keys).to_contain_text(f"yours, {trained} seeds")
    expect(keys.locator(".key")).to_have_count(3)


def test_seeds_are_added_and_judged_together(page):
    train(page, 1, Seed="3", **SMALL)
    verdict = page.locator("#retrain .verdict")
    expect(verdict).to_contain_text("One run")
    page.get_by_role("button", name="Add 2 seeds").click()
    done(page, 3)
    expect(page.locator("#retrain .own .network")).to_have_count(3)
    expect(page.locator("#retrain .own")).to_contain_text("seed 5")
    expect(verdict).to_contain_text("your 3 runs")
    looks = page.get_by_role(
        "img", name="the difference and its interval after each run"
    )
    expect(looks).to_be_visible()
    choose(page, Seed=str(2**32 - 1))
    page.get_by_role("button", name="Remove: yours 1").click()
    expect(page.locator("#retrain .own .network")).to_have_count(2)
    page.locator("#retrain .numbers summary").click()
    expect(page.locator("#retrain .numbers tbody tr").first).to_contain_text("2,000")


def test_a_penalty_that_is_too_strong_is_explained(page):
    train(page, 1, L1="0.099455391", Epochs="3", **SMALL | {"Batch size": "8"})
    ended = page.locator("#retrain .ended")
    expect(ended).to_contain_text("It only guesses")
    expect(ended).to_contain_text("L1 0.0994554 pulls every weight towards 0")
    train(page, 2, L1="0", Norm="BN", **{"Learning rate": "10"})
    assert ended.inner_text() == "" or "10" in ended.inner_text()


def test_retrain_fits_a_phone(visit, explorer):
    options = {"viewport": {"width": 360, "height": 740}, "is_mobile": True}
    page = opened(visit(explorer.local_url, **options))
    train(page, 1, **SMALL)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_who_waits_sees_the_place_and_may_leave(page, visit, explorer):
    choose(page, Epochs="25")
    page.get_by_role("button", name="Train", exact=True).click()
    status = page.locator("#retrain .status")
    expect(status).to_contain_text(re.compile("Batch .* of 93,750"))
    other = opened(visit(explorer.local_url))
    choose(other, **SMALL)
    other.get_by_role("button", name="Train", exact=True).click()
    expect(other.locator("#retrain .status")).to_contain_text("number 1 of 1 that wait")
    other.get_by_role("button", name="Stop").click()
    expect(other.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    other.get_by_role("button", name="Train", exact=True).click()
    expect(other.locator("#retrain .status")).to_contain_text("number 1 of 1 that wait")
    page.get_by_role("button", name="Stop").click()
    done(other, 1)
    expect(other.locator("#retrain .own .network")).to_have_count(1)


def test_a_page_that_finds_the_queue_full_asks_again_until_it_has_a_place(page):
    many = [
        JOBS.submit(Job(str(place), deque([LONG]), CPU, lambda run: {}, str))
        for place in range(jobs.MAX_JOBS)
    ]
    choose(page, **SMALL)
    button = page.get_by_role("button", name="Train", exact=True)
    status = page.locator("#retrain .status")
    button.click()
    expect(status).to_contain_text("50 trainings wait or run already")
    page.get_by_role("button", name="Stop").click()
    expect(button).to_be_enabled()
    button.click()
    expect(status).to_contain_text("50 trainings wait or run already")
    for job in many:
        JOBS.stop(job)
    done(page, 1)


def test_a_training_that_is_refused_frees_the_page(page, explorer):
    button = page.get_by_role("button", name="Train", exact=True)
    error = page.locator("#retrain > * .error, #retrain .error").first
    explorer._queue.max_size = 0  # as if programs called without end
    button.click()
    expect(error).to_contain_text("did not come to its end")
    expect(button).to_be_enabled()
    explorer._queue.max_size = app.QUEUED
    page.errors.clear()  # the browser's own word on the refusal
    train(page, 1, **SMALL)


def test_a_page_that_is_reloaded_goes_on_watching_and_keeps_its_networks(page):
    choose(page, Epochs="9")
    page.get_by_role("button", name="Train", exact=True).click()
    status = page.locator("#retrain .status")
    expect(status).to_contain_text("of 33,750")
    page.reload()
    opened(page)
    expect(status).to_contain_text("of 33,750")
    page.get_by_role("button", name="Stop").click()
    done(page, 1)
    page.reload()
    opened(page)
    expect(page.locator("#retrain .own .network")).to_have_count(1)
    assert len(reading(page)) == 1
