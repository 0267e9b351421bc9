"""Benchmark of a crowd: `pages` opened at once, `drawing` on the server, `device` that vote, `mixed` with trainings, and a `soak`, as a table.

Plain clients on addresses of the loopback send what a page sends. Every part ends by itself; `python -m benchmarks.load pages mixed` runs two.
"""

import asyncio
import json
import os
import random
import re
import secrets
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import URL, component, line, memory, rest, serve, stop
from benchmarks.greedy import ASK, question
from benchmarks.wire import Answer, Client, Lost, processor

PAGES, DEVICES, DRAWING, TRAINING, BROWSING, SOAKING = 100, 100, 10, 10, 40, 20
ON_SERVER = 4  # of those that browse, whose devices cannot vote
SECONDS = 45
SOAK_MINUTES = float(os.environ.get("SOAK_MINUTES") or 10)
BEAT = 15  # s between the heartbeats of a page
CONNECTIONS = 6  # of a browser to a server
PAUSE = 0.1  # s between two questions of a pad while the pen moves
LINK = "?tab=curves&norm=BN&scale=linear"
CONFIG = re.compile(r"window\.gradio_config = (\{.*?\});</script>", re.DOTALL)
FILES = re.compile(r'(?:href|src)="\./([^"]+)"')
COMPRESSED = {"accept_encoding": "gzip, deflate, br"}


@dataclass
class Tally:
    """Latencies in ms, and what went wrong, counted."""

    times: list[float] = field(default_factory=list)
    faults: Counter = field(default_factory=Counter)
    kinds: dict[str, list[float]] = field(default_factory=dict)  # the same by kind

    async def timed(self, asking: Awaitable[Answer], kind: str = "") -> Answer | None:
        """An answer that is right; None where there was none."""
        begin = time.perf_counter()
        try:
            answer = await asking
        except (Lost, OSError) as error:
            self.faults[type(error).__name__] += 1
            return None
        self.times.append(1000 * (time.perf_counter() - begin))
        self.kinds.setdefault(kind, []).append(self.times[-1])
        if answer.status != 200 or b'"error":' in answer.body[:20]:
            self.faults[f"{answer.status} {answer.body[:80]!r}"] += 1
            return None
        return answer

    def print(self, label: str):
        if len(self.times) > 1:
            line(f"{label}, {len(self.times)} answers: median", statistics.median(self.times), "ms")  # fmt: skip
            quantiles = statistics.quantiles(self.times, n=20, method="inclusive")
            line(f"{label}: p95", quantiles[-1], "ms")
            line(f"{label}: slowest", max(self.times), "ms")
        for kind, times in self.kinds.items():
            if kind and len(times) > 1:
                quantiles = statistics.quantiles(times, n=20, method="inclusive")
                line(f"  {kind}, {len(times)} answers: p95", quantiles[-1], "ms")
        line(f"{label}: errors", self.faults.total(), "")
        for fault, count in self.faults.most_common(5):
            print(f"    {count} of {fault}")


