"""Build a Citation: the footnote line people paste, and the address that opens the original at the spot."""

from __future__ import annotations

from ingest.document import Citation, Document, Item


def cite(document: Document, item: Item, start: int, end: int) -> Citation:
    """Return the citation of a span of an item."""
    pages = document.pages(start, end)
    contributor = "、".join(item.contributors)
    confidence = document.confidence(start, end)
    return Citation(
        document.id, document.file, document.kind, document.title, document.series, document.year, document.issue,
        document.total_issue, document.date, item.section, item.title, contributor,
        tuple(region.name for region in item.regions), pages, (start, end),
        document.source, document.reporter, _line(document, item, pages, confidence),
        _url(document, pages, start, end), (), confidence,
    )  # fmt: skip


def _line(document: Document, item: Item, pages: tuple[int, ...], confidence: float | None) -> str:
    """Return the footnote line.

    《浙里共富》2023年第33期（总第100期）【市县交流】余姚市打造…（余姚市供稿），2023年12月29日，第5页
    """
    if document.kind == "bulletin":
        year = f"{document.year}年" if document.year else ""
        total = f"（总第{document.total_issue}期）" if document.total_issue else ""
        section = f"【{item.section}】" if item.section else ""
        credit = f"（{'、'.join(item.contributors)}供稿）" if item.contributors else ""
        issue = f"{year}第{document.issue}期" if document.issue else ""
        head = f"《{document.series or document.title.strip('《》')}》{issue}{total}{section}{item.title}{credit}"
    else:
        reporter = f"记者{document.reporter}" if document.reporter else ""
        whole = f"《{document.title.strip('《》')}》" + (f"（{document.number}）" if document.number else "")
        part = f"“{item.title}”" if item.title != document.title else ""
        office = document.issuer if document.issuer and not document.title.startswith(document.issuer) else ""
        head = "，".join(text for text in (document.source, reporter, f"{office}{whole}{part}") if text)
    recognition = "" if confidence is None else f"识别文本（可信度{confidence:.0%}）"
    return "，".join(part for part in (head, _date(document.date), page_range(pages), recognition) if part)


def _date(iso: str) -> str:
    if not iso:
        return ""
    year, month, day = iso.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def page_range(pages: tuple[int, ...]) -> str:
    """Format pages for a citation: 第5页, 第5至6页, or ""."""
    return f"第{'至'.join(map(str, pages))}页" if pages else ""


def _url(document: Document, pages: tuple[int, ...], start: int, end: int) -> str:
    if pages:
        return f"/api/documents/{document.id}/original#page={pages[0]}"
    return f"/documents/{document.id}#{start}-{end}"
