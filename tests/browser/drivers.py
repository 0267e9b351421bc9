"""Browsers that Playwright cannot drive, by the W3C's protocols: Debian's Firefox by WebDriver BiDi, WebKitGTK by WebDriver."""

import base64
import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

START = 60.0  # seconds within which a browser must have started, and an answer must have come
MOVES = 8  # of the pointer, to a point of a stroke
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.events.asyncClipboard.readText": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,  # WebDriver BiDi
    "services.settings.server": "data:,#none",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}

SERVER = "WebDriverBiDiServer.json"  # Firefox writes its address into its profile
# Buttons of WebKit's window as small as they can be: a window of a phone's width has room for them.
NARROW = """
button, entry, headerbar, toolbar { min-width: 0; min-height: 0; margin: 0; border: 0; padding: 0; }
image { -gtk-icon-size: 4px; }
"""


def _needed(*programs: str) -> list[str]:
    """Paths of programs; skips the test where one is missing."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not here")
    return [str(shutil.which(program)) for program in programs]


def _moments(points, kind: str) -> list[dict]:
    """Actions of WebDriver that draw a stroke through points of the view, by mouse or by touch."""

    def move(x: float, y: float) -> dict:
        return {
            "type": "pointerMove",
            "x": round(x),
            "y": round(y),
            "duration": 16,
            "origin": "viewport",
        }

    (first, *_) = points
    steps = [
        move(*(a + (b - a) * step / MOVES for a, b in zip(start, end, strict=True)))
        for start, end in itertools.pairwise(points)
        for step in range(1, MOVES + 1)
    ]
    button = {"button": 0}
    down, up = {"type": "pointerDown"} | button, {"type": "pointerUp"} | button
    return [
        {
            "type": "pointer",
            "id": kind,
            "parameters": {"pointerType": kind},
            "actions": [move(*first), down, *steps, up],
        }
    ]


class Browser:
    """A browser with one page; subclasses say how it is driven."""

    name: str
    finger = "touch"  # the pointer that stands for a finger

    def run(self, script: str):
        """JSON value of an expression in the page; of a promise, what it resolves to."""
        raise NotImplementedError

    def open(self, url: str):
        raise NotImplementedError

    def act(self, actions: list[dict]):
        raise NotImplementedError

    def resize(self, width: int, height: int):
        """Gives the view this size in CSS pixels."""
        raise NotImplementedError

    def screenshot(self) -> bytes:
        """PNG file of the view."""
        raise NotImplementedError

    def wait(self, condition: str):
        """Waits until an expression is true."""
        end = time.monotonic() + START
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise AssertionError(
                    f"{condition}: {self.run('document.body.innerText')}"
                )
            time.sleep(0.1)

    def box(self, selector: str) -> dict[str, float]:
        """Place and size of an element, in CSS pixels of the view."""
        element = f"document.querySelector({json.dumps(selector)})"
        return self.run(f"{element}.getBoundingClientRect().toJSON()")

    def stroke(self, points, kind: str = "mouse"):
        """Draws on the pad, by points in fractions of its sides."""
        box = self.box(".pad")
        places = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"])
            for x, y in points
        ]
        self.act(_moments(places, kind))

    def press(self, selector: str):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def text(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")


class Firefox(Browser):
    """Debian's Firefox, which listens for WebDriver BiDi on a socket."""

    name = "firefox-esr"

    def __init__(self, folder: Path, stack: contextlib.ExitStack, webassembly: bool):
        client = pytest.importorskip("websockets.sync.client")
        (path,) = _needed(self.name)
        preferences = PREFERENCES | {"javascript.options.wasm": webassembly}
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in preferences.items()
        ]
        (folder / "user.js").write_text("".join(lines))
        self._ids = itertools.count()
        command = [path, "--headless", "--no-remote", "--profile", str(folder)]
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(_end, process)
        server = _eventually(lambda: json.loads((folder / SERVER).read_text()))
        address = f"ws://{server['ws_host']}:{server['ws_port']}/session"
        self._socket = stack.enter_context(
            client.connect(address, max_size=None, proxy=None)
        )
        self._call("session.new", capabilities={})
        (self._page,) = [
            each["context"]
            for each in self._call("browsingContext.getTree")["contexts"]
        ]

    def _call(self, method: str, **parameters) -> dict:
        number = next(self._ids)
        command = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(command))
        while True:
            message = json.loads(self._socket.recv(timeout=START))
            if message.get("id") == number:  # all else is an event
                assert message["type"] == "success", message
                return message["result"]

    def run(self, script: str):
        answer = self._call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({script})) ?? null))()",
            target={"context": self._page},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def open(self, url: str):
        self._call(
            "browsingContext.navigate", context=self._page, url=url, wait="complete"
        )

    def act(self, actions: list[dict]):
        self._call("input.performActions", context=self._page, actions=actions)

    def resize(self, width: int, height: int):
        viewport = {"width": width, "height": height}
        self._call("browsingContext.setViewport", context=self._page, viewport=viewport)

    def screenshot(self) -> bytes:
        shot = self._call("browsingContext.captureScreenshot", context=self._page)
        return base64.b64decode(shot["data"])