class Visitor:
    """A page: it is opened by its address, tells the server that it is there, draws, browses, and trains."""

    def __init__(self, number: int, tally: Tally):
        self.client, self.tally = Client(URL, f"127.0.0.{number + 2}"), tally
        self.session, self.visit = secrets.token_hex(6), secrets.token_hex(16)
        self.random = random.Random(number)
        self.config: dict = {}
        self.page = ""

    async def open(self, link: str = "") -> float:
        """Seconds until the page with all its files, what its link sets, and its tie to the server are there."""
        begin = time.perf_counter()
        page = await self.tally.timed(self.client.get(f"/{link}", **COMPRESSED))
        if not page:
            return float("nan")
        self.page = page.text
        found = CONFIG.search(self.page)
        assert found
        self.config = json.loads(found[1])
        names = iter(dict.fromkeys([*FILES.findall(self.page), *self._device()]))

        async def load():
            for name in names:
                await self.tally.timed(self.client.get(f"/{name}", **COMPRESSED))

        await asyncio.gather(*(load() for _ in range(CONNECTIONS)))
        for event in self.config["dependencies"]:
            if [0, "load"] in [list(target) for target in event["targets"]]:
                answer = await self._event(event, [], link)
                if answer and "norm=BN" in link and event["api_name"] == "open_page":
                    is_set = any(
                        isinstance(one, dict) and one.get("value") == ["BN"]
                        for one in answer.json()["data"]
                    )
                    if not is_set:
                        self.tally.faults["a link not restored"] += 1
        await self.beat()
        return time.perf_counter() - begin

    def _device(self) -> list[str]:
        """Addresses of all weights with which the device votes."""
        (pad,) = (
            one["props"]["props"]
            for one in self.config["components"]
            if one["props"].get("elem_id") == "pad"
        )
        device = pad["device"]
        steps = [step["address"] for step in device["steps"]]
        return [device["module"], device["reference"], *steps]

    async def _event(self, event: dict, data: list, link: str = "", **more):
        asked = {"fn_index": event["id"], "data": data, "session_hash": self.session}
        asked |= {"trigger_id": None, "event_data": None} | more
        posted = self.client.post(f"gradio_api/run/predict{link}", asked)
        return await self.tally.timed(posted)

    async def beat(self):
        beat = {"view": "beat", "own": [], "visit": self.visit}
        answer = await self.tally.timed(self.client.post("visit", beat))
        if answer and "server" not in answer.json():
            self.tally.faults["no tie to the server"] += 1

    async def stay(self):
        """The two heartbeats of a page, until it is closed."""
        with suppress(asyncio.CancelledError):
            async with self.client.stream(f"gradio_api/heartbeat/{self.session}"):
                while True:
                    await asyncio.sleep(BEAT * self.random.uniform(0.9, 1.1))
                    await self.beat()

    async def ask(self, page: str, data: dict, function: str = "ask"):
        body = {"component_id": component(self.config, page), "fn_name": function}
        body |= {"session_hash": self.session, "data": data | {"visit": self.visit}}
        kind = " ".join(filter(None, (page, data.get("view", ""))))
        return await self.tally.timed(self.client.post(ASK, body), kind)

    async def draw(self, end: float):
        """Strokes that the server votes on: ten questions, one at rest, and a rest."""
        body = question(component(self.config, "pad"))
        body["session_hash"] = self.session
        while time.perf_counter() < end:
            for step in range(11):
                body["data"]["first"], begin = step < 10, time.perf_counter()
                await self.tally.timed(self.client.post(ASK, body), "votes")
                took = time.perf_counter() - begin
                if step < 10:
                    await asyncio.sleep(max(PAUSE, 2 * took) - took)  # as the pad does
            await asyncio.sleep(self.random.uniform(0.5, 3))

    async def browse(self, end: float):
        """Views of other tabs, one every five seconds."""
        inside = _props(self.config, "inside")["opening"]
        a, b = _props(self.config, "compare")["opening"]
        while True:
            await asyncio.sleep(self.random.uniform(2, 8))
            if time.perf_counter() > end:
                return
            digit = {"digit": self.random.randrange(10), "turn": 0, "lab": None}
            views = (
                ("compare", {"a": a, "b": b, "margin": 0.05, "gap": None}),
                ("inside", {"trials": inside[:1], **digit}),
                ("mistakes", {"view": "one", "trial": inside[0], "label": "all", "read": "all"}),
                ("pad", {**digit, "view": "laboratory"}),
                ("pad", {"view": "sample", "divided": self.random.randrange(50)}),
            )  # fmt: skip
            await self.ask(*self.random.choice(views))

    async def train(self, end: float, most: int = 1000) -> int:
        """Trains up to `most` networks, one after another, each watched as its page does; how many were trained."""
        asked = {"visit": self.visit, "device": "CPU", "more": False, "last": 0}
        retrain, trained = component(self.config, "retrain"), 0
        event = next(
            event
            for event in self.config["dependencies"]
            if [retrain, "train"] in [list(target) for target in event["targets"]]
        )
        while trained < most and time.perf_counter() < end:
            settings = {"seed": self.random.randrange(1, 1000), "epochs": 1}
            job = await self._queued(event, retrain, {"settings": settings, **asked})
            if not job:
                self.tally.faults["no training"] += 1
                return trained
            watched = {"visit": self.visit, "job": job, "seen": None, "have": 0}
            while time.perf_counter() < end:
                state = await self._follow(retrain, watched)
                watched["seen"] = state["seen"]
                if state["over"]:
                    trained += 1
                    break
            else:
                await self.ask("retrain", {"view": "stop", "job": job})
        return trained

    async def _queued(self, event: dict, page: int, data: dict) -> str:
        """Name of a job that an event of a page asks for, which Gradio queues; "" where there is none."""
        join = {"fn_index": event["id"], "trigger_id": page, "data": []}
        join |= {"event_data": data, "session_hash": self.session}
        if not await self.tally.timed(self.client.post("gradio_api/queue/join", join)):
            return ""
        stream = f"gradio_api/queue/data?session_hash={self.session}"
        async with self.client.stream(stream) as messages:
            async for text in messages:
                message = json.loads(text.removeprefix("data: "))
                if message.get("msg") == "process_completed" and message["success"]:
                    return json.loads(message["output"]["data"][0]).get("job", "")
        return ""

    async def _follow(self, retrain: int, watched: dict) -> dict:
        """News of a training, which come when there are some: not among the latencies."""
        body = {"component_id": retrain, "fn_name": "follow", "data": watched}
        answer = await self.client.post(ASK, body | {"session_hash": self.session})
        return answer.json()


def _props(config: dict, name: str) -> dict:
    return next(
        one["props"]["props"]
        for one in config["components"]
        if one["props"].get("elem_id") == name
    )


