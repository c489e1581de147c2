"""A stretch of a document's text has its boxes on the original's pages: where it stands, and nowhere else."""

from __future__ import annotations

import io
import random
import re
from difflib import SequenceMatcher
from pathlib import Path

import pypdfium2
import pytest
from conftest import DOCUMENTS, shared
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from ingest.document import Document
from ingest.pages.letters import Letter, Rect, folded
from ingest.pages.locate import boxes_of
from ingest.pages.pictures import Frames, Pages, PdfPages, open_pages
from ingest.read import read_document

ISSUE = DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf"
PRINTED = [*sorted((DOCUMENTS / "简报").glob("*期.pdf")), DOCUMENTS / "新闻" / "示例新闻-05-班车捎着香菇跑.pdf"]
REAL = (
    "Penggeor__中华人民共和国数据安全法",
    "opendatalab__test_rearch_report_origin",
    "gandli__fwzn",
    "LuisChen1Q84__H3_AP202602081819824353_1",
    "opendatalab__2list_1table",
)


def words(text: str) -> str:
    return "".join(re.findall(r"\w", folded(text)))


Letters = dict[int, list[Letter]]


def all_letters(document: Document, pages: Pages) -> Letters:
    """Return the letters of each page as the document was read."""
    return {n: pages.letters(n, n in dict(document.recognised)) for n in range(1, len(document.page_starts) + 1)}


def places(document: Document, letters: Letters, start: int, end: int) -> list[tuple[int, Rect]]:
    """Return the page and the box of each line of a span."""
    borders = (*document.page_starts, len(document.text))
    first, *rest = document.pages(start, end)
    found = []
    for number in range(first, (rest or [first])[0] + 1):
        begin, stop = borders[number - 1 : number + 1]
        here = max(start, begin) - begin, min(end, stop) - begin
        found += [(number, box) for box in boxes_of(letters[number], document.text[begin:stop], *here)]
    return found


def standing_in(pdf: pypdfium2.PdfDocument, number: int, box: Rect) -> str:
    """Return the words whose ink crosses the middle of a box on a page that is neither turned nor cropped."""
    page = pdf[number - 1]
    width, height = page.get_size()
    left, top, across, down = box[0] * width, (1 - box[1]) * height, box[2] * width, box[3] * height
    found: str = page.get_textpage().get_text_bounded(left + 0.5, top - 0.65 * down, left + across - 0.5, top - 0.35 * down)
    return words(found)


def share_found(path: Path, most: int) -> list[tuple[float, float]]:
    """Return of some passages on printed pages which share stands in their boxes, and how much as much stands there."""
    document = read_document(path, path.name)
    letters = all_letters(document, open_pages(path))
    passages = [passage for item in document.items for passage in item.passages]
    printed = [p for p in passages if document.confidence(p.start, p.end) is None and words(document.text[p.start : p.end])]
    shares = []
    with pypdfium2.PdfDocument(path) as pdf:
        for passage in random.Random(1).sample(printed, min(most, len(printed))):
            wanted = words(document.text[passage.start : passage.end])
            boxes = places(document, letters, passage.start, passage.end)
            got = "".join(standing_in(pdf, *place) for place in boxes)
            blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
            shares.append((sum(block.size for block in blocks) / len(wanted), len(got) / len(wanted)))
    return shares


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: path.stem)
def test_the_boxes_of_a_passage_hold_its_words_and_no_others(path: Path) -> None:
    assert set(share_found(path, 30)) == {(1.0, 1.0)}


@pytest.mark.parametrize("stem", REAL)
def test_passages_of_real_files_have_their_boxes(stem: str) -> None:
    shares = share_found(shared("pdf", f"{stem}.pdf"), 30)
    assert sum(found >= 0.9 for found, _ in shares) >= 0.95 * len(shares)


def turned(tmp_path: Path, rotation: int, crop: tuple[float, float, float, float] | None) -> Path:
    """Save the second page of an issue turned, and cropped to left, bottom, right, top in points."""
    page = PdfReader(ISSUE).pages[1]
    if crop:
        page.cropbox = RectangleObject(crop)
    writer = PdfWriter()
    writer.add_page(page.rotate(rotation))
    writer.write(tmp_path / "turned.pdf")
    return tmp_path / "turned.pdf"


def cut(picture: Image.Image, letter: Letter) -> Image.Image:
    width, height = picture.size
    edges = letter.left * width, letter.top * height, letter.right * width, letter.bottom * height
    return picture.convert("L").crop(tuple(map(round, edges)))


def once(pages: Pages, number: int) -> dict[str, Letter]:
    """Return the Han characters that a page has only once."""
    letters = [letter for letter in pages.letters(number, False) if letter.character >= "\u4e00"]
    return {a.character: a for a in letters if sum(a.character == b.character for b in letters) == 1}


def difference(some: list[Image.Image], others: list[Image.Image]) -> float:
    """Return by how much pictures differ on average, of 255."""
    pairs = [ImageChops.difference(one, other.resize(one.size)) for one, other in zip(some, others, strict=False)]
    return sum(ImageStat.Stat(pair).mean[0] for pair in pairs) / len(pairs)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_letters_of_a_turned_and_cropped_page_are_where_they_are_drawn(tmp_path: Path, rotation: int) -> None:
    original, pages = PdfPages(ISSUE), PdfPages(turned(tmp_path, rotation, (40, 60, 560, 800)))
    plain, drawn = original.picture(2, 2000), pages.picture(1, round(2000 * pages.sizes[0][0] / original.sizes[1][0]))
    expected, letters = once(original, 2), once(pages, 1)
    assert len(letters) > 100
    there = [cut(plain, expected[character]) for character in letters]
    here = [cut(drawn, letter).rotate(rotation, expand=True) for letter in letters.values()]
    assert difference(there, here) < 35 < 60 < difference(there, here[1:])


