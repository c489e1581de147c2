"""Parts of an OFD package beside its text: where pictures stand on a page, their files, and the files attached."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.formats.pictures import DAMAGED

_LARGEST = 64 * 2**20  # bytes of a part; ofdkit reads no larger one either


def content_of(package: zipfile.ZipFile, location: str | None) -> Any | None:
    """Return the root of a part of the package, None if there is none, it is damaged or no XML."""
    from lxml import etree

    if location not in package.namelist() or package.getinfo(location).file_size > _LARGEST:
        return None
    parser = etree.XMLParser(recover=True, resolve_entities=False, huge_tree=False)
    try:
        return etree.fromstring(package.read(location), parser)
    except (etree.XMLSyntaxError, *DAMAGED):
        return None


def placed_pictures(content: Any | None) -> Iterator[tuple[float, float, float, float, str]]:
    """Yield left, top, width and height in millimetres of each picture of a page, and the number of its resource."""
    for one in content.iter("{*}ImageObject") if content is not None else ():
        try:
            left, top, width, height = (float(edge) for edge in one.get("Boundary", "").split())
        except ValueError:
            continue
        yield left, top, width, height, one.get("ResourceID", "")


def picture_files(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part that holds each picture, by the number of its resource."""
    files: dict[str, str] = {}
    for name, root in _roots(package, "Res"):
        base = posixpath.join(posixpath.dirname(name), root.get("BaseLoc", ""))
        for media in root.iter("{*}MultiMedia"):
            location = _resolved(package, base, media.findtext("{*}MediaFile"))
            if location:
                files.setdefault(media.get("ID", ""), location)
    return files


def templates_of(package: zipfile.ZipFile) -> dict[str, Any]:
    """Return the root of each template, which pages have below or above their own content, by its number."""
    found: dict[str, Any] = {}
    for name, root in _roots(package, "Document"):
        for one in root.iter("{*}TemplatePage"):
            content = content_of(package, _resolved(package, posixpath.dirname(name), one.get("BaseLoc")))
            if content is not None:
                found.setdefault(one.get("ID", ""), content)
    return found


def unread_annotations(package: zipfile.ZipFile) -> list[str]:
    """Return a warning if annotations hold text."""
    notes = (one for _, root in _roots(package, "PageAnnot") for one in root.iter("{*}Annot"))
    said = sum(any((text.text or "").strip() for text in one.iter("{*}TextCode")) for one in notes)
    return [f"{said} 处批注里的文字没有读"] if said else []


def attachments_of(package: zipfile.ZipFile) -> list[str]:
    """Return the names of the attached files that readers are shown."""
    listed = (one for _, root in _roots(package, "Attachments") for one in root.iter("{*}Attachment"))
    return [one.get("Name", "未命名") for one in listed if one.get("Visible", "true").lower() != "false"]


def _roots(package: zipfile.ZipFile, tag: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the root of each part whose root has this tag."""
    for name in package.namelist():
        if name.lower().endswith(".xml") and (tag == "PageAnnot" or tag.lower() in posixpath.basename(name).lower()):
            root = content_of(package, name)
            if root is not None and str(root.tag).rpartition("}")[2] == tag:
                yield name, root


def _resolved(package: zipfile.ZipFile, base: str, location: str | None) -> str:
    """Return the part that a location names: from the folder of what names it, or from the package's root."""
    location = (location or "").strip().replace("\\", "/")
    names = {name.lower(): name for name in package.namelist()}  # programs write Doc_0 and DOC_0 in one file
    for path in (location.lstrip("/"),) if location.startswith("/") else (posixpath.join(base, location), location):
        path = posixpath.normpath(path).lstrip("/").lower()
        if path in names:
            return names[path]
    return ""
