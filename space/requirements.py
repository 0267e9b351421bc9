"""Check that pip can resolve the app's requirements by the command that a Space uses."""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from space import header

# Arguments of pip in the command of the builder of Spaces, from its logs (2026).
EXTRAS = ("uvicorn>=0.14.0", "websockets>=10.4", "spaces")
CAPS = {"on a CPU": (), "on ZeroGPU": ("torch<=2.13.0",)}
# Settings of pip for reaching an index; all others, such as constraints, are local and not those of the builder.
REACH = (
    "INDEX FIND_LINKS CERT PROXY TRUSTED_HOST TIMEOUT CACHE CONFIG_FILE KEYRING".split()
)
UNREACHABLE = r"Retrying \(|Could not fetch URL|connection error|Max retries|ConnectionError|ProxyError"
# With retries pip logs failed connections, which tell an unreachable index from an empty one.
OPTIONS = (
    "--dry-run --ignore-installed --python-version 3.12 --only-binary :all: "
    "--no-input --disable-pip-version-check --progress-bar off --retries 3"
).split()
SECONDS = 900


def builder(folder: Path, sdk_version: str, cap: tuple[str, ...] = ()) -> list[str]:
    """Arguments of the builder's `pip install`; `cap` limits torch to the releases of ZeroGPU."""
    gradio = f"gradio[oauth,mcp]=={sdk_version}"
    return ["-r", str(folder / "requirements.txt"), gradio, *EXTRAS, *cap]


def unresolved(folder: Path) -> list[str]:
    """Sentences with the reasons why a dry run of the builder's command fails."""
    fields = header.read(folder)
    if not header.is_release(fields.get("sdk_version")):
        return []  # `header.problems` reports it
    if not (folder / "requirements.txt").is_file():
        return []  # `checks.contents` reports it
    with ThreadPoolExecutor() as pool:
        reasons = pool.map(
            lambda cap: dry_run(builder(folder, fields["sdk_version"], cap)),
            CAPS.values(),
        )
        by_hardware = dict(zip(CAPS, reasons, strict=True))
    by_reason = {}
    for hardware, reason in by_hardware.items():
        if reason:
            by_reason.setdefault(reason, []).append(hardware)
    return [
        f"requirements.txt cannot be installed {' and '.join(hardware)}: {reason}"
        for reason, hardware in by_reason.items()
    ]


def dry_run(arguments: list[str]) -> str | None:
    """Reason why pip cannot resolve these arguments on Python 3.12, with a remedy; None if it can.

    Constraints are ignored, those of pip's settings included, because a Space has none. Releases are those for this
    machine's platform, and markers are evaluated for the running Python: pip has no options for others.
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
    """Environment variables without settings of pip that change the resolution."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIP_") or any(word in name for word in REACH)
    }


def reason(log: str) -> str:
    """Reason of a failure in one line, from pip's output, with a remedy."""
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