@pytest.mark.parametrize("rotation", [0, 90, 270])
def test_the_lines_of_a_turned_page_have_a_box_each(tmp_path: Path, rotation: int) -> None:
    letters = PdfPages(turned(tmp_path, rotation, None)).letters(1, False)
    sentence = "".join(letter.character for letter in letters)[200:300]
    boxes = boxes_of(letters, sentence, 0, 100)
    assert len(boxes) == 4
    assert all((width > 4 * height) == (rotation == 0) for _, _, width, height in boxes[:3])


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second page of an issue, as a picture in a PDF."""
    path = tmp_path_factory.mktemp("scan") / "scan.pdf"
    PdfPages(ISSUE).picture(2, 1400).save(path, "PDF", resolution=170)
    return path


def test_a_scanned_page_has_its_boxes_where_the_printed_one_has(scan: Path) -> None:
    document = read_document(scan, "scan.pdf")
    seen_letters, letters = all_letters(document, PdfPages(scan)), PdfPages(ISSUE).letters(2, False)
    seen = 0
    for sentence in re.findall(r"[^。\n]{15,}。", document.text):
        start = document.text.index(sentence)
        expected, boxes = (
            boxes_of(letters, sentence, 0, len(sentence)),
            places(document, seen_letters, start, start + len(sentence)),
        )
        for (_, box), other in zip(boxes, expected, strict=len(boxes) == len(expected)):
            assert box == pytest.approx(other, abs=0.025)
            seen += 1
    assert seen >= 15


def test_a_picture_taken_lying_is_shown_upright(tmp_path: Path, scan: Path) -> None:
    upright = PdfPages(scan).picture(1, 1400)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    upright.rotate(90, expand=True).save(tmp_path / "lying.jpg", exif=exif)
    frames = Frames(tmp_path / "lying.jpg")
    assert frames.sizes == [pytest.approx((595, 842), abs=2)]
    assert (frames.picture(1, 800).width, frames.picture(1, 2400).width) == (800, 1400)
    document = read_document(tmp_path / "lying.jpg", "x")
    (_, box), *_ = places(document, all_letters(document, frames), 0, 10)
    assert 0 < box[1] < 0.2


def test_each_frame_is_a_page_and_a_tall_page_is_bounded(tmp_path: Path) -> None:
    frames = [Image.new("RGB", size, "white") for size in ((300, 400), (10, 19_000))]
    frames[0].save(tmp_path / "two.tif", save_all=True, append_images=frames[1:])
    pages = open_pages(tmp_path / "two.tif")
    assert len(pages) == 2
    assert max(pages.picture(2, 2400).size) <= 16_000
    written = io.BytesIO()
    pages.picture(1, 800).save(written, "WEBP")


def printed(*lines: str, twice: bool = False) -> list[Letter]:
    """Set lines of text on a page, 40 letters wide and 50 lines high."""
    letters = []
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            x, y = column / 40, row / 50
            letters += [
                Letter(character, x + shift, y, x + shift + 1 / 40, y + 0.015) for shift in ((0, 0.002) if twice else (0,))
            ]
    return letters


def lines_marked(letters: list[Letter], text: str, wanted: str, at: int = 0) -> list[int]:
    start = text.index(wanted, at)
    return [round(box[1] * 50) for box in boxes_of(letters, text, start, start + len(wanted))]


def test_letters_printed_twice_are_one() -> None:
    boxes = boxes_of(printed("标题在此", twice=True), "标题在此", 0, 4)
    assert boxes == [pytest.approx((0, 0, 0.102, 0.015), abs=0.003)]


def test_of_several_places_the_one_in_the_same_sentence_is_meant() -> None:
    text = "全县12个村\n全市12个村\n全省12个村"
    assert lines_marked(printed(*text.split("\n")), text, "12个村", text.index("全市")) == [1]


def test_what_is_printed_in_another_order_or_with_a_head_between_is_found_in_parts() -> None:
    page = printed("第一格里写着村集体的收入", "第二格里写着农户的收入数", "简报第3期", "余下的一句话接着写在这里。")
    text = "第二格里写着农户的收入数 | 第一格里写着村集体的收入\n余下的一句话**接着**写在这里。"
    assert sorted(lines_marked(page, text, text)) == [0, 1, 3]
    broken = printed("发放低息贷款三千", "简报第3期", "八百万元惠及农户")
    assert lines_marked(broken, "发放低息贷款三千八百万元惠及农户", "发放低息贷款三千八百万元惠及农户") == [0, 2]


@pytest.mark.parametrize("text", ["此页没有这一句话", "全县有一百个村的人", "村", "", "   "])
def test_what_is_not_on_the_page_has_no_box(text: str) -> None:
    assert boxes_of(printed("全县12个村", "其中5个村的收入过百万"), f"前文{text}后文", 2, 2 + len(text)) == []


def test_radicals_that_pdfium_misplaces_are_in_their_line() -> None:
    path = next(shared("pdf").glob("zxj6827111*"))
    document = read_document(path, path.name)
    letters = all_letters(document, PdfPages(path))
    start = document.text.index("第二十条第（八）项")
    ((_, box),) = places(document, letters, start + 1, start + 3)
    (_, whole), *_ = places(document, letters, start, start + 9)
    assert whole[0] < box[0] < box[0] + box[2] < whole[0] + whole[2]
    assert box[1] == pytest.approx(whole[1], abs=0.003)
