"""Walk a folder for the files that may be documents, and report those that cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from ingest.document import Skipped
from ingest.errors import FolderMissing

NOT_DOCUMENTS = {"readme.md", "readme.txt", "thumbs.db", "desktop.ini"}


def walk(folder: Path, unread: list[Skipped] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield each file below a folder and its path relative to the folder, sorted; leave out hidden, lock and readme files.

    Added to `unread`: folders that cannot be listed (their names end with "/"); files that are not regular files, are links
    out of the folder or to nothing, or have a name that cannot be decoded. Raise FolderMissing if the folder itself does not
    exist or cannot be listed.
    """
    if not folder.is_dir():
        raise FolderMissing(f"没有这个文件夹：{folder}")
    skipped = [] if unread is None else unread

    def failed(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise FolderMissing(f"文件夹打不开：{folder}（{error.strerror}）") from error
        skipped.append(Skipped(f"{_readable(Path(error.filename), folder)}/", f"文件夹打不开：{error.strerror}"))

    for root, folders, files in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith((".", "~$")) or name.lower() in NOT_DOCUMENTS:
                continue
            path = Path(root) / name
            if reason := _no_document(path, folder):
                skipped.append(Skipped(_readable(path, folder), reason))
            else:
                yield path, path.relative_to(folder).as_posix()


def removed(known: Set[str], found: Set[str], skipped: Iterable[Skipped]) -> set[str]:
    """Return the known files that no longer exist; those that could not be read, or are below such a folder, stay."""
    unread = tuple(one.file for one in skipped)
    folders = tuple(name for name in unread if name.endswith("/"))
    return {file for file in known - found if file not in unread and not file.startswith(folders)}


def _no_document(path: Path, folder: Path) -> str:
    """Return why a path cannot be a document, "" if it can."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "文件名的编码不对，显示为乱码：请改名"
    if not path.exists():
        return "链接指向的文件不存在" if path.is_symlink() else "文件已不在"
    if not path.is_file():
        return "不是普通文件"
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):  # linked folders are not entered
        return "链接指向文件夹之外：请把文件复制进来"
    return ""


def _readable(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix().encode(errors="replace").decode()
