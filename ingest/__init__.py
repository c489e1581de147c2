"""Read a file into a Document: its text, its items and the passages that can be cited."""

import sys

# OpenVINO reports every import to its makers through this module. Where it is missing, OpenVINO uses a stub of its own.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

READING = 10
"""Version of the reading code. Raise it when files are read differently than before: the next sync reads all of them again."""
