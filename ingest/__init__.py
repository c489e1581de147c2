"""From a file to a Document: its text, its items and the passages that can be cited."""

import sys

# OpenVINO reports each import to its makers unless this module is missing; then it uses a stub of its own.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

READING = 3
"""Raise it when files are read otherwise than before: the next sync then reads all of them again."""
