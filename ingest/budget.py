"""What one file may cost to read, with all that is nested in it; and the memory that a process which reads may take."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from ingest.errors import Spent

_MEMORY = 4 << 30  # bytes of address space; recognising a page takes 2.1 GB of it, half of that as memory
_MOST_HEAPS, _M_ARENA_MAX = 2, -8  # mallopt's parameter; a heap for each thread of a model is 64 MB and never given back


def _nothing() -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Budget:
    """How much may still be spent on a file; handed down through every nesting. Each method raises Spent beyond that."""

    bytes: int = 2**30  # unpacked from archives and mails; also what an Office file among them may unpack to
    members: int = 10_000  # of archives and mails; a year of an office's documents has some hundreds
    pages: int = 10_000  # also records and pictures
    seconds: float = 7200.0  # a scan of a thousand pages takes half of them
    levels: int = 3  # archives and mails within each other
    tell: Callable[[], None] = _nothing  # called after each page
    _began: float = field(init=False, default_factory=time.monotonic)  # anew in each process that it is sent to

    def page(self) -> None:
        """Count a page, a picture or a record that has been read."""
        self.pages -= 1
        self._check(self.pages >= 0, "页数或记录太多")
        self.tell()

    def member(self) -> None:
        """Count a member of an archive or mail."""
        self.members -= 1
        self._check(self.members >= 0, "里面的文件太多")
        self.tell()

    def unpacked(self, count: int) -> None:
        """Count unpacked bytes."""
        self.bytes -= count
        self._check(self.bytes >= 0, "解开后太大")

    def _check(self, enough: bool, what: str) -> None:
        if not enough:
            raise Spent(f"{what}：请分成几个文件")
        if time.monotonic() - self._began > self.seconds:
            raise Spent(f"读了 {self.seconds:.0f} 秒还没有读完：请分成几个文件")


def draft_budget() -> Budget:
    """Return the budget of a draft, which anybody may send who may search: no archive within another."""
    return Budget(bytes=200 << 20, members=100, pages=300, seconds=120.0, levels=1)


def limit_memory() -> None:
    """Bound the memory of this process, where the system can (not Windows): what needs more fails, and nothing else does."""
    use_few_heaps()
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def use_few_heaps() -> None:
    """Let the threads of this process share two heaps, where the C library is glibc; call it before threads start."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_HEAPS)
