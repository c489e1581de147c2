"""Read saved web pages with trafilatura: the article without navigation."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import CELL, Extracted, Paragraph
from ingest.formats.clean import clean_text
from ingest.formats.looks import Print, with_looks
from ingest.formats.plaintext import decode, is_utf8
from ingest.formats.tables import Cell, table_row, table_rows
from ingest.formats.web_blocks import Block, blocks_of, main_blocks, prints_of, squeezed

_CHARSET = re.compile(rb"<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLOCKS = {"p", "head", "item", "row", "quote", "code", "ab"}
_MHTML = re.compile(
    rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:MIME-Version|Content-Type:\s*multipart/related)", re.IGNORECASE
)
_SORT = re.compile(r"^\s*[\[【(（](?:视频|图文|图|组图|直播|专题|转载|原创)[\]】)）]\s*")
_OF_SITE = re.compile(r"\s*[-_—－|｜–]+\s*[\u4e00-\u9fff·]{1,24}(?:网|网站|频道|门户|在线|客户端|日报|晚报)$")
_SOURCE = re.compile(
    r"(?:信息|文章|稿件|新闻)?来源\s*[：:]\s*(\S.{1,39}?)\s*(?=\d{4}[年/.-]|内容简介|浏览|字号|字体|发布|时间|日期|作者|编辑|点击|阅读|分享|打印|责任|-\s|$)"
)
_LONGEST_LINE = 120  # characters of a line with the source, the day and the like
_H1 = re.compile(r"<h1\b[^<>]*>((?:(?!<h1\b).)*?)</h1>", re.IGNORECASE | re.DOTALL)  # ends at the next one: linear
_TAG = re.compile(r"<[^<>]+>")
_LONGEST_TITLE = 100  # characters
_ROW = "\u241e"  # stands before each cell of a row while the row passes through trafilatura, which drops what is not printed
_LONGEST_CELL = 600  # characters; a table with a longer cell is page layout
_PART = 20  # characters of a paragraph by which it is found again
_LEAST_KEPT = 0.85  # share of a page's blocks that its article must have as paragraphs
_MOST_MERGED = 1000  # rows or columns of one cell, as in browsers
_MOST_LINKED = 0.3  # share of a table's characters that may be links; in navigation nearly all are


def read_webpage(path: Path) -> Extracted:
    """Read the article of an HTML file; raise Unreadable if there is none."""
    data = path.read_bytes()
    if not data.strip():
        raise Unreadable("文件是空的")
    markup = markup_of(data)
    tree = _tree(markup)
    page = _fullest(tree)
    title = _own_title(_heading(markup) or clean_text(page.title or "")) if page is not None else ""
    printed = _printed(page, tree, title) if page is not None and page.body is not None else []
    if page is None or not printed:
        raise Unreadable("网页里没有找到正文")
    paragraphs = with_looks(printed)
    source = clean_text(page.sitename or "") or _stated_source(tree)
    author = clean_text(page.author or "")
    return Extracted(paragraphs, title, _printed_day(page.date or "", markup), source, author)


def whole_page(markup: str) -> tuple[Paragraph, ...]:
    """Return all text of a page in which nothing is navigation: a mail's body, a part of a Word file."""
    whole = markup if "<body" in markup.lower() else f"<html><body>{markup}</body></html>"
    tree = _tree(whole) if markup.strip() else None
    blocks = blocks_of(tree) if tree is not None else []
    return with_looks([(paragraph, block.printed) for block in blocks for paragraph in _of_block(block)])


def whole_page_of(data: bytes) -> tuple[Paragraph, ...]:
    """Return all text of a page, given as the bytes of its file."""
    return whole_page(markup_of(data))


def markup_of(data: bytes) -> str:
    """Return the markup of a page, given as the bytes of its file."""
    return _saved_whole(data) or _markup(data)


