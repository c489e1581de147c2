"""What a file says of whom it is for, wherever it says so: properties, hidden rows and sheets, comments, headers of pages.

Readers leave out what people do not see. What restricts a file may stand just there, so it is collected from the raw file.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ingest.access.tables import Stated, stated_in_table
from ingest.access.words import NOBODY, UNJUDGED, groups_of, is_heading, stated_in_fields, stated_in_lines
from ingest.extracted import CELL, Paragraph
from ingest.formats.mail import mail_bodies, stated_in_headers
from ingest.formats.outlook import msg_bodies
from ingest.formats.plaintext import decode, json_lines
from ingest.formats.properties import PROPERTIES, stated_in_ole, stated_in_pdf
from ingest.formats.sheets import Row, csv_rows, delimiter_of, formulas_without_value, is_damage, plain, xlsx_tables
from ingest.formats.tables import Cell, table_rows
from ingest.formats.webpage import markup_of

Begins = Callable[[tuple[str, ...]], bool]  # tells whether a row is the heading row of records
_BLOCKS = "p div br li td th tr dt dd section title label h1 h2 h3 h4 h5 h6"
_NAMES = ("name", "property", "itemprop", "http-equiv")  # attributes that name what an element of a page says
_CELLS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml")
_CODES = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d+|[A-Za-z&])')  # of a sheet's header and footer
_MARGINS = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
_IS_OFD = re.compile(r"(?:.*/)?OFD\.xml", re.IGNORECASE).fullmatch  # the part with a file's properties
_SPACES = {"tab": " ", "br": "\n", "p": "\n"}  # elements of text that are printed so


@dataclass(slots=True)
class Marks:
    """The groups that a file of records states: in its tables (by title), for all of it, and in what cannot be read."""

    tables: dict[str, Stated] = field(default_factory=dict)
    whole: frozenset[str] = NOBODY
    unread: frozenset[str] = NOBODY

    @property
    def all(self) -> frozenset[str]:
        """The groups that any part of the file states."""
        return self.whole.union(self.unread, *(table.all for table in self.tables.values()))

    def of(self, title: str, row: int) -> frozenset[str]:
        """Return the groups of a record: of its row, or of the whole table for row 0; and those of all of the file."""
        table = self.tables.get(title, Stated())
        return self.whole | (table.rows.get(row, NOBODY) if row else table.all)


def marks_of(path: Path, kind: str, begins: Begins) -> Marks:
    """Return what a file of records states; where it cannot be told, all of it is closed."""
    if kind in (".jsonl", ".ndjson"):
        return _of_json_lines(path)
    try:
        if kind == ".csv":
            return _of_csv(path, begins)
        tables = _of_workbook(path, kind, begins)
        whole = stated_in_package(path) if zipfile.is_zipfile(path) else stated_in_ole(path)
    except BaseException as error:  # calamine and lxml raise anything on damaged files, and calamine also panics
        if not is_damage(error):
            raise
        return Marks(whole=UNJUDGED)
    return Marks(tables, whole.union(*(table.whole for table in tables.values())))


def stated_in_file(path: Path, kind: str) -> frozenset[str]:
    """Return what a file that is one document states beside its running text; closed where that cannot be told."""
    try:
        return _STATED[kind](path) if kind in _STATED else NOBODY
    except Exception:  # lxml, zipfile, zlib, pypdf and olefile each raise their own errors for a damaged file
        return UNJUDGED


def _in_bodies(bodies: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """Return what the texts of a mail state, each of which may be a page."""
    return NOBODY.union(*(stated_in_page(text) if is_page else stated_in_text(text) for text, is_page in bodies))


def stated_in_paragraphs(paragraphs: Iterable[Paragraph]) -> frozenset[str]:
    """Return what the text of a document states, in lines and in rows of tables."""
    lines, rows = list[str](), list[Row]()
    for number, paragraph in enumerate(paragraphs):
        if paragraph.form == "row":
            rows.append((number, paragraph.text.split(CELL)))
        else:
            lines.append(paragraph.text)
    return stated_in_lines(lines) | stated_in_table(rows).all


def stated_in_text(text: str) -> frozenset[str]:
    """Return what a plain text states: in its lines, headings followed by a value, tables drawn with bars or tabs."""
    lines = text.splitlines()
    drawn = [re.split(r"[|\t]", line.strip().strip("|")) for line in lines if re.search(r"[|\t]", line)]
    rows = [cells for cells in drawn if any(re.search(r"[^\s:-]", cell) for cell in cells)]
    labelled = (f"{line}：" if line.lstrip().startswith("#") and is_heading(line) else line for line in lines)
    return stated_in_lines(labelled) | stated_in_table(enumerate(rows)).all


def stated_in_page(markup: str) -> frozenset[str]:
    """Return what a page states: in <meta> and other attributes, its text, tables and comments, shown or not."""
    from lxml import etree, html

    if not markup.strip():
        return NOBODY
    root = html.document_fromstring(markup.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    found = NOBODY
    for element in root.iter():
        if element.tag is etree.Comment:
            found |= stated_in_lines((element.text or "").splitlines())
            found |= stated_in_page(element.text) if "<meta" in (element.text or "").lower() else NOBODY
        if not isinstance(element.tag, str):
            continue
        found |= _in_attributes(element)
    etree.strip_elements(root, "script", "style", with_tail=False)
    for table in root.iter("table"):
        found |= stated_in_table(table_rows(_page_rows(table))).all
    for element in root.iter(*_BLOCKS.split()):
        label = "：" if element.tag in ("dt", "label") and is_heading(element.text_content()) else ""
        element.text, element.tail = f"\n{element.text or ''}", f"{label}\n{element.tail or ''}"
    return found | stated_in_lines(root.text_content().splitlines())


def _in_attributes(element: Any) -> frozenset[str]:
    named = next((name for key in _NAMES if (name := element.get(key)) and is_heading(re.split("[:.]", name)[-1])), "")
    own = {name: value for name, value in element.attrib.items() if is_heading(name) and value}
    found = NOBODY.union(*(groups_of(value, name) for name, value in own.items()))
    if named:
        value = element.get("content", element.get("value"))
        shown = element.text_content() if value is None and element.tag != "meta" else value
        found |= UNJUDGED if shown is None else groups_of(shown, named)
    return found


def _page_rows(table: Any) -> Iterator[list[Cell]]:
    for row in table.iter("tr"):
        cells = (cell for cell in row if cell.tag in ("td", "th"))
        yield [Cell(cell.text_content().strip(), _span(cell, "rowspan"), _span(cell, "colspan")) for cell in cells]


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*(\d{1,4})", cell.get(name) or "")
    return max(1, int(digits[1])) if digits else 1


def stated_in_package(path: Path) -> frozenset[str]:
    """Return what an Office file states in any of its parts: properties, headers, notes, hidden text, controls, tables."""
    found = NOBODY
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.endswith(".xml") and not _CELLS.fullmatch(name):
                found |= _in_part(_xml(package.read(name)))
            elif name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with package.open(name) as part:
                    found |= _in_margins(part)
    return found


def _xml(data: bytes) -> Any:
    """Return the root of an XML text; raise lxml's error for a damaged one."""
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _in_part(root: Any) -> frozenset[str]:
    found, lines = NOBODY, list[str]()
    for element in root.iter():
        kind = _kind(element)
        values = {name.rpartition("}")[2].lower(): value for name, value in element.attrib.items()}
        if kind in ("p", "comment"):
            lines += _text(element).splitlines()
        elif kind == "tbl":
            found |= stated_in_table(enumerate(_word_rows(element))).all
        elif kind == "sdt":
            names = (one.get(key) for one in element.iter() if _kind(one) in ("alias", "tag") for key in one.attrib)
            found |= groups_of(_text(element)) if any(name and is_heading(name) for name in names) else NOBODY
        elif is_heading(values.get("name", "")) and kind not in ("style", "font"):
            said = values.get("val", values.get("value", "".join(element.itertext())))
            found |= groups_of(said, values["name"])
        elif kind and is_heading(kind) or kind.lower() in PROPERTIES:
            text = "".join(element.itertext())
            found |= groups_of(text, kind) if is_heading(kind) else stated_in_lines(text.splitlines())
    return found | stated_in_lines(lines)


