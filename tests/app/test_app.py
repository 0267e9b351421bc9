"""The served app through its routes: the page, the questions of pages, and the endpoints for programs."""

import base64
import html
import shutil
from dataclasses import replace

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client

import app
from tests.app.asking import ask, tell
from train import checkpoint
from train.study import Trial


def test_the_page_is_served_with_the_tabs_in_order(explorer):
    page = httpx.get(explorer.local_url)
    assert page.status_code == 200
    blocks = explorer.blocks.values()
    labels = [block.label for block in blocks if isinstance(block, gr.Tab)]
    assert labels == [module.TITLE for module in app.TABS]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_pages_wait_in_no_queue_and_nothing_passes_the_queue_of_programs(explorer):
    events = [event for event in explorer.fns.values() if event.fn]
    queued = [event for event in events if event.queue]
    # Of the events of pages only `train` waits in Gradio's queue.
    private = [event.name for event in queued if event.api_visibility == "private"]
    assert private == ["train"]
    for event in queued:
        answer = httpx.post(
            f"{explorer.local_url}gradio_api/run/predict",
            json={"data": [], "fn_index": event._id, "session_hash": "s"},
        )
        assert answer.status_code == 404


def test_routes_that_visitors_do_not_need_are_closed(explorer):
    for path in ("gradio_api/upload", "monitoring/summary", "openapi.json"):
        assert httpx.get(f"{explorer.local_url}{path}").status_code == 404
    large = httpx.post(
        f"{explorer.local_url}gradio_api/component_server", content=b"x" * 300_000
    )
    assert large.status_code == 413


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.7:7860", "a.hf.space", ""])
def test_no_other_origin_is_answered_for_its_scripts(explorer, host):
    headers = {"origin": "https://elsewhere.example", "host": host}
    preflight = {"access-control-request-method": "POST"}
    for answer in (
        httpx.get(explorer.local_url, headers=headers),
        httpx.options(f"{explorer.local_url}config", headers=headers | preflight),
    ):
        assert not [name for name in answer.headers if "access-control" in name]


def test_trials_and_history_give_what_was_trained(client, trained):
    trials = client.predict(api_name="/trials")["trials"]
    assert {trial["name"] for trial in trials} == {
        network.trial.name for network in trained
    }
    assert {trial["diverged"] for trial in trials} == {None}
    first = trained[0]
    answer = client.predict(first.trial.name, api_name="/history")
    assert answer == {"history": first.history}
    unknown = client.predict("no such trial", api_name="/history")
    assert "no such trial" in unknown["error"]


@pytest.fixture(scope="module")
def study(serve, invent, tmp_path_factory):
    """A client of an explorer with five seeds of two configurations and one of a third."""
    folder = tmp_path_factory.mktemp("study")
    gn, bn, single = (
        Trial(norm, 0.0, 0.0, size)
        for norm, size in (("GN", 16), ("BN", 16), ("LN", 16))
    )
    for seed in range(1, 6):
        for trial, missed in ((gn, 60), (bn, 80)):
            run = invent(replace(trial, seed=seed), range(missed + seed))
            checkpoint.save(run, folder)
    checkpoint.save(invent(single, range(70)), folder)
    return Client(serve(folder).local_url, verbose=False)


def test_compare_gives_the_verdict_and_its_numbers(study):
    names = "GN_l1=0_l2=0_batch=16", "BN_l1=0_l2=0_batch=16"
    answer = study.predict(*names, api_name="/compare")
    assert answer["outcome"] == "different"
    assert answer["verdict"].startswith("Different, GN, batch 16 reads better")
    assert answer["difference"]["points"] == pytest.approx(0.2)
    assert answer["difference"]["low"] < 0.2 < answer["difference"]["high"]
    assert [answer[side]["seeds"] for side in "ab"] == [5, 5]


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ("nonsense", "GN_l1=0_l2=0_batch=16", "no trained trial named 'nonsense'"),
        (
            "GN_l1=0_l2=0_batch=16",
            "GN_l1=0_l2=0_batch=16",
            "two different configurations",
        ),
        ("GN_l1=0_l2=0_batch=16", "LN_l1=0_l2=0_batch=16", "one seed only"),
    ],
)
def test_a_bad_comparison_gets_one_sentence(study, a, b, sentence):
    answer = study.predict(a, b, api_name="/compare")
    assert set(answer) == {"error"}
    assert sentence in answer["error"]


