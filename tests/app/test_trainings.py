"""Trainings of visitors through the served app: streams, limits, and pages that watch again."""

import base64
import json
from types import SimpleNamespace

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

import app
from explorer.retrain import jobs, visits
from explorer.retrain.session import SESSIONS
from explorer.runs import device_files, results
from explorer.tabs import retrain
from tests.app.asking import ask, client_at, tell
from train.study import Trial

LONG = {"epochs": 25, "api_name": "/retrain"}
SHORT = {"train_images": 200, "api_name": "/retrain"}


def test_retrain_streams_its_rows_and_can_be_cancelled(explorer, client):
    job = client.submit(norm="LN", train_images=1000, epochs=2, api_name="/retrain")
    messages = list(job)
    rows = [message for message in messages if "epoch" in message]
    progress = [message for message in messages if "epoch" not in message]
    assert progress[0].keys() >= {"phase", "done", "total", "seconds_left"}
    assert [row["epoch"] for row in rows] == [1, 2]
    assert 0 < rows[1]["test_acc"] < 1 and rows[1]["lr"] == Trial.lr
    long_ = client.submit(**LONG)
    for message in long_:
        if message["done"]:  # it has begun
            break
    next_ = Client(explorer.local_url, verbose=False).submit(**SHORT)
    assert long_.cancel()
    next_.result(timeout=60)  # it waited in the queue
    assert any("epoch" in message for message in next_.outputs())


def test_of_many_trainings_of_a_client_two_are_queued_and_the_others_refused(client):
    many = [client.submit(**LONG) for _ in range(6)]
    first = [next(iter(job)) for job in many]
    refused = [message["error"] for message in first if "error" in message]
    assert refused == [refused[0]] * 4
    assert "2 trainings of yours wait or run already" in refused[0]
    assert set(client.predict("", api_name="/predict")) == {"error"}  # at once
    late = next(
        job for job, message in zip(many, first, strict=True) if "error" in message
    )
    with pytest.raises(AppError, match="2 trainings of yours"):
        late.result(timeout=60)
    for job in many:
        job.cancel()
    result = client.predict(**SHORT)
    assert result["phase"] == "done" and 0 < result["test_acc"] < 1
    assert result["history"][-1]["test_acc"] == result["test_acc"]


def test_a_training_whose_stream_is_never_read_ends(explorer, client, monkeypatch):
    monkeypatch.setattr(jobs, "NEVER_WATCHED_SECONDS", 1)
    address = f"{explorer.local_url}gradio_api/call/v2/retrain"
    assert httpx.post(address, json={"epochs": 25}).status_code == 200
    monkeypatch.setattr(jobs, "MAX_JOBS", 2)
    assert (
        client.predict(**SHORT)["phase"] == "done"
    )  # it waited for the unread one to end


def test_a_page_follows_its_training_and_can_follow_it_again(explorer, new_secret):
    owner = new_secret()
    settings = {"train_images": 1000, "norm": "BN"}
    request = {"settings": settings, "visit": owner, "device": "CPU", "last": 0, "request_id": "1"}  # fmt: skip
    event = SimpleNamespace(_data=request)
    answer = json.loads(retrain.train(results.load(), event, client_at()))
    assert answer["request_id"] == "1"
    watched = {"visit": owner, "job": answer["job"], "seen": None, "have": 0}
    ended, over = [], False
    while not over:
        state = ask(explorer, "retrain", watched, "follow")
        assert state["error"] == ""
        ended += state["ended"]
        over = state["over"]
        watched |= {"seen": state["seen"], "have": len(ended)}
    assert [run["phase"] for run in ended] == ["done"]
    assert ended[0]["name"] == "own-1"
    again = ask(explorer, "retrain", watched | {"seen": None, "have": 0}, "follow")
    assert again["ended"] == ended  # for a page that missed them
    theirs = ask(explorer, "retrain", watched | {"visit": new_secret()}, "follow")
    assert "gone" in theirs["error"]
    begun = ask(explorer, "retrain", {"view": "begin", "visit": owner})
    assert begun["jobs"] == []


def test_retrain_refuses_bad_settings_before_it_queues(explorer, client):
    described = client.view_api(return_format="dict")["named_endpoints"]["/retrain"]
    names = [parameter["parameter_name"] for parameter in described["parameters"]]
    answer = httpx.post(
        f"{explorer.local_url}gradio_api/call/v2/retrain", json={"epochs": 26}
    )
    assert names[0] == "norm" and names[-2:] == ["seed", "device"]
    assert answer.status_code == 400
    sentence = "Epochs must be a whole number from 1 to 25"
    assert sentence in answer.text
    for asked in ({"epochs": 26}, {"epochs": [26]}, {"epochs": "26"}):
        with pytest.raises(AppError, match=sentence):
            client.predict(**asked, api_name="/retrain")
    job = client.submit(epochs=26, api_name="/retrain")
    (message,) = job  # iteration ends
    assert sentence in message["error"]
    with pytest.raises(AppError, match=sentence):
        job.result(timeout=60)


def test_a_page_keeps_its_networks_and_hands_them_back(explorer, trained, new_secret):
    def asked(view: str, visit: str, **question) -> dict:
        return tell(explorer, {"view": view, "visit": visit, **question})

    visit, again = new_secret(), new_secret()
    name = SESSIONS.add(visit, trained[1], True)
    beat = asked("beat", visit, own=[name, "own-7"])
    assert beat["networks"] == [name] and beat["missing"] == ["own-7"]
    assert beat["server"] == visits.SERVER and beat["build"] == app.BUILD
    kept = asked("file", visit, name=name)
    assert kept["words"].startswith("yours 1: BN") and kept["trained"]
    weights = base64.b64decode(kept["weights"])
    assert weights == device_files.weights([trained[1]])
    content = kept["content"]
    back = asked("put back", again, name=name, content=content)
    assert back == {"trained": True}
    # The entries of a header come in any order.
    assert asked("file", again, name=name) | {"content": content} == kept
    loaded = asked("load", again, last=4, file=kept["file"], content=content)
    assert loaded["name"] == "own-5" and loaded["trained"]
    assert asked("remove", again, name=name) == {}
    assert asked("beat", again, own=[])["networks"] == ["own-5"]
    for refused in (
        asked("file", new_secret(), name=name),
        asked("file", visit, name="GN"),
        asked("put back", visit, name="GN", content=content),
        tell(explorer, {}),
    ):
        assert refused["error"]
    address = f"{explorer.local_url}visit"
    assert "not there" in httpx.post(address, content=b"no JSON").json()["error"]