def _word_rows(table: Any) -> Iterator[list[str]]:
    """Yield the texts of a table's rows, a cell over several columns followed by empty ones."""
    for row in (one for one in table.iter() if _kind(one) == "tr"):
        cells: list[str] = []
        for cell in (one for one in row.iter() if _kind(one) == "tc"):
            spans = [value for one in cell.iter() if _kind(one) == "gridSpan" for value in one.attrib.values()]
            width = int(spans[0]) if spans and spans[0].isdecimal() else 1
            cells += [_text(cell), *[""] * (min(width, 64) - 1)]
        yield cells


def _text(element: Any) -> str:
    """Return the text below an element, hidden text too; a line for each paragraph."""
    said = ((one.text or "") if _kind(one) == "t" else _SPACES.get(_kind(one), "") for one in element.iter())
    return "".join(said).strip()


def _kind(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _in_margins(part: IO[bytes]) -> frozenset[str]:
    from lxml.etree import iterparse

    found = NOBODY
    for _, element in iterparse(part, resolve_entities=False, huge_tree=True):
        if _kind(element) in _MARGINS:
            found |= stated_in_lines(_CODES.sub("\n", element.text or "").splitlines())
        element.clear()
    return found


def _of_json_lines(path: Path) -> Marks:
    stated, unread = Stated(), NOBODY
    for number, fields in json_lines(path):
        if fields is None:
            unread = UNJUDGED  # it may have stated anything
        elif found := stated_in_fields(fields):
            stated.rows[number] = found
    return Marks({"": stated}, unread=unread)


def _of_csv(path: Path, begins: Begins) -> Marks:
    """Read with the file's own delimiter; what only another one shows to be a heading counts for all of the file."""
    text = decode(path.read_bytes())
    own, *others = (stated_in_table(csv_rows(text, mark), begins) for mark in _delimiters(text))
    return Marks({path.stem: own}, own.whole if own.all else NOBODY.union(*(other.all for other in others)))


def _delimiters(text: str) -> Sequence[str]:
    """Return the delimiters that may part the cells of a CSV file, its own first."""
    first = delimiter_of(text)
    return (first, *(mark for mark in ",;\t" if mark != first and mark in text))


def _of_workbook(path: Path, kind: str, begins: Begins) -> dict[str, Stated]:
    """Return what each sheet states, also in what is hidden; a formula without a value cannot be judged."""
    rows_of = xlsx_tables if kind in (".xlsx", ".xlsm") else _other_tables
    tables = {title: stated_in_table(rows, begins) for title, rows in rows_of(path)}
    if rows_of is xlsx_tables and any(table.headed for table in tables.values()):
        missing = defaultdict[str, dict[int, list[int]]](lambda: defaultdict(list))
        for title, row, column in formulas_without_value(path):
            missing[title][row].append(column)
        if missing:
            return {title: stated_in_table(_unvalued(rows, missing[title]), begins) for title, rows in rows_of(path)}
    return tables


def _unvalued(rows: Iterable[Row], missing: Mapping[int, Sequence[int]]) -> Iterator[Row]:
    """Yield rows with "#" where a formula has no value."""
    for number, cells in rows:
        for column in missing.get(number, ()):
            cells += [""] * (column - len(cells))
            cells[column - 1] = cells[column - 1] or "#"
        yield number, cells


def _other_tables(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    book: Any = CalamineWorkbook.from_path(path)
    for number, meta in enumerate(book.sheets_metadata):
        if meta.typ == SheetTypeEnum.WorkSheet:  # not a chart or a macro
            values = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
            yield meta.name, ((row, [plain(value) for value in cells]) for row, cells in enumerate(values, 1))


def _in_ofd(path: Path) -> frozenset[str]:
    with zipfile.ZipFile(path) as package:
        return NOBODY.union(*(_in_part(_xml(package.read(name))) for name in package.namelist() if _IS_OFD(name)))


def _in_pdf(path: Path) -> frozenset[str]:
    stated, metadata = stated_in_pdf(path)
    return stated | (_in_part(_xml(metadata)) if metadata else NOBODY)


def _in_text(path: Path) -> frozenset[str]:
    return stated_in_text(decode(path.read_bytes()))


def _in_page(path: Path) -> frozenset[str]:
    return stated_in_page(markup_of(path.read_bytes()))


def _in_xml(path: Path) -> frozenset[str]:
    return _in_part(_xml(path.read_bytes()))


_STATED: Mapping[str, Callable[[Path], frozenset[str]]] = {
    **dict.fromkeys((".docx", ".docm", ".pptx"), stated_in_package),
    **dict.fromkeys((".html", ".htm", ".shtml", ".mhtml", ".mht"), _in_page),
    **dict.fromkeys((".txt", ".md"), _in_text),
    **dict.fromkeys((".flatopc", ".wordml", ".spreadsheetml"), _in_xml),
    **dict.fromkeys((".doc", ".wps"), stated_in_ole),
    ".eml": lambda path: stated_in_headers(path) | _in_bodies(mail_bodies(path)),
    ".msg": lambda path: stated_in_ole(path) | _in_bodies(msg_bodies(path)),
    ".pdf": _in_pdf,
    ".ofd": _in_ofd,
}