def test_columns_of_programs_are_compared_with_the_keys_of_compare(study):
    a, b = [99.1, 99.3, 99.0, 99.2], [98.2, 98.5, 98.4, 98.1]
    answer = study.predict(a, b, 0.1, api_name="/compare_values")
    ours = study.predict(
        "GN_l1=0_l2=0_batch=16", "BN_l1=0_l2=0_batch=16", api_name="/compare"
    )
    assert set(answer) == set(ours) and set(answer["a"]) == set(ours["a"])
    assert set(answer["difference"]) == set(ours["difference"])
    assert answer["outcome"] == "different" and answer["one_run"] is None
    assert [answer[side]["trial"] for side in "ab"] == ["A", "B"]
    paired = study.predict(
        a, b, 0.1, paired=True, name_a="gn", name_b="bn", api_name="/compare_values"
    )
    assert "Student's paired test" in paired["notes"]
    assert paired["a"]["trial"] == "gn"
    single = study.predict([99.1], [98.2], 0.1, deviation=0.2, api_name="/compare_values")  # fmt: skip
    assert single["verdict"].startswith("If runs vary by 0.2")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (([1, 2], [3], 0.1), "Line 1, column B: one value says nothing"),
        (([1, 2], [3, None], 0.1), "Line 2, column B:"),
        (([1, 2], "x", 0.1), "a list of numbers"),
        (([1, 2], [3, 4], 0), "margin must be a number above 0"),
        (([1, 2], [3, 4], None), "margin must be a number above 0"),
    ],
)
def test_bad_columns_of_programs_get_one_sentence(study, values, sentence):
    answer = study.predict(*values, api_name="/compare_values")
    assert set(answer) == {"error"} and sentence in answer["error"]


SENTINEL = 98.7654321


def test_the_server_keeps_no_numbers_of_visitors(explorer, client, caplog, capfd):
    numbers = [SENTINEL, 99.0]
    good = client.predict(numbers, [98.0, 97.0], 0.1, api_name="/compare_values")
    assert str(SENTINEL) in str(good)
    for bad in ("x", [SENTINEL, "x"]):
        client.predict(numbers, bad, 0.1, api_name="/compare_values")
    url = f"{explorer.local_url}gradio_api/call/compare_values"
    said = []
    for data in (
        [numbers, [98.0, 97.0], 0.1],
        [numbers, [98.0, 97.0]],
        [numbers],
        [numbers, {"path": str(SENTINEL), "meta": {"_type": "gradio.FileData"}}, 0.1],
    ):
        event = httpx.post(url, json={"data": data}).json()["event_id"]
        said.append(httpx.get(f"{url}/{event}").text)
    assert "event: complete" in said[0] and str(SENTINEL) in said[0]
    assert "margin must be a number above 0" in said[1] and "margin" in said[2]
    sessions = explorer.app.state_holder
    kept = str([state.config_values for state in sessions.session_data.values()])
    queue = vars(explorer._queue)
    for text in (kept, str(queue), caplog.text, "".join(capfd.readouterr())):
        assert str(SENTINEL) not in text


def test_mistakes_and_images_are_answered(study):
    name = "GN_l1=0_l2=0_batch=16_seed=1"
    rows = study.predict(name, api_name="/misclassified")["images"]
    assert sorted(row["index"] for row in rows) == list(range(61))
    assert set(rows[0]) == {"index", "label", "read", "sure"}
    assert "'x'" in study.predict("x", api_name="/misclassified")["error"]
    page = study.predict(0, api_name="/image")
    assert (page["label"], page["networks"], page["missing"]) == (7, 11, 11)
    assert "10000" in study.predict(10_000, api_name="/image")["error"]


def test_moments_and_calibration_are_answered(study):
    asked = "GN_l1=0_l2=0_batch=16_seed=1", 3
    rows = study.predict(*asked, detail="all", api_name="/inside")["channels"]
    assert len(rows) == 72
    short = study.predict(*asked, api_name="/inside")
    assert short["total"] == {"channels": 72}
    assert short["channels"] == rows[: len(short["channels"])]
    assert {"taken_mean", "taken_var", "mean_after"} < set(rows[0])
    assert "'x'" in study.predict("x", 3, api_name="/inside")["error"]
    name = "GN_l1=0_l2=0_batch=16_seed=1"
    assert "-1" in study.predict(name, -1, api_name="/inside")["error"]
    assert "too few seeds" in study.predict(0.5, api_name="/calibration")["error"]
    assert "from 0 to 1" in study.predict(7, api_name="/calibration")["error"]


def test_saliency_is_answered_and_adds_up(study, mnist):
    name = "GN_l1=0_l2=0_batch=16_seed=1"
    answer = study.predict(name, 3, api_name="/saliency")
    values = np.array(answer["values"])
    assert values.shape == (28, 28)
    assert values.sum() == pytest.approx(answer["sum"], abs=1e-3)
    assert answer["sum"] == pytest.approx(answer["difference"], rel=0.02, abs=0.02)
    cam = study.predict(name, 3, "Grad-CAM", 5, api_name="/saliency")
    assert cam["digit"] == 5 and cam["difference"] is None
    assert "method" in study.predict(name, 3, "x", api_name="/saliency")["error"]
    assert "0 to 9" in study.predict(name, 3, digit=11, api_name="/saliency")["error"]
    assert "'x'" in study.predict("x", 3, api_name="/saliency")["error"]
    assert "-1" in study.predict(name, -1, api_name="/saliency")["error"]


def test_robustness_says_what_is_missing(study):
    assert "too few seeds" in study.predict(api_name="/robustness")["error"]
    assert "rain" in study.predict("rain", api_name="/robustness")["error"]
    assert "choose one" in study.predict([], api_name="/robustness")["error"]


