"""What becomes of uploaded files (indexed, waiting or refused), and how much of it a caller may learn."""

from __future__ import annotations

from typing import Any

from index.errors import Busy
from index.progress import Watch
from index.search.index import SearchIndex
from index.sync.mirror import sync
from service.inbox import folder

_BUSY = "文件已存好；另一个进程正在收录，它们会在下一次同步时收录"


def indexed(index: SearchIndex, stored: list[dict[str, str]], watch: Watch) -> dict[str, Any]:
    """Sync; return the report with the outcome of each file. A file that cannot be read is deleted from the folder."""
    catalog = index.catalog
    try:
        report = sync(folder.folder_of(catalog), catalog, index.encoder, watch).as_json()
    except Busy:
        return {"files": [{"reason": "", **one, "documents": []} for one in stored], "waiting": True, "message": _BUSY}
    files = []
    for one in stored:
        documents = sorted(catalog.documents_of(one["file"])) if one["file"] else []
        reason = one.get("reason", "") or _reason(one["file"], report["skipped"], bool(documents))
        if one["file"] and reason and not documents:
            with catalog.writing():
                (folder.folder_of(catalog) / one["file"]).unlink(missing_ok=True)
                catalog.forget(one["file"])
        files.append({"name": one["name"], "file": one["file"], "reason": reason, "documents": documents})
    return {"files": files, "waiting": False, "message": "", **report}


def of_these(done: dict[str, Any], seen: SearchIndex) -> dict[str, Any]:
    """Return the outcome for a caller with limited access: of its own files, and the sizes of the index visible to it."""
    files = [one["file"] for one in done["files"] if one["file"]]
    messages = {
        name: [one for one in done.get(name, []) if any(_part(one["file"], file) is not None for file in files)]
        for name in ("skipped", "warnings", "unsure")
    }
    own = {"added": sum(not one["reason"] for one in done["files"]), "changed": 0, "removed": 0, "unchanged": 0}
    counts = seen.catalog.counts()
    basic = {name: done[name] for name in ("files", "waiting", "message")}
    return basic if done["waiting"] else {**basic, **own, **messages, "items": counts["items"], "passages": counts["passages"]}


def _reason(file: str, skipped: list[dict[str, str]], indexed: bool) -> str:
    """Return why a file, or which parts of it, was not indexed; "" if all of it was."""
    reasons = []
    for each in skipped:
        if (part := _part(each["file"], file)) is not None:
            reasons.append(f"{part[1:]}：{each['reason']}" if part else each["reason"])
    return "；".join(reasons) or ("" if indexed else "里面没有能收录的内容")


def _part(place: str, file: str) -> str | None:
    """Return the part of `file` that a place names, "" for all of it, None if it is no part of it."""
    part = place.removeprefix(file)
    return part if file and part != place and part[:1] in ("", "/", "#") else None
