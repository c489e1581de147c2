"""Office files written as one XML text: Word 2007 (flat OPC), Word 2003 and Excel 2003. Programs name them .doc and .xls."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.docx import read_docx
from ingest.formats.sheets import Row, Shape, merged_rows
from ingest.formats.tables import MOST_COLUMNS, table_row

_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_WORD_2003, _WORD = (
    b"http://schemas.microsoft.com/office/word/2003/wordml",
    b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
)
_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    b"</Relationships>"
)


def read_flat_word(path: Path) -> Extracted:
    """Read a Word file in which the parts of the package are elements of one text."""
    from lxml import etree

    parts: dict[str, bytes] = {}
    for part in _root(path).iter(f"{_PKG}part"):
        name = (part.get(f"{_PKG}name") or "").lstrip("/")
        xml, binary = part.find(f"{_PKG}xmlData"), part.find(f"{_PKG}binaryData")
        if xml is not None and len(xml):
            parts[name] = etree.tostring(xml[0])
        elif binary is not None and binary.text:
            parts[name] = base64.b64decode(binary.text)
    return _packed(parts)


def read_word_2003(path: Path) -> Extracted:
    """Read a Word file of 2003, whose elements are those of later ones in another namespace."""
    return _packed({"word/document.xml": path.read_bytes().replace(_WORD_2003, _WORD), "_rels/.rels": _RELATIONS})


def read_excel_2003(path: Path) -> Extracted:
    """Read the sheets of an Excel file of 2003 one below the other."""
    paragraphs = [
        paragraph
        for sheet in _root(path).iter(f"{_SS}Worksheet")
        for _, cells in _sheet_rows(sheet)
        for paragraph in table_row(cells)
    ]
    if not paragraphs:
        raise Unreadable("表格里没有文字")
    return Extracted(tuple(paragraphs))


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    """Yield the rows of a sheet, merged cells in each row that they cover."""
    shape, rows = Shape(), list[Row]()
    for row in sheet.iter(f"{_SS}Row"):
        number = int(row.get(f"{_SS}Index") or (rows[-1][0] if rows else 0) + 1)
        texts: list[str] = []
        for cell in row.iter(f"{_SS}Cell"):
            column = min(int(cell.get(f"{_SS}Index") or len(texts) + 1), MOST_COLUMNS)
            across, down = (int(cell.get(f"{_SS}{name}") or 0) for name in ("MergeAcross", "MergeDown"))
            text = " ".join("".join("".join(data.itertext()) for data in cell.iter(f"{_SS}Data")).split())
            texts += [""] * (column - 1 - len(texts)) + [text] + [""] * min(across, MOST_COLUMNS)
            if across or down:
                shape.merged.append((number, number + down, column, column + across))
        rows.append((number, texts))
    yield from merged_rows(iter(rows), shape)


def _root(path: Path) -> Any:
    from lxml import etree

    try:
        return etree.parse(str(path), etree.XMLParser(resolve_entities=False, recover=True, huge_tree=False)).getroot()
    except etree.XMLSyntaxError as error:
        raise Unreadable("文件已损坏，读不出来：请用 Office/WPS 打开后另存为新格式") from error


def _packed(parts: dict[str, bytes]) -> Extracted:
    with TemporaryDirectory(prefix="jianbao-") as folder:
        file = Path(folder) / "packed.docx"
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        return read_docx(file)
