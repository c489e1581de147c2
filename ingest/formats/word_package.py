"""The parts of a Word file (.docx, ECMA-376 part 2): opened also where relationships lead nowhere or parts are missing."""

from __future__ import annotations

import posixpath
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_NAMESPACES = {  # of strict files, and the usual ones
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    b"http://purl.oclc.org/ooxml/drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
    b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}  # fmt: skip


class Package:
    """A Word file; raises KeyError if it has no document, and what zipfile and lxml raise if it is damaged."""

    def __init__(self, file: Path | bytes) -> None:
        self._archive = zipfile.ZipFile(file if isinstance(file, Path) else BytesIO(file))
        self._names = {name.lower(): name for name in self._archive.namelist()}
        main = next((target for kind, target in self._relations("").values() if kind == "officeDocument"), "word/document.xml")
        self._main = self._relations(main)
        document = self.data(main)
        if document is None:
            raise KeyError(main)
        self.document = _parsed(document)

    def data(self, name: str) -> bytes | None:
        """Return the bytes of a part, None if it is missing."""
        own = self._names.get(name.lower())
        return None if own is None else self._archive.read(own)

    def related(self, kind: str) -> Any | None:
        """Return the root of the first part of this kind (styles, numbering) to which the document is related."""
        names = [target for own, target in self._main.values() if own == kind]
        data = next((data for name in names if (data := self.data(name)) is not None), None)
        return None if data is None else _parsed(data)

    def target(self, number: str | None) -> bytes | None:
        """Return the bytes of the part with this number among the document's relationships, None if there is none."""
        found = self._main.get(number or "")
        return None if found is None else self.data(found[1])

    def part(self, number: str | None) -> Any | None:
        """Return the root of the part with this number, None if there is none."""
        data = self.target(number)
        return None if data is None else _parsed(data)

    def _relations(self, source: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the name of each part of the file to which one is related, by their numbers."""
        folder, name = posixpath.split(source)
        data = self.data(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if data is None else _parsed(data).iter(_RELATION):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))
                found[relation.get("Id") or ""] = posixpath.basename(relation.get("Type") or ""), target.lstrip("/")
        return found


def _parsed(data: bytes) -> Any:
    from lxml import etree

    for strict, usual in _NAMESPACES.items():
        data = data.replace(strict, usual)
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=False))
