"""Start of the explorer from the folder of a Space alone, in the environment of a Space."""

import base64
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from gradio_client import Client
from PIL import Image

from space import folder as folders
from space import header, requirements

USER = 1000  # as on a Space
SECONDS = 600
UNCLEAN = re.compile(r"Traceback|Error|Exception|Warning|WARNING|CRITICAL")


@pytest.fixture(scope="module")
def root():
    """A folder that every user may enter, unlike those of pytest."""
    path = Path(tempfile.mkdtemp(prefix="space-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def app(root):
    """The folder of the Space, read-only for all users."""
    path = root / "app"
    folders.prepare(folder=path)
    for entry in [path, *path.rglob("*")]:
        entry.chmod(0o555 if entry.is_dir() else 0o444)
    yield path
    for entry in [path, *path.rglob("*")]:
        if entry.is_dir():
            entry.chmod(0o755)


@pytest.fixture(scope="module")
def python(root, app):
    """Python of a virtual environment installed by the builder's command alone, and its variables; all users may run it."""
    base = Path(sys.base_prefix)
    if os.getuid() == 0 and base.is_relative_to(Path.home()):  # closed to others
        shutil.copytree(base, root / "python", symlinks=True)
        base = root / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = {"LD_LIBRARY_PATH": str(base / "lib")}
    subprocess.run(
        [base / "bin" / version, "-m", "venv", root / "env"],
        check=True,
        env={**os.environ, **libraries},
    )
    command = [root / "env/bin/python", "-m", "pip", "install", "--quiet"]
    arguments = requirements.builder(app, header.read(app)["sdk_version"])
    subprocess.run(
        [*command, *arguments],
        check=True,
        env={**requirements.environment(), **libraries},
    )
    return root / "env/bin/python", libraries


@pytest.fixture(scope="module")
def started(root, app, python):
    """Address and log of the started explorer, which may write only to its home and temporary folder."""
    interpreter, libraries = python
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    other = (
        {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
    )
    for name in ("home", "tmp"):
        (root / name).mkdir()
        if other:
            os.chown(root / name, USER, USER)
    environment = {
        "SPACE_ID": "owner/name",
        "SYSTEM": "spaces",
        "GRADIO_SSR_MODE": "True",
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": port,
        "PORT": port,
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "PATH": os.defpath,
        "PYTHONUNBUFFERED": "1",
        **libraries,
    }
    log = root / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [interpreter, "app.py"],
            cwd=app,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **other,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_alive(address, process, log)
        yield address, log
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with what it started
        process.wait(60)


def wait_until_alive(address: str, process: subprocess.Popen, log: Path):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"no answer in {SECONDS} s: {log.read_text()}")


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info[:2] != (3, 12), reason="a Space runs on Python 3.12"
)
def test_the_explorer_starts_from_the_folder_alone_and_answers_requests(started, mnist):
    address, log = started
    client = Client(address, verbose=False)
    file = io.BytesIO()
    Image.fromarray(mnist.test.images[0].numpy()).save(file, "PNG")
    picture = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    answer = client.predict(picture, api_name="/predict")
    assert answer["consensus"]["digit"] == int(mnist.test.labels[0]) == 7
    assert answer["consensus"]["share"] > 0.9
    names = "GN_l1=0_l2=0_batch=16", "BN_l1=0_l2=0_batch=16"
    compared = client.predict(*names, api_name="/compare")
    assert compared["outcome"] in ("different", "equivalent", "undecided")
    assert compared["verdict"] and compared["detectable"] > 0
    assert [compared[side]["seeds"] for side in "ab"] == [10, 10]
    client.close()
    assert not UNCLEAN.search(log.read_text()), log.read_text()
