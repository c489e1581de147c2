"""Pictures within the pages of a document are recognised where they hold text, and both texts are read once."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from conftest import DOCUMENTS
from PIL import Image
from pypdf import PdfReader, PdfWriter, Transformation
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from test_office_formats import ofd_page, write_ofd

from ingest.formats import pictures as module
from ingest.formats.ofd import read_ofd
from ingest.formats.pdf_objects import drawn_on
from ingest.formats.pdf_turned import set_upright, turns_of
from ingest.read import read_document

ABOVE = "以下是云溪县各镇今年建成示例驿站的情况，数字由各镇报送，县里核对。"
BELOW = "以上数字截至九月底，下一步各镇要把剩下的驿站建完。"
TABLE = (("镇", "驿站", "完成率"), ("东溪镇", "18个", "92%"), ("西岭镇", "36个", "85%"))


def written(path: Path, *lines: tuple[float, float, str], picture: Image.Image | None = None) -> Path:
    """Write a page with lines and, below its middle, a picture 300 points wide."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = Canvas(str(path), pagesize=(595, 842))
    if picture:
        page.drawImage(ImageReader(picture), 60, 500, 300, 300 * picture.height / picture.width)
    page.setFont("STSong-Light", 12)
    for x, y, text in lines:
        page.drawString(x, y, text)
    page.save()
    return path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    """Return a picture of a table, as it is pasted."""
    cells = [(20 + 90 * x, 70 - 30 * y, text) for y, row in enumerate(TABLE) for x, text in enumerate(row)]
    path = written(tmp_path_factory.mktemp("table") / "a.pdf", *cells)
    with pypdfium2.PdfDocument(path) as pdf:
        return pdf[0].render(scale=3).to_pil().convert("RGB").crop((0, 3 * 842 - 300, 900, 3 * 842))


def test_a_table_pasted_into_a_page_of_a_pdf(tmp_path: Path, table: Image.Image) -> None:
    page = written(tmp_path / "a.pdf", (60, 700, ABOVE), (60, 460, BELOW), picture=table)
    read = read_document(page, "a.pdf")
    rows = [line.replace(" ", "") for line in read.text.splitlines()]
    assert rows == [ABOVE, "镇|驿站|完成率", "东溪镇|18个|92%", "西岭镇|36个|85%", BELOW]
    assert read.warnings[0] == "有 1 张图片里的文字是识别出来的" and [page for page, _ in read.recognised] == [1]


def test_what_is_typed_over_a_picture_is_read_once(tmp_path: Path, table: Image.Image) -> None:
    page = written(tmp_path / "a.pdf", (60, 700, ABOVE), (70, 580, "图一：各镇进度，单位为个"), picture=table)
    text = read_document(page, "a.pdf").text
    assert (text.count("各镇进度"), text.count("东溪镇")) == (1, 1)


def test_a_picture_without_text_is_told_and_a_small_one_is_not(tmp_path: Path) -> None:
    page = written(tmp_path / "a.pdf", (60, 700, ABOVE), (60, 460, BELOW), picture=Image.new("RGB", (600, 200), "green"))
    read = read_document(page, "a.pdf")
    assert (read.text, read.warnings[0], read.recognised) == (ABOVE + BELOW, "有 1 张图片没有文字", ())
    narrow = written(tmp_path / "b.pdf", (60, 700, ABOVE), (60, 460, BELOW), picture=Image.new("RGB", (600, 60), "green"))
    assert not any("图片" in warning for warning in read_document(narrow, "b.pdf").warnings)


