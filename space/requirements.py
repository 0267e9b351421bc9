"""Requirements of the app, resolved by the command with which a Space installs them."""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from space import header

# Arguments that the builder of Spaces gives pip in one command, read in its logs (2026).
EXTRAS = ("uvicorn>=0.14.0", "websockets>=10.4", "spaces")
CAPS = {"on a CPU": (), "on ZeroGPU": ("torch<=2.13.0",)}
# What says how an index is reached; all else, such as constraints, is this machine's and unknown to the builder.
REACH = (
    "INDEX FIND_LINKS CERT PROXY TRUSTED_HOST TIMEOUT CACHE CONFIG_FILE KEYRING".split()
)
UNREACHABLE = r"Retrying \(|Could not fetch URL|connection error|Max retries|ConnectionError|ProxyError"
# Each attempt but the first writes a line, without which an index out of reach looks like an empty one.
OPTIONS = (
    "--dry-run --ignore-installed --python-version 3.12 --only-binary :all: "
    "--no-input --disable-pip-version-check --progress-bar off --retries 3"
).split()
SECONDS = 900


def builder(folder: Path, sdk_version: str, cap: tuple[str, ...] = ()) -> list[str]:
    """Arguments of the builder's `pip install`, of which `cap` holds torch back on ZeroGPU."""
    gradio = f"gradio[oauth,mcp]=={sdk_version}"
    return ["-r", str(folder / "requirements.txt"), gradio, *EXTRAS, *cap]


def unresolved(folder: Path) -> list[str]:
    """Sentences about why pip cannot resolve the builder's command, which it tries without installing anything."""
    fields = header.read(folder)
    if not header.is_release(fields.get("sdk_version")):
        return []  # a line of the header's
    if not (folder / "requirements.txt").is_file():
        return []  # a line of the contents'
    with ThreadPoolExecutor() as pool:
        reasons = pool.map(
            lambda cap: dry_run(builder(folder, fields["sdk_version"], cap)),
            CAPS.values(),
        )
        told = dict(zip(CAPS, reasons, strict=True))
    found = {}
    for where, reason in told.items():
        if reason:
            found.setdefault(reason, []).append(where)
    return [
        f"requirements.txt cannot be installed {' and '.join(places)}: {reason}"
        for reason, places in found.items()
    ]


def dry_run(arguments: list[str]) -> str | None:
    """The reason why pip cannot resolve what it is to install on Python 3.12, and what to do; None where it can.

    Constraints do not count, not even those of pip's settings: a Space has none. The releases are those for this machine,
    and markers are evaluated for the Python that runs: pip offers no other way.
    """
    with tempfile.TemporaryDirectory() as target:
        command = [sys.executable, "-m", "pip", "install", *OPTIONS, "--target", target]
        try:
            done = subprocess.run(
                [*command, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**environment(), "PIP_CONSTRAINT": os.devnull},
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return f"pip took longer than {SECONDS} s; narrow the ranges, or try again where the index is near."
    return reason(done.stdout) if done.returncode else None


def environment() -> dict[str, str]:
    """Variables without those of pip that change what it resolves."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIP_") or any(word in name for word in REACH)
    }


def reason(log: str) -> str:
    """The one line of what pip wrote that says why, and what to do."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in log.splitlines()]
    errors = [
        line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")
    ]
    first = errors[0].rstrip(".") if errors else "pip failed and said nothing"
    if "The conflict is caused by:" in lines:
        start = lines.index("The conflict is caused by:") + 1
        stop = lines.index("", start) if "" in lines[start:] else len(lines)
        return f"{first}: {'; '.join(lines[start:stop])}. Loosen one of these ranges."
    if re.search(UNREACHABLE, log) and "from versions: none" in log:
        return f"the package index cannot be reached ({first}). Try again with a network, or set PIP_INDEX_URL."
    return f"{first}. Correct requirements.txt."
