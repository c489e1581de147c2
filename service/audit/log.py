"""The audit: append-only lines of JSON that say who asked what, when, and which documents were shown or opened."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request

FOLDER = "audit"  # in the data folder; a file for each day: audit-2026-11-21.jsonl
_FILES = "audit-????-??-??.jsonl"
_MOST_SHOWN = 100  # documents of one line
Body = TypeVar("Body")


class Audit:
    """The lines of a data folder, appended to the file of the day; threads and processes may share it."""

    def __init__(self, data: Path, days: int, queries: bool) -> None:
        """Open the file of today; raise OSError if it cannot be written. `queries`: whether what is asked is written down."""
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
            os.write(self._file, f"{text}\n".encode())  # in one piece, so that lines of two processes do not mix

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._day, self._file = "", -1

    def _open(self, today: date) -> None:
        """Open the file of a day, and take away those that are too old."""
        self.close()
        self._file = os.open(_file_of(self._folder, today), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._day = today.isoformat()
        oldest = _file_of(self._folder, today - timedelta(self._days - 1)).name
        for path in self._folder.glob(_FILES):
            if path.name < oldest:
                path.unlink(missing_ok=True)


def _file_of(folder: Path, day: date) -> Path:
    return folder / f"audit-{day.isoformat()}.jsonl"


class Noting(Protocol):
    """Notes what a route tells its caller, and gives it back."""

    def __call__(self, action: str, told: Body, query: str = "", **more: Any) -> Body:
        """Note an action; `more` stands in its line as it is."""


def noting(request: Request) -> Noting:
    """Return what notes of this request stand in its line of the audit."""

    def note(action: str, told: Body, query: str = "", **more: Any) -> Body:
        shown = list(dict.fromkeys(_documents(told)))[:_MOST_SHOWN]
        said = {"query": query} if query else {}
        request.state.noted = {
            "action": action,
            **said,
            **{k: v for k, v in more.items() if v != "" and v is not None and v != {}},
            "shown": shown,
        }
        return told

    return note


def unnoted(action: str, told: Body, query: str = "", **more: Any) -> Body:
    """Give back what is told to a person at this very machine, which needs no note."""
    return told


Note = Annotated[Noting, Depends(noting)]


def _documents(told: Any) -> Iterator[str]:
    """Yield the ids of the documents that stand anywhere in what is told."""
    if isinstance(told, Mapping):
        if isinstance(one := told.get("document_id"), str):
            yield one
        for value in told.values():
            if isinstance(value, (Mapping, list, tuple)):
                yield from _documents(value)
    elif isinstance(told, (list, tuple)):
        for value in told:
            yield from _documents(value)


def lines_of(data: Path, since: str = "") -> Iterator[dict[str, Any]]:
    """Yield the lines of a data folder from a day on, the earliest first; a line that was cut off is passed over."""
    for path in sorted((data / FOLDER).glob(_FILES)):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    one = json.loads(line)
                except ValueError:
                    continue
                if isinstance(one, dict) and str(one.get("time", since)) >= since:
                    yield one