def is_saved_whole(head: bytes) -> bool:
    """Tell by its beginning whether a file is a mail, or a page that a browser saved with its pictures."""
    return bool(_MHTML.match(head[:2000]))


def _saved_whole(data: bytes) -> str:
    """Return the page in a file that a browser saved with its pictures (MHTML, RFC 2557); "" if it is none."""
    if not is_saved_whole(data):
        return ""
    pages = (part for part in message_from_bytes(data, policy=default).walk() if part.get_content_type() == "text/html")
    page = next(pages, None)
    payload = page.get_payload(decode=True) if page else b""
    charset = page.get_content_charset("") if page else ""
    return _markup(payload, charset) if isinstance(payload, bytes) else ""


def _printed_day(date: str, markup: str) -> str:
    """Return a date if the page gives its day: trafilatura makes up days of months and years, also of a copyright."""
    year, month, day = (*date.split("-"), "", "")[:3]
    forms = rf"{year}\s*[-/.年]\s*0?{month.lstrip('0')}\s*[-/.月]\s*0?{day.lstrip('0')}(?!\d)|{year}{month}{day}"
    return date if day and re.search(forms, markup) else ""


def declared_charset(data: bytes) -> str:
    """Return Python's name of the encoding that a page declares; "" if it declares none, or one that does not exist."""
    found = _CHARSET.search(data[:4096])
    name = found[1].decode().lower() if found else ""
    if name.startswith(("utf-16", "utf-32")):  # the declaration was readable as ASCII, so the page is in neither
        return ""
    name = "gb18030" if name in ("gb2312", "gbk") else name
    try:
        return codecs.lookup(name).name if name and "".encode(name) is not None else ""
    except LookupError:  # unknown, or "hex" and the like, which encode no text
        return ""


def _markup(data: bytes, charset: str = "") -> str:
    """Decode as any text file if it is UTF-8 or declares this or nothing, else with this encoding or the one it declares."""
    charset = charset or declared_charset(data)
    return decode(data) if not charset or codecs.lookup(charset).name == "utf-8" or is_utf8(data) else decode(data, charset)


def _fullest(tree: Any) -> Any:
    """Extract in two ways, each of which loses paragraphs of some pages; return the result with more text."""
    from copy import deepcopy

    from trafilatura import bare_extraction

    if tree is None:
        return None
    found = (
        bare_extraction(deepcopy(tree), favor_recall=recall, include_comments=False, with_metadata=True, deduplicate=False)
        for recall in (True, False)
    )
    pages = [page for page in found if page is not None and page.body is not None]
    return max(pages, key=lambda page: len("".join(page.body.itertext())), default=None)


def _tree(markup: str) -> Any:
    """Return the elements of a page, its tables of data written out as paragraphs."""
    from trafilatura import load_html

    tree = load_html(markup)
    for table in [] if tree is None else list(tree.iter("table")):
        if _is_data(table):
            _write_out(table)
    return tree


def _printed(page: Any, tree: Any, title: str) -> list[tuple[Paragraph, Print]]:
    """Return the paragraphs of the article and how they are printed; its blocks if trafilatura is not made for it."""
    blocks = blocks_of(tree)
    paragraphs = _paragraphs(page.body)
    main = main_blocks(blocks, title)
    cells = (cell for paragraph in paragraphs if paragraph.form for cell in paragraph.text.split(CELL))
    if _are_kept(main, paragraphs) and all(len(cell) <= _LONGEST_CELL for cell in cells):
        return list(zip(paragraphs, prints_of([paragraph.text for paragraph in paragraphs], blocks), strict=True))
    return [(paragraph, block.printed) for block in main for paragraph in _of_block(block)]


def _are_kept(main: Sequence[Block], paragraphs: Sequence[Paragraph]) -> bool:
    """Tell whether nearly all blocks from the first running text to the last begin a paragraph of the article."""
    rows = [row for row, block in enumerate(main) if block.is_prose()]
    text = [block for block in main[rows[0] : rows[-1] + 1] if not block.is_link() and _ROW not in block.text] if rows else []
    openings = {squeezed(paragraph.text)[:_PART] for paragraph in paragraphs}
    kept = sum(squeezed(clean_text(block.text))[:_PART] in openings for block in text)
    return kept >= _LEAST_KEPT * len(text)


