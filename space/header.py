"""Header of README.md, which configures a Space on the Hub, and the checks of its fields."""

import re
from pathlib import Path

from huggingface_hub import SpaceHardware, metadata_load
from yaml import YAMLError

# https://huggingface.co/docs/hub/spaces-config-reference
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
DESCRIPTION = 60  # characters
# ZeroGPU also has 3.10.13, which this project does not support (https://huggingface.co/docs/hub/spaces-zerogpu).
PYTHONS = ("3.12.12",)
SUBJECTS = {"MNIST": r"mnist", "normalisation": r"normali[sz]ation"}


def read(folder: Path) -> dict:
    """Fields of the header of README.md; empty if the file, the header or its YAML is missing or invalid."""
    try:
        return metadata_load(folder / "README.md") or {}
    except (OSError, ValueError, YAMLError):
        return {}


def problems(folder: Path) -> list[str]:
    """Sentences about missing fields and fields that the Hub refuses, with their remedies."""
    header = read(folder)
    if not header:
        return [
            "README.md has no header that can be read: begin it with the Space's fields as YAML between two lines ---."
        ]
    checks = {
        "title": (is_text, "the name of the Space"),
        "sdk": (lambda value: value == "gradio", "gradio"),
        "sdk_version": (is_release, "one exact release of Gradio, such as 6.31.0"),
        "python_version": (
            lambda value: value in PYTHONS,
            f"{' or '.join(PYTHONS)} in quotes, which ZeroGPU has and this project runs on",
        ),
        "app_file": (
            lambda value: is_text(value) and (folder / value).is_file(),
            "a file of the folder: app.py",
        ),
        "short_description": (
            lambda value: is_text(value) and len(value) <= DESCRIPTION,
            f"a text of at most {DESCRIPTION} characters",
        ),
        "tags": (is_texts, "a list of words"),
        "suggested_hardware": (
            lambda value: value in [hardware.value for hardware in SpaceHardware],
            "a kind of hardware that the Hub has, such as cpu-basic",
        ),
        "license": (is_text, "the licence, such as mit"),
        "emoji": (lambda value: is_text(value) and not value.isascii(), "one emoji"),
        "colorFrom": (COLOURS.__contains__, f"one of {', '.join(COLOURS)}"),
        "colorTo": (COLOURS.__contains__, f"one of {', '.join(COLOURS)}"),
    }
    sentences = [
        f"README.md: set {name} to {wanted}; {current(header, name)}."
        for name, (allowed, wanted) in checks.items()
        if not allowed(header.get(name))
    ]
    if is_texts(header.get("tags")):
        sentences += [
            f"README.md: add a tag that says {subject}; tags are {', '.join(header['tags'])}."
            for subject, pattern in SUBJECTS.items()
            if not any(re.search(pattern, tag, re.I) for tag in header["tags"])
        ]
    return sentences


def current(header: dict, name: str) -> str:
    """Clause with the value of a field, or that it is missing."""
    if header.get(name) is None:
        return "it is missing"
    value = header[name]
    length = (
        f" of {len(value)} characters"
        if name == "short_description" and is_text(value)
        else ""
    )
    return f"it is {value!r}{length}"


def is_text(value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_texts(value) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_release(value) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d+\.\d+\.\d+", value))
