"""The server as a process: its probe, a port that is taken, files that go while it runs, and its end."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.awaiting import wait

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(tmp_path):
    """Function that starts the server of a folder on a port."""
    started = []

    def begin(folder, port: int) -> subprocess.Popen:
        settings = {"PORT": str(port), "CHECKPOINTS": str(folder)}
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | settings | {"GRADIO_ANALYTICS_ENABLED": "False"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").text == "ok"
    except httpx.TransportError:
        return False


def test_a_server_names_a_taken_port_outlives_its_files_and_ends_cleanly(
    start, folder, tmp_path
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    url = f"http://127.0.0.1:{port}"
    server = start(copy, port)
    wait(lambda: is_up(url))
    second = start(copy, port)
    said, _ = second.communicate()
    assert second.returncode == 1 and f"PORT {port}: " in said
    shutil.rmtree(copy)
    call = f"{url}/gradio_api/call"
    event = httpx.post(f"{call}/trials", json={"data": []}).json()["event_id"]
    assert "event: complete" in httpx.get(f"{call}/trials/{event}", timeout=60).text
    asked = httpx.post(f"{call}/v2/retrain", json={"epochs": 25}).json()["event_id"]
    with httpx.stream("GET", f"{call}/retrain/{asked}", timeout=300) as stream:
        next(line for line in stream.iter_lines() if '"training"' in line)
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=60)
    assert server.returncode == 0 and "Traceback" not in said


def test_a_mistyped_address_of_the_hub_ends_the_start_with_a_sentence(start):
    said, _ = start("hf:/owner/name", 7860).communicate(timeout=120)
    assert said.startswith("CHECKPOINTS must be a folder or hf://owner/name")
    assert said.count("\n") == 1