def _of_block(block: Block) -> Iterator[Paragraph]:
    if _ROW in block.text:
        yield from table_row(block.text.strip().removeprefix(_ROW).split(_ROW))
    elif text := clean_text(block.text):
        yield Paragraph(text)


def _is_data(table: Any) -> bool:
    """Tell whether a table has data, and is neither page layout nor navigation."""
    rows = [row for row in _rows(table) if any(row)]
    cells = [cell for row in rows for cell in row]
    linked = sum(len(link.text_content()) for link in table.iter("a"))
    return (
        len(rows) > 1
        and max(map(len, rows)) > 1
        and max(map(len, cells)) <= _LONGEST_CELL
        and linked <= len(table.text_content()) * _MOST_LINKED
        and next(table.iterdescendants("table"), None) is None
    )


def _rows(table: Any) -> list[list[str]]:
    cells = (
        [
            Cell(" ".join(cell.text_content().split()), _span(cell, "rowspan"), _span(cell, "colspan"))
            for cell in row.iter("td", "th")
        ]
        for row in table.iter("tr")
    )
    return [row for _, row in table_rows(cells)]


def _span(cell: Any, name: str) -> int:
    """Return over how many rows or columns a cell is merged; as browsers do, whatever is no number is 1."""
    stated = (cell.get(name) or "").strip()
    return max(1, min(int(stated), _MOST_MERGED)) if stated.isascii() and stated.isdigit() and len(stated) < 6 else 1


def _write_out(table: Any) -> None:
    """Replace a table by one paragraph for each row: trafilatura keeps these where it would drop the table."""
    from lxml.html import builder

    written = builder.DIV(*(builder.P(_ROW + _ROW.join(row)) for row in _rows(table) if any(row)))
    written.tail = table.tail
    table.getparent().replace(table, written)


def _paragraphs(body: Any) -> list[Paragraph]:
    from lxml.etree import tostring

    paragraphs: list[Paragraph] = []
    for element in body.iter(*_BLOCKS):
        if any(above.tag in _BLOCKS for above in element.iterancestors()):
            continue
        cells = element.iter("cell") if element.tag == "row" else [element]
        texts = [tostring(cell, method="text", encoding="unicode", with_tail=False) for cell in cells]
        lines = [_ROW.join(texts)] if len(texts) > 1 else "".join(texts).splitlines()
        for line in lines:
            row = line.removeprefix(_ROW).split(_ROW)
            if sum(bool(cell.strip()) for cell in row) > 1:
                paragraphs += table_row(row)
            elif clean := clean_text(" ".join("".join(row).split())):  # a paragraph, or a title above the columns
                paragraphs.append(Paragraph(clean))
    return paragraphs


def _stated_source(tree: Any) -> str:
    """Return the source that a line beside the text states, "" for none."""
    lines = (" ".join(block.text.split()) for block in blocks_of(tree))
    found = next((found for line in lines if len(line) <= _LONGEST_LINE and (found := _SOURCE.search(line))), None)
    return clean_text(found[1]) if found else ""


def _own_title(title: str) -> str:
    """Return a page's title without what a site puts around it: [视频]…, …-新华网."""
    own = _OF_SITE.sub("", _SORT.sub("", title)).strip()
    return own or title


def _heading(markup: str) -> str:
    """Return the longest first-level heading: shorter ones are the name of the site or the path to the page."""
    from html import unescape

    headings = [clean_text(unescape(_TAG.sub("", inner)).replace("\n", " ")) for inner in _H1.findall(markup)]
    return max((h for h in headings if len(h) <= _LONGEST_TITLE and ">" not in h), key=len, default="")
