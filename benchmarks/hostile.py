"""Hostile requests, drawn by hypothesis, for the tests; `python -m benchmarks.hostile 10000` writes which of so many got no sentence."""

import base64
import json
import logging
import math
import random
import resource
import sys
import time
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path

import gradio as gr
from gradio.routes import App
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from starlette.testclient import TestClient

from explorer.web import memory
from train import checkpoint

SLOWEST = 2.0  # seconds of an answer
NEUTRAL = "Something went wrong on the server"  # begins the answer to an error that nobody foresaw
LARGE = st.sampled_from([2**31, 2**53 + 1, 2**63, -(2**64), 10**30, 10**400])
NUMBERS = st.one_of(
    st.integers(-20, 12_000), LARGE, st.floats(), st.floats(-2, 2), st.booleans()
)
WORDS = (
    "own-1", "GN_l1=0_l2=0_batch=16_seed=1", "GN_l1=0_l2=0_batch=16", "noise", "Norm", "GN", "all", "one", "two", "laboratory", "weights",
    "picture", "sample", "image", "batches", "saliency", "noise", "parts", "factors", "contrasts", "studies", "csv", "begin", "stop", "file",
    "remove", "load", "check", "integrated gradients", "Grad-CAM", "0" * 32, "a\tb\n1\t2\n3\t4", "hard", "unanimous", "CPU", "summary", "last",
    "data:image/png;base64,AAAA", "A" * 16_728, "\0", "\ud800", "=1+1", "<img src=x onerror=1>", "ours", "nan", "",
)  # fmt: skip
KEYS = (
    "view", "trial", "trials", "other", "label", "read", "kind", "index", "image", "digit", "turn", "divided", "pixels", "lab", "off", "sliders",
    "rotate", "further", "visit", "first", "file", "files", "text", "name", "content", "settings", "norm", "epochs", "seed", "lr", "device", "job",
    "seen", "have", "a", "b", "margin", "gap", "table", "method", "target", "column", "by", "reduction", "groups", "columns", "names", "decimal",
    "header", "paired", "higher_is_better", "unit", "deviation", "path", "meta", "url",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
LEAVES = st.one_of(st.none(), NUMBERS, TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), TEXTS), inner, max_size=5),
    ),
    max_leaves=10,
)
QUESTIONS = st.one_of(
    st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=9), VALUES
)


@dataclass(frozen=True)
class Request:
    """A request to the app: the address below `/gradio_api/`, and its body."""

    address: str
    body: object


class Hostile:
    """Requests to every page, event and endpoint of an app, sent without a network; `faults` are sentences on wrong answers."""

    def __init__(self, blocks: gr.Blocks, settings: dict, patience: float = math.inf):
        blocks.config = {**blocks.get_config_file(), "body_css": {}}
        self.blocks = blocks
        self.app = App.create_app(blocks, app_kwargs=dict(settings["app_kwargs"]))
        blocks.app = self.app
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.slowest, self.counts, self.patience = 0.0, Counter(), patience

    @cached_property
    def functions(self) -> list[tuple[int, str]]:
        """Pages that ask the server, with the names of their functions."""
        pages = [one for one in self.blocks.blocks.values() if isinstance(one, gr.HTML)]
        return [
            (page._id, function.__name__)
            for page in pages
            for function in page.server_fns
        ]

    @cached_property
    def endpoints(self) -> list:
        """Public endpoints but `/retrain`, whose calls that are right would train."""
        return [
            event
            for event in self.blocks.fns.values()
            if event.api_visibility == "public"
            and isinstance(event.api_name, str)
            and event.api_name != "retrain"
        ]

    @cached_property
    def events(self) -> list:
        """Events of pages, which `/run/predict` answers at once."""
        return [one for one in self.blocks.fns.values() if one.fn and not one.queue]

    def requests(self):
        """Strategy of requests to routes that are answered at once."""
        ids = [page for page, _ in self.functions]
        component = st.builds(
            lambda where, data: Request(
                "component_server",
                {"component_id": where[0], "fn_name": where[1], "data": data, "session_hash": "s"},
            ),
            st.sampled_from(self.functions),
            QUESTIONS,
        )  # fmt: skip
        malformed = st.builds(
            lambda address, body: Request(address, body),
            st.sampled_from(["component_server", "run/predict", "queue/join", "call/predict", "call/v2/history", "call/retrain", "cancel", "reset"]),
            st.one_of(
                VALUES,
                st.fixed_dictionaries(
                    {}, optional={
                        "component_id": st.one_of(st.sampled_from(ids), VALUES), "fn_name": st.one_of(st.just("ask"), VALUES),
                        "data": VALUES, "session_hash": VALUES, "fn_index": VALUES, "event_id": VALUES, "event_data": VALUES, "trigger_id": VALUES,
                    },
                ),
            ),
        )  # fmt: skip
        event = st.builds(
            lambda one, data: Request(
                "run/predict", {"data": data, "fn_index": one._id, "session_hash": "s"}
            ),
            st.sampled_from(self.events),
            st.lists(VALUES, max_size=10),
        )
        return st.one_of(component, component, event, malformed)

    def calls(self):
        """Strategy of endpoints with values for some of their parameters."""
        return st.sampled_from(self.endpoints).flatmap(
            lambda one: st.tuples(
                st.just(one),
                st.lists(VALUES, min_size=len(one.inputs), max_size=len(one.inputs)),
            )
        )

    def post(self, address: str, body):
        return self.client.post(
            f"/gradio_api/{address}",
            content=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )

    def send(self, request: Request) -> str:
        """Sends a request; the fault of the answer, or ""."""
        with suppressed() as said:
            begin = time.perf_counter()
            answer = self.post(request.address, request.body)
            took = time.perf_counter() - begin
        self.slowest = max(self.slowest, took)
        self.counts[answer.status_code] += 1
        if took > self.patience:
            return f"{took:.1f} s"
        if answer.status_code >= 500 or answer.status_code == 422:
            return f"status {answer.status_code}: {answer.text[:200]}"
        if answer.status_code == 400 and not is_sentence(answer.json()):
            return f"no sentence: {answer.text[:200]}"
        if NEUTRAL in answer.text or "Traceback" in said.getvalue():
            return f"unforeseen: {said.getvalue()[-900:]}"
        return ""

    def call(self, endpoint, values: list) -> str:
        """Calls the function of an endpoint as the queue does; the fault of the answer, or ""."""
        values = json.loads(json.dumps(values))
        with suppressed() as said:
            begin = time.perf_counter()
            try:
                answer = endpoint.fn(*values)
                text = json.dumps(answer, allow_nan=False)
            except Exception as error:
                return f"raised {error!r}"
            took = time.perf_counter() - begin
        self.slowest = max(self.slowest, took)
        if took > self.patience:
            return f"{took:.1f} s"
        if NEUTRAL in text or "Traceback" in said.getvalue():
            return f"unforeseen: {said.getvalue()[-900:]}"
        return ""


