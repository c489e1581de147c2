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


def check_chain(data: Path) -> Chain:
    """Follow the audit lines of a data folder from each to the next.

    Lines stand in the order in which they were written, but where a clock was wrong: there a file goes on after another.
    """
    found, folder = Chain(), data / FOLDER
    begun: list[tuple[str, str, str]] = []  # in which file and line a stretch begins, and the hash of the line before it
    ends: dict[str, str] = {}  # hash of the line with which a stretch ends, or that was deleted for its age → its file
    for path in sorted(folder.glob(FILES)):
        before = None
        for number, line in _lines(path):
            fields = _fields(line)
            if fields is None:
                continue
            if BEFORE not in fields:
                if found.lines:
                    found.faults.append(f"{path.name} 第 {number} 行不在链上，可能是后来加的")
                found.earlier += 1
                continue
            if fields[BEFORE] != before:
                ends |= {before: path.name} if before else {}
                begun.append((path.name, f"第 {number} 行", str(fields[BEFORE])))
            if fields.get("action") == EXPIRED:
                listed = fields.get("ends")
                ends |= {str(one): "" for one in listed} if isinstance(listed, list) else {}
            before = hash_of(line)
            found.lines += 1
        ends |= {before: path.name} if before else {}
    found.faults += _broken(begun, ends)
    found.last = _noted(folder)
    if found.last not in ends and (found.lines or found.last):
        found.faults.append("最后一行不是最后写的那一行：可能有行被删掉了")
    return found


def _broken(begun: list[tuple[str, str, str]], ends: dict[str, str]) -> Iterator[str]:
    """Yield where a stretch of lines follows no line that is there; the very first of all follows none."""
    used: set[str] = set()
    for file, line, before in begun:
        if before in used or (before and ends.get(before, file) == file):
            yield f"{file} {line}前面的记录被改过、挪动或删掉了"
        used.add(before)


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
