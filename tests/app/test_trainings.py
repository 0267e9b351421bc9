"""Trainings of visitors through the served app: streams, limits, and pages that watch again."""

import json
from types import SimpleNamespace

import httpx
from gradio_client import Client

from explorer.retrain import jobs
from explorer.runs import results
from explorer.tabs import retrain
from tests.app.asking import ask
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
    for job in many:
        job.cancel()
    assert client.predict(**SHORT)["phase"] == "done"


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
    request = {"settings": settings, "visit": owner, "device": "CPU", "request_id": "1"}
    answer = json.loads(retrain.train(results.load(), SimpleNamespace(_data=request)))
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
    assert ended[0]["own"][0]["words"].startswith("yours 1: BN")
    again = ask(explorer, "retrain", watched | {"seen": None, "have": 0}, "follow")
    assert again["ended"] == ended  # for a page that missed them
    theirs = ask(explorer, "retrain", watched | {"visit": new_secret()}, "follow")
    assert "gone" in theirs["error"]
    begun = ask(explorer, "retrain", {"view": "begin", "visit": owner})
    assert begun["own"] == ended[0]["own"] and begun["jobs"] == []


def test_retrain_refuses_bad_settings_before_it_queues(explorer, client):
    described = client.view_api(return_format="dict")["named_endpoints"]["/retrain"]
    names = [parameter["parameter_name"] for parameter in described["parameters"]]
    answer = httpx.post(
        f"{explorer.local_url}gradio_api/call/v2/retrain", json={"epochs": 26}
    )
    assert names[0] == "norm" and names[-2:] == ["seed", "device"]
    assert answer.status_code == 400
    assert "Epochs must be a whole number from 1 to 25" in answer.text