class WebKit(Browser):
    """WebKitGTK's small browser on a screen of its own, driven by its server of WebDriver; it stands in for Safari."""

    name = "webkit2gtk-driver"
    finger = "mouse"  # WebKitWebDriver makes a mouse of every pointer

    def __init__(self, folder: Path, stack: contextlib.ExitStack, webassembly: bool):
        driver, xvfb = _needed("WebKitWebDriver", "Xvfb")
        styles = folder / ".config" / "gtk-3.0" / "gtk.css"
        styles.parent.mkdir(parents=True)
        styles.write_text(NARROW)
        reader, writer = os.pipe()
        screen = ["-displayfd", str(writer), "-screen", "0", "1600x1200x24"]
        shown = subprocess.Popen(
            [xvfb, *screen], pass_fds=[writer], stderr=subprocess.DEVNULL
        )
        stack.callback(_end, shown)
        os.close(writer)
        with os.fdopen(reader) as number:
            display = f":{number.readline().strip()}"
        environment = os.environ | {
            "DISPLAY": display,
            "GDK_BACKEND": "x11",
            "HOME": str(folder),
            "JSC_useWasm": str(int(webassembly)),
        }
        port = _free_port()
        process = subprocess.Popen(
            [driver, f"--port={port}"], env=environment, stderr=subprocess.DEVNULL
        )
        stack.callback(_end, process)
        self._server = f"http://127.0.0.1:{port}"
        self._session = ""
        _eventually(lambda: self._call("status", "GET"))
        session = self._call("session", capabilities={})
        self._session = f"session/{session['sessionId']}/"
        stack.callback(self._call, "", "DELETE")

    def _call(self, path: str, method: str = "POST", **body):
        request = urllib.request.Request(
            f"{self._server}/{self._session}{path}".rstrip("/"),
            json.dumps(body).encode() if method == "POST" else None,
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=START) as answer:
            return json.load(answer)["value"]

    def run(self, script: str):
        answer = "const answer = arguments[0];"
        failed = "(error) => answer({ error: String(error) })"
        wanted = f"(async () => answer({{ value: (await ({script})) ?? null }}))()"
        answer = self._call(
            "execute/async", script=f"{answer} {wanted}.catch({failed})", args=[]
        )
        assert "error" not in answer, answer
        return answer["value"]

    def open(self, url: str):
        self._call("url", url=url)

    def act(self, actions: list[dict]):
        self._call("actions", actions=actions)

    def resize(self, width: int, height: int):
        for _ in range(
            2
        ):  # the frame and the bar of the window are known once it is there
            inner = self.run("[innerWidth, innerHeight]")
            outer = self._call("window/rect", "GET")
            self._call(
                "window/rect",
                width=outer["width"] + width - inner[0],
                height=outer["height"] + height - inner[1],
            )

    def screenshot(self) -> bytes:
        return base64.b64decode(self._call("screenshot", "GET"))


def _eventually(read: Callable):
    """Result of a function that reads a file or an address, as soon as it is there."""
    end = time.monotonic() + START
    while True:
        try:
            return read()
        except (OSError, ValueError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _end(process: subprocess.Popen):
    process.terminate()
    try:
        process.wait(START)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
