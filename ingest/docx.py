"""Word files (.docx): paragraphs and tables in their order."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ingest.clean import clean_text
from ingest.errors import Unreadable
from ingest.original import Original, Paragraph


def read_docx(path: Path) -> Original:
    """Read a Word file; raise Unreadable if it is damaged, encrypted or empty."""
    from docx import Document as open_docx
    from docx.opc.exceptions import OpcError
    from docx.table import Table

    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 .docx（可能是加密的或旧版 .doc）：请用 Word/WPS 打开后另存为 .docx")
    try:
        word = open_docx(str(path))
        blocks = list(word.iter_inner_content())
    except (OpcError, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unreadable(f"Word 文件已损坏，读不出来（{type(error).__name__}）") from error
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            texts += [" | ".join(clean_text(cell.text.replace("\n", " ")) for cell in row.cells) for row in block.rows]
        else:
            texts += block.text.splitlines()
    paragraphs = tuple(Paragraph(text) for text in map(clean_text, texts) if text)
    if not paragraphs:
        raise Unreadable("Word 文件里没有文字（可能只有图片）")
    return Original(paragraphs)