def test_a_scan_cut_into_strips_is_one_picture(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument(DOCUMENTS / "简报" / "共富示例-2024年第8期-扫描件.pdf") as pdf:
        scan = pdf[0].render(scale=2).to_pil().convert("RGB")
    page = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    for number in range(8):
        strip = scan.crop((0, number * scan.height // 8, scan.width, (number + 1) * scan.height // 8))
        page.drawImage(ImageReader(strip), 0, 842 - 842 * (number + 1) / 8, 595, 842 / 8)
    page.setFont("STSong-Light", 9)
    page.drawString(400, 20, "本页由某某办公室扫描存档，仅供内部查阅使用")
    page.save()
    read = read_document(tmp_path / "a.pdf", "a.pdf")
    assert read.recognised and "省总工会" in read.text


def test_a_table_pasted_into_a_page_of_an_ofd(tmp_path: Path, table: Image.Image) -> None:
    def place(resource: int) -> str:
        return f'<ofd:ImageObject ID="9" Boundary="20 60 110 37" ResourceID="{resource}"/>'

    picture = io.BytesIO()
    table.save(picture, "PNG")
    resources = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:MultiMedias>'
        '<ofd:MultiMedia ID="4" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>'
    )
    attachments = (
        '<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016">'
        '<ofd:Attachment ID="1" Name="名单.xlsx"><ofd:FileLoc>a.xlsx</ofd:FileLoc></ofd:Attachment></ofd:Attachments>'
    )
    lines = [(20.0, 40.0, ABOVE), (20.0, 110.0, BELOW), (25.0, 61.0, "表一")]
    parts = {
        "Doc_0/DocumentRes.xml": resources,
        "DOC_0/Res/A.png": picture.getvalue(),
        "Doc_0/Attachs/Attachments.xml": attachments,
    }
    one = read_ofd(write_ofd(tmp_path / "a.ofd", ofd_page(lines, place(4)), parts=parts))
    assert [paragraph.text.replace(" ", "") for paragraph in one.paragraphs] == [
        ABOVE, "表一", "镇|驿站|完成率", "东溪镇|18个|92%", "西岭镇|36个|85%", BELOW,
    ]  # fmt: skip
    assert one.warnings == ("有 1 张图片里的文字是识别出来的", "有 1 个附件没有读（名单.xlsx）：请取出后另放进来")
    template = ofd_page([], place(4))
    note = '<ofd:PageAnnot xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Annot><ofd:TextCode>阅</ofd:TextCode></ofd:Annot></ofd:PageAnnot>'
    used = {**parts, "Doc_0/Tpls/1.xml": template, "Doc_0/Annots/1.xml": note}
    below = write_ofd(tmp_path / "d.ofd", ofd_page(lines, template=3), templates={3: "Tpls/1.xml"}, parts=used)
    form = read_ofd(below)
    assert [one.text for one in form.paragraphs] == [one.text for one in one.paragraphs]
    assert "1 处批注里的文字没有读" in form.warnings
    lost = read_ofd(write_ofd(tmp_path / "b.ofd", ofd_page(lines, place(5)), parts=parts))
    assert lost.warnings[0] == "有 1 张图片没有读"
    whole = write_ofd(tmp_path / "c.ofd", ofd_page(lines, place(4)), parts=parts).read_bytes()
    (tmp_path / "c.ofd").write_bytes(whole.replace(picture.getvalue()[-30:-20], bytes(10)))
    damaged = read_ofd(tmp_path / "c.ofd")
    assert "表一" in "".join(one.text for one in damaged.paragraphs) and damaged.warnings[0] == "有 1 张图片没有读"


def test_pictures_beyond_the_last_are_not_opened_and_each_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    signs: list[int] = []
    opened: list[bytes] = []
    monkeypatch.setattr("ingest.formats.pictures._MOST", 1)
    real = module.opened
    monkeypatch.setattr(module, "opened", lambda data: (opened.append(data), real(data))[1])
    pictures = module.Pictures(lambda: signs.append(1))
    for colour in ("green", "red", "blue", "green"):
        data = io.BytesIO()
        Image.new("RGB", (200, 100), colour).save(data, "PNG")
        pictures.in_part(data.getvalue)
    assert (len(opened), len(signs)) == (1, 5) and pictures.warnings() == ("有 1 张图片没有文字", "有 2 张图片没有读")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_begins_at_its_corner(tmp_path: Path, turned: int) -> None:
    page = written(tmp_path / "a.pdf", (60, 700, ABOVE), (60, 680, BELOW), picture=Image.new("RGB", (600, 800), "white"))
    writer = PdfWriter(clone_from=PdfReader(page))
    writer.pages[0].add_transformation(Transformation().translate(-297.5, -421).rotate(turned).translate(421, 421))
    writer.pages[0].mediabox.upper_right = writer.pages[0].cropbox.upper_right = (842, 842)
    writer.write(tmp_path / "b.pdf")
    with pypdfium2.PdfDocument(tmp_path / "b.pdf") as pdf:
        one = pdf[0]
        set_upright(one, turns_of(one.get_textpage()))
        assert one.get_bbox() == pytest.approx((0, 0, 842, 842))
        left, bottom, right, top = drawn_on(one).pictures[0]
        assert (left, bottom) == pytest.approx((183.5, 500), abs=1) and (right, top) == pytest.approx((483.5, 900), abs=1)


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_is_read_as_the_upright_one(tmp_path: Path, turned: int) -> None:
    """Programs turn a page by its own number, or write its text turned: both are shown upright."""
    lines = [(60.0, 700.0, ABOVE), (60.0, 680.0, "镇名"), (300.0, 680.0, "驿站"), (60.0, 660.0, BELOW)]
    upright = written(tmp_path / "a.pdf", *lines)
    writer = PdfWriter(clone_from=PdfReader(upright))
    page = writer.pages[0]
    page.add_transformation(Transformation().translate(-297.5, -421).rotate(turned).translate(421, 421))
    page.mediabox.upper_right = (842, 842)
    page.cropbox.upper_right = (842, 842)
    page.rotate(turned)
    writer.write(tmp_path / "b.pdf")
    one, other = (read_document(tmp_path / name, "x.pdf") for name in ("a.pdf", "b.pdf"))
    assert one.text == f"{ABOVE}\n镇名 | 驿站\n{BELOW}"
    assert other.text == one.text and not other.recognised