def checkpoint_files(content: bytes):
    """Strategy of files that were a checkpoint's `content`: bytes changed or missing, or an entry of the header forged, with a checksum that is right."""
    tensors = load_tensors(content)
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])["__metadata__"]
    parts = {key: json.loads(header[key]) for key in ("trial", "history", "summary")}

    def forge(key: str, name: str, value) -> bytes:
        part = json.loads(header[key])
        (part[-1] if isinstance(part, list) else part)[name] = value
        return whole(header | {key: json.dumps(part)})

    def whole(entries: dict) -> bytes:
        entries = {key: value for key, value in entries.items() if key != "sha256"}
        entries["sha256"] = checkpoint._digest(tensors, entries)
        return save_tensors(tensors, entries)

    def flip(positions: list[int], byte: int) -> bytes:
        changed = bytearray(content)
        for position in positions:
            changed[position] ^= byte
        return bytes(changed)

    fields = [
        (key, name)
        for key, part in parts.items()
        for name in (part[-1] if isinstance(part, list) else part)
    ]
    texts = st.one_of(VALUES.map(json.dumps), st.text(max_size=50).filter(encodable))
    return st.one_of(
        st.builds(lambda where, value: forge(*where, value), st.sampled_from(fields), VALUES),
        st.builds(lambda key, text: whole(header | {key: text}), st.sampled_from(sorted(header)), texts),
        st.builds(flip, st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=3), st.integers(1, 255)),
        st.builds(lambda end: content[:end], st.integers(0, len(content) - 1)),
        st.binary(max_size=200),
    )  # fmt: skip


def encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def picture_files(content: bytes):
    """Strategy of data URIs of pictures with changed bytes, of no pictures, and of other texts."""

    def uri(data: bytes, kind: str) -> str:
        return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

    def flip(positions: list[int], byte: int) -> bytes:
        changed = bytearray(content)
        for position in positions:
            changed[position] = byte
        return bytes(changed)

    data = st.one_of(
        st.builds(flip, st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6), st.integers(0, 255)),
        st.builds(lambda end: content[:end], st.integers(0, len(content))),
        st.binary(max_size=100).map(lambda rest: b"\x89PNG\r\n\x1a\n" + rest),
    )  # fmt: skip
    kinds = st.sampled_from(["png", "jpeg", "svg+xml", "gif"])
    return st.one_of(st.builds(uri, data, kinds), VALUES)


def is_sentence(answer) -> bool:
    """Whether a refusal says why, as text that ends like a sentence."""
    said = (
        answer.get("error") or answer.get("detail") if isinstance(answer, dict) else 0
    )
    return isinstance(said, str) and said.endswith(".")


@contextmanager
def suppressed():
    """Takes what is printed and logged meanwhile."""
    said = StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger().addHandler(handler)
    try:
        with redirect_stderr(said), redirect_stdout(said):
            yield said
    finally:
        logging.getLogger().removeHandler(handler)


def drawn(number: int, seed: int | None = None):
    """Settings of hypothesis that draw so many cases, the same ones for a seed."""
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=seed is None,
        phases=(Phase.generate,)
        if seed is not None
        else (Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def resident() -> float:
    """MiB of this process that are in memory now. Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2


def main(number: int):
    import app

    app.warm()  # as the server does when it starts
    hostile = Hostile(app.demo, app.SETTINGS, SLOWEST)
    faults: Counter = Counter()
    asked, kept = 0, []  # MiB after each half

    def note(answer, *what):
        nonlocal asked
        asked += 1
        fault = answer(*what)
        if fault:
            faults[fault.strip().splitlines()[-1][:160]] += 1
            if faults.total() <= 20:
                print(f"{str(what)[:3000]} -> {fault}", file=sys.stderr)

    with hostile.client:
        for _ in range(2):
            case = drawn(number // 4, random.getrandbits(32))
            case(given(hostile.requests())(lambda one: note(hostile.send, one)))()
            case(given(hostile.calls())(lambda one: note(hostile.call, *one)))()
            memory.give_back()  # as the server does every minute
            kept.append(resident())
    print(f"| requests | {asked} |")
    print(f"| slowest | {hostile.slowest:.2f} s |")
    print(f"| growth of memory in the second half | {kept[1] - kept[0]:.0f} MiB |")
    print(f"| statuses | {dict(hostile.counts)} |")
    print(f"| faults | {faults.total()} |")
    for fault, count in faults.most_common():
        print(f"| {fault} | {count} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
