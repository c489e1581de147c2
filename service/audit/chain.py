"""Check that no line of the audit was changed, taken out or put in afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from service.audit.log import BEFORE, CHAIN, EXPIRED, FILES, FOLDER, hash_of


@dataclass(slots=True)
class Chain:
    """What was found of the audit's chain."""

    lines: int = 0  # that are in it
    earlier: int = 0  # written by a version without the chain, before its first line
    last: str = ""  # hash of the last line: whoever has noted it can tell that nothing before it was changed
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Stretch:
    """Lines of a file of which each follows the one before it."""

    file: str
    first: int  # number of its first line
    before: str  # hash of the line that the first one follows
    last: str = ""  # hash of its last line
    expired: set[str] = field(default_factory=set)  # hashes of lines that it says were deleted for their age


def check_chain(data: Path) -> Chain:
    """Follow the audit lines of a data folder back from the last one noted; what is not reached is a fault.

    Lines stand in the order in which they were written, but where a clock was wrong: there a file goes on after another.
    """
    found, folder = Chain(), data / FOLDER
    found.last = _noted(folder)
    stretches = [one for path in sorted(folder.glob(FILES)) for one in _stretches(path, found)]
    left = dict(enumerate(stretches))
    by_last = {one.last: number for number, one in left.items()}
    at, expired = found.last, set[str]()
    earliest: dict[str, int] = {}  # file → line up to which it was followed back
    if at not in by_last and (found.lines or at):
        found.faults.append("最后一行不是最后写的那一行：可能有行被删掉了")
    while (number := by_last.get(at)) is not None and number in left:
        reached = left.pop(number)
        expired |= reached.expired
        at = reached.before
        moved = reached.first > earliest.get(reached.file, reached.first)
        earliest[reached.file] = reached.first
        if moved or (at and at not in by_last and at not in expired):
            found.faults.append(f"{reached.file} 第 {reached.first} 行前面的记录被改过、挪动或删掉了")
    if at in expired and found.earlier:  # they are older than what was deleted
        found.faults.append(f"有 {found.earlier} 行不在链上，可能是后来加的")
    found.faults += (
        f"{one.file} 第 {one.first} 行起不在链上：可能是后来加的，或后面的记录被改过、删掉了" for one in left.values()
    )
    return found


def _stretches(path: Path, found: Chain) -> Iterator[_Stretch]:
    """Yield the stretches of a file; the line noted as the last ends one."""
    open_: _Stretch | None = None
    for number, line in _lines(path):
        fields = _fields(line)
        if fields is None:
            continue
        if BEFORE not in fields:
            if found.lines:
                found.faults.append(f"{path.name} 第 {number} 行不在链上，可能是后来加的")
            found.earlier += 1
            continue
        if open_ is None or fields[BEFORE] != open_.last or open_.last == found.last:
            if open_:
                yield open_
            open_ = _Stretch(path.name, number, str(fields[BEFORE]))
        listed = fields.get("ends") if fields.get("action") == EXPIRED else None
        open_.expired.update(map(str, listed) if isinstance(listed, list) else ())
        open_.last = hash_of(line)
        found.lines += 1
    if open_:
        yield open_


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as lines:
        yield from ((number, line.rstrip(b"\n")) for number, line in enumerate(lines, 1))


def _fields(line: bytes) -> dict[str, object] | None:
    try:
        fields = json.loads(line)
    except ValueError:  # cut by a loss of power; one that was in the chain is missed by the line after it
        return None
    return fields if isinstance(fields, dict) else None


def _noted(folder: Path) -> str:
    try:
        return (folder / CHAIN).read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return ""
