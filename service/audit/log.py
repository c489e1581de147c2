"""The audit: append-only JSON lines of who asked what, when, and which documents were shown or opened."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = "audit"  # in the data folder; a file for each day: audit-2026-11-21.jsonl
_FILES = "audit-????-??-??.jsonl"


class Audit:
    """The audit lines of a data folder, appended to a file for each day; threads and processes may share it."""

    def __init__(self, data: Path, days: int, queries: bool) -> None:
        """Open today's file; raise OSError if it cannot be written.

        `days`: how many days files are kept. `queries`: whether queries are recorded.
        """
        self._folder, self._days, self._queries = data / FOLDER, days, queries
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._writing = threading.Lock()
        self._day, self._file = "", -1
        self._open(datetime.now().date())

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line; raise OSError if it cannot be written."""
        now = datetime.now().astimezone()
        kept = {key: value for key, value in line.items() if self._queries or key not in ("query", "reason")}
        text = json.dumps({"time": now.isoformat(timespec="seconds"), **kept}, ensure_ascii=False)
        with self._writing:
            if now.date().isoformat() != self._day:
                self._open(now.date())
            os.write(self._file, f"{text}\n".encode())  # one write, so that lines of two processes do not mix

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._day, self._file = "", -1

    def _open(self, today: date) -> None:
        """Open the file of a day, and delete those that are too old."""
        self.close()
        self._file = os.open(_file_of(self._folder, today), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._day = today.isoformat()
        oldest = _file_of(self._folder, today - timedelta(self._days - 1)).name
        for path in self._folder.glob(_FILES):
            if path.name < oldest:
                path.unlink(missing_ok=True)


def _file_of(folder: Path, day: date) -> Path:
    return folder / f"audit-{day.isoformat()}.jsonl"


def lines_of(data: Path, since: str = "") -> Iterator[dict[str, Any]]:
    """Yield the audit lines of a data folder from the day `since` on, the earliest first; skip a truncated line."""
    for path in sorted((data / FOLDER).glob(_FILES)):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and str(entry.get("time", since)) >= since:
                    yield entry
