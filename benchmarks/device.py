"""Benchmark of the votes on the visitor's device: bytes of its files, and milliseconds in Node and in Chromium, as a table."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import URL, line, serve, stop
from explorer.runs import device_files, results
from explorer.web import assets

TURNS = 60
DRAWING = """
  const pixels = new Uint8Array(112 * 112);
  for (let y = 20; y < 95; y++) pixels.fill(255, 112 * y + 70 - y / 3, 112 * y + 80 - y / 3);
  const picture = { pixels, isDigit: false, lab: null };
"""
IN_NODE = """
  import { readFileSync } from "node:fs";
  import { Core } from "./explorer/web/js/device_core.js";
  const [folder] = process.argv.slice(1);
  let answer;
  const load = async (address) => new Uint8Array(readFileSync(`${folder}/${address}`));
  const core = new Core(load, (message) => (answer = message));
  await core.take({ kind: "open", ...JSON.parse(readFileSync(`${folder}/files.json`, "utf8")) });
  const ask = async (first) => {
    const [begun, used] = [performance.now(), process.cpuUsage()];
    await core.take({ kind: "ask", id: 0, first, ...picture });
    const { user, system } = process.cpuUsage(used);
    return { ...answer.times, asked: performance.now() - begun, "CPU time": (user + system) / 1000 };
  };
"""
IN_PAGE = """
  const { Device } = await import(new URL(`${address}/device.js`, document.baseURI));
  const opened = performance.now();
  const waited = [];
  const device = await new Promise((resolve, reject) => {
    const arrived = (networks, total) => {
      waited.push([networks.length, performance.now() - opened]);
      if (networks.length === total) resolve(made);
    };
    const made = new Device(files, { arrived, failed: reject, missing: reject }, new AbortController().signal);
  });
  const ask = async (first) => {
    const begun = performance.now();
    const { times } = await device.ask(picture, first);
    return { ...times, asked: performance.now() - begun };
  };
"""
TURN = """
  const all = { true: [], false: [] };
  for (let turn = 0; turn < turns; turn++)
    for (const first of [true, false]) all[first].push(await ask(first));
"""


def main():
    loaded = results.load()
    files = device_files.files(loaded)
    contents = {address: made(address) for address in addresses(files)}
    line("module", len(contents[files["module"]]), "bytes")
    line("reference", len(contents[files["reference"]]), "bytes")
    for step in files["steps"]:
        size = len(contents[step["address"]])
        line(f"weights of {len(step['networks'])} networks", size, "bytes")
    line("all files", sum(map(len, contents.values())), "bytes")
    counts = {
        "true": sum(len(step["networks"]) for step in files["steps"] if step["first"]),
        "false": len(loaded.voters),
    }
    report("Node", counts, node(files, contents))
    report("Chromium", counts, chromium(files))


def addresses(files: dict) -> list[str]:
    steps = [step["address"] for step in files["steps"]]
    return [files["module"], files["reference"], *steps]


def made(address: str) -> bytes:
    return assets.KEPT[address.removeprefix("files/")]()


def node(files: dict, contents: dict[str, bytes]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        for address, content in contents.items():
            path = Path(folder) / address
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        (Path(folder) / "files.json").write_text(json.dumps(files))
        script = f"{IN_NODE}{DRAWING}const turns = {TURNS};{TURN}console.log(JSON.stringify(all));"
        command = ["node", "--input-type=module", "-e", script, folder]
        return json.loads(subprocess.check_output(command, cwd=ROOT))


def chromium(files: dict) -> dict:
    """Times in a page of the explorer; it serves the same files, because it has the same checkpoints."""
    server = serve()
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            page.goto(URL)
            page.wait_for_selector("[data-answers]", state="attached")
            script = f"async ([address, files, turns]) => {{{DRAWING}{IN_PAGE}{TURN} return [waited, all]; }}"
            waited, times = page.evaluate(script, [assets.ADDRESS, files, TURNS])
            for count, took in waited:
                line(f"Chromium, {count} networks there after", took, "ms")
            return times
    finally:
        stop(server)


def report(where: str, counts: dict[str, int], times: dict):
    """Prints the medians and 95th percentiles of one seed of every configuration, and of all voters."""
    for first, count in counts.items():
        for part in times[first][0]:
            values = [turn[part] for turn in times[first]]
            label = f"{where}, {count}: {part}"
            line(f"{label}, median", statistics.median(values), "ms")
            line(f"{label}, p95", statistics.quantiles(values, n=20)[-1], "ms")


if __name__ == "__main__":
    main()
