"""Module that computes the votes on the visitor's device: its source in C, its compiler, and the compiled file."""

from pathlib import Path

MODULE = Path(__file__).parent / "device.wasm"
