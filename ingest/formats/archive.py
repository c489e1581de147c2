"""Unpack ZIP files, one member after another, within limits on what an archive may unpack to."""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ingest.budget import Budget
from ingest.document import Skipped
from ingest.errors import Unreadable
from ingest.formats.plaintext import decode
from ingest.walk import NOT_DOCUMENTS

LARGEST_MEMBER = 200 * 2**20  # bytes; as large as a file outside an archive may be
_HIGHEST_RATIO = 200  # unpacked to packed; text packs 10 to 1, tables 50 to 1, a bomb 1000 to 1
_SMALL = 10 * 2**20  # bytes; a member up to this size is no bomb, whatever its ratio
_CHUNK = 2**20  # bytes
_LONGEST_NAME = 200  # bytes of UTF-8; file systems take 255
_LONGEST_SUFFIX = 16  # characters; what is longer is no suffix
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r'[<>:"|?*]')  # not allowed in names on Windows
_ENCRYPTED = 0x1  # bits of a member's flags
_UTF8 = 0x800


class _TooLarge(Exception):
    """A member goes beyond a limit; the message is the reason in the report."""


def unpack(path: Path, folder: Path, budget: Budget) -> Iterator[tuple[str, Path] | Skipped]:
    """Yield each member's name and unpacked file, or a Skipped; raise Unreadable if the archive is damaged or has too many.

    `folder` must be empty. Each file in it is deleted when the next is asked for.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        raise Unreadable("压缩包已损坏，或不是 ZIP：请重新压缩成 .zip") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > budget.members:
            raise Unreadable(f"压缩包里有 {len(members)} 个文件，太多了（最多还能读 {budget.members} 个）：请分成几个压缩包")
        names: set[str] = set()
        for number, member in enumerate(members):
            name = clean_name(_name(member))
            if _is_junk(name):
                continue
            file = local_path(folder, number, name)
            reason = "压缩包里有同名的文件，只读了第一个" if name in names else _extract(archive, member, file, budget)
            names.add(name)
            try:
                yield Skipped(name, reason) if reason else (name, file)
            finally:
                file.unlink(missing_ok=True)


def written(members: Iterable[tuple[int, str, bytes]], folder: Path) -> Iterator[tuple[str, Path]]:
    """Write attachments, given with their numbers and names; yield each name, which is its own, and its file.

    `folder` must be empty. Each file in it is deleted when the next is asked for.
    """
    names: set[str] = set()
    for number, name, data in members:
        name = f"{number}-{name}" if name in names else name
        names.add(name)
        file = local_path(folder, number, name)
        file.write_bytes(data)
        try:
            yield name, file
        finally:
            file.unlink(missing_ok=True)


def clean_name(name: str) -> str:
    """Return a member's name with "/" between its parts, without parts that lead out of the folder (.., C:)."""
    parts = (part.strip() for part in _CONTROL.sub("", name).replace("\\", "/").split("/"))
    return "/".join(part for part in parts if part not in ("", ".", "..") and not part.endswith(":"))


def local_path(folder: Path, number: int, name: str) -> Path:
    """Return the path to unpack a member to: its own name, which is the title of a table, or its number if that is too long."""
    own = _RESERVED.sub("_", name.rsplit("/", 1)[-1])
    suffix = Path(own).suffix
    short = f"{number}{suffix if len(suffix) <= _LONGEST_SUFFIX else ''}"
    return folder / (own if len(own.encode()) <= _LONGEST_NAME else short)


def _name(member: zipfile.ZipInfo) -> str:
    """Decode a member's name; without the UTF-8 flag, zipfile reads the GBK of Chinese programs as code page 437."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return decode(member.orig_filename.encode("cp437"))
    except (UnicodeEncodeError, Unreadable):
        return member.filename


def _is_junk(name: str) -> bool:
    parts = name.split("/")
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)
    return not name or hidden or parts[-1].lower() in NOT_DOCUMENTS


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, budget: Budget) -> str:
    """Unpack a member to its file; return "", or the reason why that is not possible."""
    if member.flag_bits & _ENCRYPTED:
        return "压缩包里的文件已加密，需要密码：请解压后放进文件夹"
    try:
        with archive.open(member) as packed, file.open("wb") as out:
            _copy(packed, out, member.compress_size, budget)  # type: ignore[arg-type]  # a ZipExtFile is read as a file
    except _TooLarge as error:
        file.unlink()
        return str(error)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, UnicodeDecodeError) as error:
        return f"压缩包里的文件已损坏，或压缩方法不支持（{type(error).__name__}）：请解压后放进文件夹"
    except OSError as error:
        if error.errno != errno.EINVAL:  # a member said to begin before the file does
            raise
        return "压缩包里的文件已损坏：请重新压缩成 .zip"
    return ""


def _copy(packed: BinaryIO, out: BinaryIO, size: int, budget: Budget) -> None:
    """Unpack a member of `size` packed bytes; raise _TooLarge beyond a limit, Spent beyond the budget."""
    written = 0
    while chunk := packed.read(_CHUNK):
        written += len(chunk)
        if written > LARGEST_MEMBER:
            raise _TooLarge(f"压缩包里的文件太大（上限 {LARGEST_MEMBER // 2**20} MB）")
        if written > _SMALL and written > _HIGHEST_RATIO * size:
            raise _TooLarge(f"像是压缩炸弹（压缩比超过 {_HIGHEST_RATIO}），没有解开")
        budget.unpacked(len(chunk))
        out.write(chunk)