async def come(number: int, tally: Tally) -> list[Visitor]:
    """Visitors whose pages are open; not among the latencies."""
    some = [Visitor(each, Tally()) for each in range(number)]
    for visitor in some:
        await visitor.open()
        if visitor.tally.faults:
            raise SystemExit(f"a page did not open: {visitor.tally.faults}")
        visitor.tally = tally
    return some


async def stayed(some: list[Visitor], act: Callable[[list[Visitor]], Awaitable]):
    """The result of what visitors do while all keep their heartbeats."""
    beats = [asyncio.create_task(visitor.stay()) for visitor in some]
    try:
        return await act(some)
    finally:
        for beat in beats:
            beat.cancel()
        await asyncio.gather(*beats)
        for visitor in some:
            visitor.client.close()


async def pages(server: subprocess.Popen):
    tally = Tally()
    some = [Visitor(number, tally) for number in range(PAGES)]
    used = processor(server.pid)
    times = await asyncio.gather(*(visitor.open(LINK) for visitor in some))
    used = processor(server.pid) - used
    line(f"{PAGES} pages at once: slowest", max(times), "s")
    line(f"{PAGES} pages at once: median", statistics.median(times), "s")
    line("  answers of each", len(tally.times) / PAGES, "")
    line("  server's time of the processor for each", 1000 * used / PAGES, "ms")
    line("  errors, links not restored among them", tally.faults.total(), "")
    for fault, count in tally.faults.most_common(5):
        print(f"    {count} of {fault}")
    client, count = Client(URL, "127.0.0.200"), 50
    used = processor(server.pid)
    for _ in range(count):
        answer = await client.get("/", **COMPRESSED)
    used = processor(server.pid) - used
    line("/ alone: server's time of the processor", 1000 * used / count, "ms")
    line("/ alone: size", len(answer.body) / 1024, "KiB")
    client.close()
    for visitor in some:
        visitor.client.close()


async def drawing(server: subprocess.Popen):
    tally = Tally()
    some, end = await come(DRAWING, tally), time.perf_counter() + SECONDS
    await stayed(some, lambda some: asyncio.gather(*(one.draw(end) for one in some)))
    tally.print(f"{DRAWING} who draw on the server")


async def device(server: subprocess.Popen):
    tally = Tally()
    some = await come(DEVICES, tally)

    async def wait(some):
        used = processor(server.pid)
        await asyncio.sleep(SECONDS)
        used = processor(server.pid) - used
        line(f"{DEVICES} whose devices vote: share of a core", 100 * used / SECONDS, "%")  # fmt: skip

    await stayed(some, wait)
    tally.print(f"{DEVICES} whose devices vote, heartbeats")


def together(training: int, browsing: int, on_server: int, end: float):
    """Visits at the same time: the first visitors train, the others browse, and some of them draw on the server besides."""

    async def act(some: list[Visitor]) -> int:
        others = some[training : training + browsing]
        doing = [visitor.browse(end) for visitor in others]
        doing += [visitor.draw(end) for visitor in others[:on_server]]
        trained = asyncio.gather(*(visitor.train(end) for visitor in some[:training]))
        await asyncio.gather(*doing)
        return sum(await trained)

    return act


async def mixed(server: subprocess.Popen):
    tally = Tally()
    some = await come(TRAINING + BROWSING, tally)
    end = time.perf_counter() + SECONDS
    trained = await stayed(some, together(TRAINING, BROWSING, ON_SERVER, end))
    tally.print(f"{TRAINING} train, {BROWSING} draw and browse")
    line("  networks trained meanwhile", trained, "")


async def soak(server: subprocess.Popen):
    tally, minutes = Tally(), []
    some = await come(SOAKING, tally)
    end = time.perf_counter() + 60 * SOAK_MINUTES

    async def watch():
        while time.perf_counter() < end:
            minutes.append(memory(server))
            await asyncio.sleep(min(60, max(0, end - time.perf_counter())))
        minutes.append(memory(server))

    watching = asyncio.create_task(watch())
    await stayed(some, together(2, SOAKING - 2, 2, end))
    await watching
    tally.print(f"{SOAKING} for {SOAK_MINUTES} minutes")
    print("  memory by the minute, MiB:", *(f"{each:.0f}" for each in minutes))
    early, first, *_ = minutes
    last = statistics.median(minutes[-3:])
    line("  memory at the begin, after a minute, at the end", early, "MiB")
    line("", first, "MiB")
    line("", last, "MiB")
    line("  growth after the first minute", 100 * (last / first - 1), "%")


PARTS = (pages, drawing, device, mixed, soak)


def main(names: list[str]):
    for part in PARTS:
        if part.__name__ in names or not names:
            server = serve()
            try:
                rest(server)
                asyncio.run(part(server))
                line("  load of the machine", os.getloadavg()[0], "")
            finally:
                stop(server)


if __name__ == "__main__":
    os.nice(5)  # visitors compute elsewhere
    main(sys.argv[1:])
