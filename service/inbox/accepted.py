"""Checks of an uploaded file: its name, its format, and the folder of its access group."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from index.store.catalog import Catalog
from index.store.groups import PUBLIC, Groups, folder_groups, rules_of
from ingest.containers import ARCHIVE, MAILS, RECORDS
from ingest.document import LONGEST_GROUP
from ingest.read import PAGED, READERS, SUPPORTED
from ingest.walk import NOT_DOCUMENTS
from service.errors import Refused
from service.settings import UPLOADED as FOLDER

_LONGEST_NAME = 200  # bytes in UTF-8; file systems allow 255
_FORMATS = {*READERS, *PAGED, *RECORDS, ARCHIVE, *MAILS}


def _folder_name(name: str) -> str:
    """Return a caller's name as that of a folder, which no other caller has."""
    name = unicodedata.normalize("NFC", name)
    cleaned = re.sub(r"[^\w（）()·-]+", "_", name).strip("_")[:LONGEST_GROUP]
    return cleaned if cleaned == name and name else f"{cleaned or 'key'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def safe_name(name: str) -> str:
    """Return the name under which a file is stored; raise Refused for an unusable name or an unsupported format."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip().lstrip(".~$ ")
    format_of(name)
    if name.lower() in NOT_DOCUMENTS:
        raise Refused("bad_format", f"“{name}”是说明文件，不收录：请改名", 415)
    if len(name.encode()) > _LONGEST_NAME:
        raise Refused("name_too_long", f"文件名太长（上限 {_LONGEST_NAME} 字节，约 {_LONGEST_NAME // 3} 个汉字）")
    return name


def format_of(name: str) -> str:
    """Return the suffix of a file name; raise Refused for an unsupported format."""
    suffix = Path(name).suffix
    if suffix.lower() not in _FORMATS or name == suffix:
        raise Refused("bad_format", f"“{name[:100]}”不是能读的格式（{SUPPORTED}）", 415)
    return suffix


def place_for(catalog: Catalog, group: str, groups: Groups, name: str = "") -> str:
    """Return the upload folder of an access group, for a caller of this name to whom `groups` are visible; raise Refused.

    `group` may be "": then it is the caller's only access group, or PUBLIC for a caller with none or with all. A caller who
    may not see all has a folder of its own there, so that no name that is taken tells of others' files.
    """
    with catalog.connect() as db:
        rules = rules_of(db)
    own = sorted(rules.keys() if groups is None else groups & rules.keys())
    if not group and groups:
        if len(own) != 1:
            raise Refused("group_required", f"请用字段 group 写明这些文件的分组：{'、'.join((PUBLIC, *own))}")
        group = own[0]
    if group not in ("", PUBLIC, *own):
        raise Refused(
            "bad_group", f"没有“{group[:LONGEST_GROUP]}”这个分组，或您不能往里放：可用的有 {'、'.join((PUBLIC, *own))}", 403
        )
    place = FOLDER if group in ("", PUBLIC) else f"{FOLDER}/{group}"
    place = place if groups is None else f"{place}/{_folder_name(name)}"
    there = folder_groups(rules)(f"{place}/")
    if there != (group or PUBLIC) and there not in (own if groups is not None else [there]):
        raise Refused("bad_group", f"文件夹“{place}”属于别的分组，您不能往里放：请管理员检查分组的配置", 403)
    return place
