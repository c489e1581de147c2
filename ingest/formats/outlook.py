"""Read mails that Outlook saved (.msg, MS-OXMSG): their properties and those of attachments are streams of an OLE file."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.archive import clean_name, written
from ingest.formats.clean import clean_text
from ingest.formats.mail import body_of
from ingest.formats.plaintext import decode

_SUBJECT, _BODY, _PAGE, _SENDER = "0037", "1000", "1013", "0C1A"  # properties (MS-OXPROPS), 4 hex digits
_DATA, _FILE_NAME, _SHORT_NAME, _SHOWN_NAME = "3701", "3707", "3704", "3001"
_SENT, _DELIVERED = 0x0039, 0x0E06
_UTF16, _BYTES, _STRING = "001F", "0102", "001E"  # types of properties
_HEADER, _ENTRY = 32, 16  # bytes of the stream of fixed properties, and of one of them
_EPOCH = datetime.datetime(1601, 1, 1)  # of times in tenths of a microsecond


def read_msg(path: Path) -> Extracted:
    """Read the body of a mail, without paragraphs if it has none; raise Unreadable if the file is no such mail."""
    with _opened(path) as ole:
        (text, _), (markup, _) = _bodies(ole)
        return Extracted(
            body_of(text, markup), clean_text(_text(ole, [], _SUBJECT)), _day(ole), clean_text(_text(ole, [], _SENDER))
        )


def msg_bodies(path: Path) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """Return the plain text and the page of a mail, each of which may be "", and whether it is the page."""
    with _opened(path) as ole:
        return _bodies(ole)


def _bodies(ole: Any) -> tuple[tuple[str, bool], tuple[str, bool]]:
    page = _bytes(ole, [], _PAGE)
    return (_text(ole, [], _BODY), False), (decode(page) if page else _text(ole, [], _PAGE), True)


def msg_attachments(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each attachment's name and its file, as `written`; raise Unreadable if the file is no such mail."""
    with _opened(path) as ole:
        yield from written(_attached(ole), folder)


def _attached(ole: Any) -> Iterator[tuple[int, str, bytes]]:
    for number, storage in enumerate(sorted({parts[0] for parts in ole.listdir() if parts[0].startswith("__attach")})):
        data = _bytes(ole, [storage], _DATA)
        kinds = (_FILE_NAME, _SHORT_NAME, _SHOWN_NAME)
        name = clean_name(next((own for kind in kinds if (own := _text(ole, [storage], kind))), "")).replace("/", "_")
        if data and name:  # a mail within the mail is a storage of its own
            yield number, name, data


def _opened(path: Path) -> Any:
    import olefile

    try:
        return olefile.OleFileIO(str(path))
    except (OSError, RecursionError) as error:
        raise Unreadable("内容不是 .msg，或已损坏：请在邮箱里另存为 .eml") from error


def _bytes(ole: Any, storage: list[str], name: str, kind: str = _BYTES) -> bytes:
    stream = [*storage, f"__substg1.0_{name}{kind}"]
    return ole.openstream(stream).read() if ole.exists(stream) else b""


def _text(ole: Any, storage: list[str], name: str) -> str:
    if data := _bytes(ole, storage, name, _UTF16):
        return data.decode("utf-16-le", errors="replace").rstrip("\0")
    data = _bytes(ole, storage, name, _STRING)
    return decode(data.rstrip(b"\0")) if data else ""


def _day(ole: Any) -> str:
    """Return the day on which the mail was sent."""
    stream = "__properties_version1.0"
    data = ole.openstream(stream).read()[_HEADER:] if ole.exists(stream) else b""
    times: dict[int, int] = {}
    for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
        tag, _, value = struct.unpack_from("<IIQ", data, at)
        times[tag >> 16] = value
    ticks = times.get(_SENT) or times.get(_DELIVERED)
    try:
        return (_EPOCH + datetime.timedelta(microseconds=ticks // 10)).date().isoformat() if ticks else ""
    except OverflowError:
        return ""
