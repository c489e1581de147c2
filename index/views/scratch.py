"""Temporary folders for what a process adds to saved views: removed when it ends or, if it was killed, by the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from weakref import finalize

_PREFIX = "jianbao-index-"


class Scratch:
    """A new folder in the system's temporary one, locked while its process lives; raises OSError if it cannot be made."""

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.folder, lock = _locked()
        self._end = finalize(self, _remove, self.folder, lock)

    def remove(self) -> None:
        """Remove the folder before its time."""
        self._end()


def _locked() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError):  # swept before it was locked
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the folders of processes that were killed: those that nobody has locked."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another user's, or in use
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_uid == os.geteuid():
                    shutil.rmtree(folder)
            finally:
                os.close(lock)


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
