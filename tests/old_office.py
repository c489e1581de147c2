"""Old Office files for tests: OLE files of given streams (MS-CFB), and the properties that users name in them (MS-OLEPS)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

OWN_PROPERTIES = "\x05DocumentSummaryInformation"


def ole_file(streams: Mapping[str, bytes], storages: Mapping[str, Mapping[str, bytes]] | None = None) -> bytes:
    """Return an OLE file of streams and at most one storage with streams, each long enough to have sectors of its own."""
    entries: list[tuple[str, int, bytes]] = [("Root Entry", 5, b"")]
    entries += [(name, 2, _padded(name, data)) for name, data in streams.items()]
    for storage, inner in (storages or {}).items():
        entries += [(storage, 1, b""), *((name, 2, _padded(name, data)) for name, data in inner.items())]
    sectors, table, directory = b"", [], b""
    holder = len(streams) + 1
    for number, (name, kind, data) in enumerate(entries):
        first, count = len(table), -(-len(data) // 512)
        table += [*range(first + 1, first + count), 0xFFFFFFFE] if count else []
        sectors += data.ljust(count * 512, b"\0")
        after = number + 1 if number not in (0, holder) and number + 1 < len(entries) else 0xFFFFFFFF
        child = {0: 1, holder: holder + 1}.get(number, 0xFFFFFFFF)
        text = f"{name}\0".encode("utf-16-le")
        directory += text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, after, child)
        directory += bytes(36) + struct.pack("<IQ", first if count else 0xFFFFFFFE, len(data))
    begin, length = len(table), -(-len(directory) // 512)
    table += [*range(begin + 1, begin + length), 0xFFFFFFFE, 0xFFFFFFFD]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, begin, 0, 0, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", len(table) - 1)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return head.ljust(512, b"\xff") + sectors + directory.ljust(length * 512, b"\0") + fat


def _padded(name: str, data: bytes) -> bytes:
    return data.ljust(4096, b"\n" if name.endswith("0102") else b"\0")


def own_property(name: str, value: str) -> bytes:
    """Return the stream of the properties that a user has named, with one of them."""
    wide = [f"{text}\0".encode("utf-16-le") for text in (name, value)]
    named, valued = (text.ljust(-(-len(text) // 4) * 4, b"\0") for text in wide)
    parts = {
        0: struct.pack("<III", 1, 2, len(wide[0]) // 2) + named,  # the names of properties
        1: struct.pack("<II", 2, 1200),  # the code page: UTF-16
        2: struct.pack("<II", 31, len(wide[1]) // 2) + valued,
    }
    offset, index = 8 + 8 * len(parts), b""
    for number, part in parts.items():
        index += struct.pack("<II", number, offset)
        offset += len(part)
    section = struct.pack("<II", offset, len(parts)) + index + b"".join(parts.values())
    known = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae") + struct.pack("<I", 68)
    users = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae") + struct.pack("<I", 76)
    return (
        struct.pack("<HHI", 0xFFFE, 0, 0x20006)
        + bytes(16)
        + struct.pack("<I", 2)
        + known
        + users
        + struct.pack("<II", 8, 0)
        + section
    )