def test_claims_and_effects_say_what_they_can_from_what_is_trained(study):
    claims = study.predict(api_name="/claims")["claims"]
    assert [claim["number"] for claim in claims] == [1, 2, 3, 4]
    assert {claim["verdict"] for claim in claims} == {"undecided"}
    assert "Too few seeds" in claims[0]["arms"][2]["words"]
    assert "Too few seeds" in claims[0]["arms"][2]["sentence"]
    assert claims[0]["arms"][2]["parts"] == []
    assert "too few seeds" in study.predict(api_name="/effects")["error"]


def test_the_endpoints_are_typed_and_described(client):
    described = client.view_api(return_format="dict")["named_endpoints"]
    assert set(described) == {
        "/predict",
        "/trials",
        "/history",
        "/compare",
        "/compare_values",
        "/claims",
        "/effects",
        "/misclassified",
        "/image",
        "/inside",
        "/calibration",
        "/saliency",
        "/robustness",
        "/ensembles",
        "/retrain",
    }
    assert (
        described["/predict"]["parameters"][0]["python_type"]["type"]
        == "str | list[str]"
    )


def test_without_checkpoints_the_app_says_what_is_missing(serve, tmp_path):
    empty = serve(tmp_path)
    assert httpx.get(empty.local_url).status_code == 200
    assert ask(empty, "pad", {"digit": 3, "turn": 0})["voters"] == []
    assert "python train/all.py" in str(empty.get_config_file())


def test_a_damaged_and_a_diverged_checkpoint_are_named_and_do_not_vote(
    serve, folder, trained, tmp_path
):
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    damaged = checkpoint.path_of(trained[0].trial, copy)
    damaged.write_bytes(damaged.read_bytes()[:999])
    ended = trained[1]
    checkpoint.save(replace(ended, summary={**ended.summary, "diverged": 2}), copy)
    explorer = serve(copy)
    assert ask(explorer, "pad", {"digit": 3, "turn": 0})["voters"] == [0]
    config = str(explorer.get_config_file())
    assert damaged.name in html.unescape(config)
    assert "1 diverged" in ask(explorer, "results", {"view": "all"})["coverage"]


def load(explorer, network, secret: str, **changes) -> dict:
    content = base64.b64encode(checkpoint.to_bytes(network)).decode()
    question = {"view": "load", "file": "mine", "content": content, "visit": secret}
    return tell(explorer, {**question, "last": 0, **changes})


def test_a_sessions_network_is_in_all_tabs_of_that_session_and_in_no_other(
    explorer, trained, mnist, new_secret
):
    mine, other = new_secret(), new_secret()
    own = load(explorer, trained[1], mine)
    assert not own["trained"]  # nobody signed it
    assert own["words"].startswith("yours 1: BN, L1 0.0001, L2 0.0004, batch 32")
    digit = {"digit": 7, "turn": 0}
    questions = {
        "pad": digit,
        "mistakes": {"view": "one", "trial": own["name"], "label": None, "read": None},
        "inside": {"trials": [own["name"]], **digit},
    }
    answers = {
        page: ask(explorer, page, question | {"visit": mine})
        for page, question in questions.items()
    }
    (read,) = answers["pad"]["others"]
    assert read["digit"] == int(trained[1].test_digits[0])
    missed = 10_000 - round(10_000 * trained[1].summary["last"]["test_acc"])
    assert answers["mistakes"]["parts"][0]["words"].startswith(
        f"{missed} of the {missed}"
    )
    assert answers["inside"]["sides"][0]["name"] == own["words"]
    for secret in (other, None, "x"):
        theirs = {
            page: ask(explorer, page, question | {"visit": secret})
            for page, question in questions.items()
        }
        assert theirs["pad"]["others"] == []
        for page in ("mistakes", "inside"):
            assert "is gone" in theirs[page]["error"]
            assert theirs[page]["lost"] == [own["name"]]
    named = {"name": own["name"], "visit": mine}
    file = tell(explorer, {"view": "file", **named})
    again = checkpoint.from_bytes(base64.b64decode(file["content"]), "again")
    assert again.test_digits == trained[1].test_digits
    assert file["file"] == f"{trained[1].trial.name}.safetensors"
    assert tell(explorer, {"view": "remove", **named}) == {}
    assert ask(explorer, "pad", digit | {"visit": mine})["others"] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": "!" * 100}, "mine: it arrived damaged"),
        ({"content": "A" * 100}, "mine: not a whole safetensors file"),
        ({"content": "A" * 220_000}, "mine: larger than"),
        ({"visit": "no secret"}, "reload"),
        ({"view": "another"}, "not there"),
        ({"file": 5}, "not there"),
        ({"last": -1}, "no number"),
    ],
)
def test_a_file_that_is_refused_changes_nothing(
    explorer, trained, changes, reason, new_secret
):
    secret = new_secret()
    load(explorer, trained[0], secret)
    assert reason in load(explorer, trained[0], secret, **changes)["error"]
    kept = ask(explorer, "pad", {"digit": 7, "turn": 0, "visit": secret})["others"]
    assert len(kept) == 1
