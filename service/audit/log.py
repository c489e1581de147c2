"""The audit: append-only JSON lines of who asked what, when, and which documents were shown or opened.

Each line holds the SHA-256 of the line before it, whoever wrote that: a line that is changed or taken out afterwards shows
(see service.audit.chain). The file `chain` holds the hash of the last line.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

FOLDER = "audit"  # in the data folder; a file for each day: audit-2026-11-21.jsonl
FILES = "audit-????-??-??.jsonl"
CHAIN = "chain"
BEFORE = "before"  # the field of a line with the hash of the line before it
EXPIRED = "audit-expired"  # the action of the line that tells which files were deleted for their age
_TAIL = 1 << 16  # bytes in which the last line is looked for first


class Audit:
    """The audit lines of a data folder, appended to a file for each day; threads and processes may share it."""

    def __init__(self, data: Path, days: int, queries: bool) -> None:
        """Open today's file; raise OSError if it cannot be written.

        `days`: how many days' files are kept, counting those with lines only, so that no wrong clock deletes them all.
        `queries`: whether queries are recorded.
        """
        self._folder, self._days, self._queries = data / FOLDER, days, queries
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._writing = threading.Lock()
        self._day, self._file = "", -1
        with self._chained() as chain:
            self._open(datetime.now().date(), chain)

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line; raise OSError if it cannot be written."""
        kept = {key: value for key, value in line.items() if self._queries or key not in ("query", "reason")}
        with self._writing, self._chained() as chain:
            if (today := datetime.now().date()).isoformat() != self._day:
                self._open(today, chain)
            self._append(chain, kept)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._day, self._file = "", -1

    @contextmanager
    def _chained(self) -> Iterator[int]:
        """Lend the file of the chain, which no other process writes meanwhile."""
        chain = os.open(self._folder / CHAIN, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._own(chain)
            with suppress(OSError):  # a disk without locks: lines of two processes may then follow the same one
                fcntl.flock(chain, fcntl.LOCK_EX)
            yield chain
        finally:
            os.close(chain)

    def _append(self, chain: int, line: Mapping[str, Any]) -> None:
        now, before = datetime.now().astimezone().isoformat(timespec="seconds"), self._last(chain)
        text = json.dumps({"time": now, **line, BEFORE: before}, ensure_ascii=False).encode()
        size = os.fstat(self._file).st_size
        broken = size and os.pread(self._file, 1, size - 1) != b"\n"  # cut by a loss of power
        whole = (b"\n" if broken else b"") + text + b"\n"
        if os.write(self._file, whole) < len(whole):
            os.ftruncate(self._file, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.pwrite(chain, hash_of(text).encode(), 0)

    def _last(self, chain: int) -> str:
        """Return the hash of the last line; one that was written when its process was killed counts, too."""
        noted = os.pread(chain, 64, 0).decode()
        line = _last_line(self._file)
        with suppress(ValueError):
            fields = json.loads(line)
            if isinstance(fields, dict) and fields.get(BEFORE) == noted:
                return hash_of(line)
        return noted

    def _open(self, today: date, chain: int) -> None:
        """Open the file of a day; delete the oldest of more files than are kept, and say so in a line."""
        self.close()
        name = f"audit-{today.isoformat()}.jsonl"
        self._file = os.open(self._folder / name, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._own(self._file)
        self._day = today.isoformat()
        old = [path for path in sorted(self._folder.glob(FILES))[: -self._days] if path.name != name]
        if old:
            ends = [hash_of(line) for path in old if (line := _last_line_of(path))]
            for path in old:
                path.unlink(missing_ok=True)
            self._append(chain, {"action": EXPIRED, "files": [path.name for path in old], "ends": ends, "shown": []})

    def _own(self, file: int) -> None:
        """Leave a file that root makes to whom the folder belongs: the service goes on writing it."""
        if os.geteuid() == 0 and (owner := self._folder.stat()).st_uid:
            os.fchown(file, owner.st_uid, owner.st_gid)


def hash_of(line: bytes) -> str:
    """Return the SHA-256 of a line without its end, in hexadecimal digits."""
    return hashlib.sha256(line).hexdigest()


def _last_line_of(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY)
    try:
        return _last_line(file)
    finally:
        os.close(file)


def _last_line(file: int) -> bytes:
    """Return the last whole line of a file without its end, b"" if there is none."""
    size, length = os.fstat(file).st_size, _TAIL
    while True:
        start = max(0, size - length)
        *lines, _unfinished = os.pread(file, size - start, start).split(b"\n")
        if len(lines) > 1 or start == 0:
            return lines[-1] if lines else b""
        length *= 4


def lines_of(data: Path, since: str = "") -> Iterator[dict[str, Any]]:
    """Yield the audit lines of a data folder from the day `since` on, the earliest first; skip a truncated line."""
    for path in sorted((data / FOLDER).glob(FILES)):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and str(entry.get("time", since)) >= since:
                    yield entry
