"""Changes to the indexed folder: files are added under safe names, none replaced; originals are moved out, none deleted."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from index.store.catalog import Catalog
from index.store.documents import file_of, files_of_content
from index.store.groups import group_of
from ingest.read import LARGEST_FILE
from service.errors import Refused, no_document
from service.inbox.accepted import safe_name
from service.settings import UPLOADED as FOLDER

REMOVED = "removed"  # in the data folder: the originals moved out, by time
_BLOCK = 1 << 20
_UMASK = threading.Lock()


def folder_of(catalog: Catalog) -> Path:
    """Return the indexed folder; raise Refused if there is none yet."""
    folder = catalog.state("folder")
    if not folder or not Path(folder).is_dir():
        raise Refused("no_folder", "收录的文件夹不在了，或还没有收录过：请管理员先运行 jianbao sync", 409)
    return Path(folder)


def put(catalog: Catalog, name: str, content: IO[bytes], place: str = FOLDER, seen: Catalog | None = None) -> str:
    """Put a file into the indexed folder, in its subfolder `place`; return its path below the folder.

    Raise Refused if it is unusable, or already there as far as is visible to the sender (`seen`, else everything).
    """
    folder = folder_of(catalog)
    name = safe_name(name)
    with _explained_errors(), NamedTemporaryFile(dir=_made_folder(folder, place), prefix=".", delete=False) as part:
        try:
            digest = _copy(content, part.file, name)
            if duplicate := _duplicate_of(seen or catalog, digest, folder, f"{place}/{name}"):
                raise Refused("already_held", f"“{name}”与已收录的“{duplicate}”内容相同", 409)
            os.chmod(part.name, 0o666 & ~_umask())  # readable for all who may read the folder
            try:
                os.link(part.name, folder / place / name)  # unlike a rename, never replaces another file
            except FileExistsError as error:
                message = f"已有另一份同名的文件“{place}/{name}”：请改名后再传，或先移出原来那份"
                raise Refused("name_taken", message, 409) from error
        finally:
            os.unlink(part.name)
    return f"{place}/{name}"


def take_out(catalog: Catalog, document_id: str) -> str:
    """Move a document's original out of the indexed folder and out of the index; return its path below the data folder."""
    file, origin = file_of(catalog, document_id)
    if not file:
        raise no_document()
    if file != origin:
        raise Refused("part_of_file", f"它是“{origin}”里的一份：请移出整个文件，或改好后重新上传", 409)
    kept = Path(REMOVED) / datetime.now().strftime("%Y%m%d-%H%M%S-%f") / origin
    with _explained_errors(), catalog.writing():
        original = folder_of(catalog) / origin
        if original.exists():
            target = catalog.path.parent / kept
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.move(original, target)
            except OSError:
                target.unlink(missing_ok=True)  # the copy that is left where the original could not be deleted
                raise
        catalog.forget(origin)
    return kept.as_posix()


def _made_folder(folder: Path, place: str) -> Path:
    for part in place.split("/"):
        folder = folder / part
        if folder.is_symlink():
            raise Refused("no_folder", f"文件夹“{part}”是链接，链接指向的地方不收录：请管理员换成普通文件夹", 409)
        folder.mkdir(exist_ok=True)
    return folder


def _umask() -> int:
    """Return the umask of the process, which can only be read by setting it."""
    with _UMASK:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask


def _copy(content: IO[bytes], to: IO[bytes], name: str) -> str:
    digest, size = hashlib.sha256(), 0
    while block := content.read(_BLOCK):
        size += len(block)
        if size > LARGEST_FILE:
            raise Refused("file_too_large", f"“{name}”太大（上限 {LARGEST_FILE >> 20} MB）：请拆成几个文件", 413)
        digest.update(block)
        to.write(block)
    if not size:
        raise Refused("file_empty", f"“{name}”是空的")
    to.flush()
    os.fsync(to.fileno())
    return digest.hexdigest()


def _duplicate_of(catalog: Catalog, digest: str, folder: Path, target: str) -> str:
    """Return the indexed file with the same content and access group, "" for none; other access groups stay secret."""
    with catalog.connect() as db:
        group = group_of(db, target)
        same = files_of_content(db, digest)
        return next((file for file in same if (folder / file).exists() and group_of(db, file) == group), "")


@contextmanager
def _explained_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused("folder_not_writable", f"文件夹写不进去（{error.strerror}）：请管理员检查权限和空间", 507) from error
