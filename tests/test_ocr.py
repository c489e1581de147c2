"""Pages without a text layer are recognised, and a citation says so."""

from __future__ import annotations

import io
import re
from difflib import SequenceMatcher
from pathlib import Path

import pypdfium2
import pytest
from conftest import DOCUMENTS, shared
from PIL import Image
from pypdf import PdfReader, PdfWriter

from ingest.citation import cite
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.formats.reading_order import Box, in_reading_order
from ingest.read import read_document

PRINTED = DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf"
SCANNED = DOCUMENTS / "简报" / "共富示例-2024年第8期-扫描件.pdf"


@pytest.fixture(scope="module")
def scanned() -> Document:
    return read_document(SCANNED, SCANNED.name)


def picture(path: Path, page: int) -> Image.Image:
    with pypdfium2.PdfDocument(path) as pdf:
        return pdf[page].render(scale=2).to_pil().convert("RGB")


def test_a_scanned_issue_has_its_items(scanned: Document) -> None:
    assert (scanned.issue, scanned.total_issue, scanned.date, scanned.warnings) == (8, 108, "2024-08-30", ())
    credits = [item.contributors for item in scanned.items]
    assert credits == [("省总工会",), ("台州市椒江区",), ("舟山市普陀区",), ()]


def test_its_citation_says_that_the_text_was_recognised(scanned: Document) -> None:
    item = scanned.items[1]
    citation = cite(scanned, item, item.passages[0].start, item.passages[0].end)
    assert citation.confidence and 0.9 < citation.confidence <= 1
    assert re.search(r"（台州市椒江区供稿），2024年8月30日，第2页，识别文本（可信度\d+%）$", citation.line)


def test_printed_text_is_not_recognised() -> None:
    printed = read_document(PRINTED, PRINTED.name)
    assert printed.recognised == ()
    citation = cite(printed, printed.items[0], printed.items[0].start, printed.items[0].end)
    assert citation.confidence is None and "识别文本" not in citation.line


def test_only_the_scanned_pages_of_a_pdf_are_recognised(tmp_path: Path) -> None:
    scan = io.BytesIO()
    picture(PRINTED, 1).save(scan, "PDF", resolution=144)
    writer = PdfWriter()
    for page in (PdfReader(PRINTED).pages[0], PdfReader(scan).pages[0], PdfReader(PRINTED).pages[2]):
        writer.add_page(page)
    writer.write(tmp_path / "partly.pdf")
    mixed, whole = read_document(tmp_path / "partly.pdf", "x"), read_document(PRINTED, "x")
    assert [page for page, _ in mixed.recognised] == [2]
    begin, end = whole.page_starts[1:3]
    here = mixed.text[mixed.page_starts[1] : mixed.page_starts[2]]
    assert SequenceMatcher(None, here, whole.text[begin:end], autojunk=False).ratio() > 0.97


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_picture_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"照片.{suffix}"
    picture(SCANNED, 1).save(path)
    document = read_document(path, path.name)
    assert "舟山市普陀区推行海岛慢病" in document.text
    assert [page for page, _ in document.recognised] == [1]


def test_a_damaged_picture_and_one_without_text(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG no picture")
    Image.new("RGB", (300, 300), "white").save(tmp_path / "white.png")
    with pytest.raises(Unreadable, match="图片已损坏"):
        read_document(tmp_path / "bad.png", "bad.png")
    with pytest.raises(Unreadable, match="没有认出文字"):
        read_document(tmp_path / "white.png", "white.png")


def test_columns_are_read_one_after_the_other() -> None:
    left = [Box(50, 100 + 20 * n, 250, 112 + 20 * n, f"左栏第{n}行的文字写得足够长") for n in range(6)]
    right = [Box(300, 100 + 20 * n, 500, 112 + 20 * n, f"右栏第{n}行的文字写得足够长") for n in range(6)]
    title = Box(50, 60, 500, 80, "横跨两栏的标题")
    lines = [line.text for line in in_reading_order([*right, title, *left])]
    assert lines == [title.text, *(box.text for box in left), *(box.text for box in right)]


def test_cells_side_by_side_are_a_row() -> None:
    boxes = [Box(300, 100, 340, 112, "12家"), Box(50, 101, 110, 113, "驿站"), Box(50, 130, 110, 142, "食堂")]
    assert [(line.text, line.row) for line in in_reading_order(boxes)] == [("驿站 | 12家", True), ("食堂", False)]


@pytest.mark.slow
def test_real_scans_are_recognised() -> None:
    for path in sorted(shared("scans").glob("*.pdf")):
        truth, read = (
            re.sub(r"\s", "", text)
            for text in (path.with_suffix(".truth.txt").read_text(encoding="utf-8"), read_document(path, path.name).text)
        )
        same = sum(block.size for block in SequenceMatcher(None, truth, read, autojunk=False).get_matching_blocks())
        assert same / max(len(truth), len(read)) >= 0.97, path.name


def test_the_radicals_of_a_text_layer_are_read_as_characters() -> None:
    path = next(shared("pdf").glob("zxj6827111*"))
    radicals = PdfReader(path).pages[1].extract_text()
    assert sum("\u2e80" <= character <= "\u2fdf" for character in radicals) > 100
    text = read_document(path, path.name).text
    assert not re.search("[\u2e80-\u2fdf]", text)
    assert "政府信息公开申请案件3607件" in text
