"""Damaged files: readers raise errors of their own only, whatever is cut, swapped or put into a file or its parts.

`scripts/fuzz NUMBER` tries that many damages of each format instead of a few.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from docx import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas
from test_kinds import EXCEL_2003, NOTICE, PAGE, WORD_2003, flat, mail, old_workbook, saved_mail, word
from test_office_formats import ofd_page, write_ofd

from ingest.budget import Budget
from ingest.containers import MAILS, RECORDS, unpack
from ingest.errors import IngestError
from ingest.formats.kinds import kind_of
from ingest.formats.records import read_records
from ingest.read import READERS

TRIES = int(os.environ.get("JIANBAO_FUZZ", "12"))
INSERTED = (b"", b"\0", b"\xff" * 4, b"<", b"&#xD800;", b"-1", b"99999999999", b"nan", b"/Kids [1 0 R]", b'"', b"]]>")
Edit = tuple[float, int, bytes]  # share of the data at which to begin, bytes that go, bytes that come


def workbook() -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["县", "完成率"])
    made.active.append(["云溪县", 0.85])
    made.active.merge_cells("A2:A3")
    made.save(out)
    return out.getvalue()


def table() -> bytes:
    made, out = WordDocument(), io.BytesIO()
    made.add_heading("情况", 1)
    made.add_table(2, 2).cell(0, 0).merge(made.tables[0].cell(1, 0)).text = "合并"
    made.add_paragraph("一条", style="List Number")
    made.save(out)
    return out.getvalue()


def slides() -> bytes:
    made, out = Presentation(), io.BytesIO()
    made.slides.add_slide(made.slide_layouts[0]).shapes.title.text = "驿站"
    made.save(out)
    return out.getvalue()


def printed() -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pageCompression=0)
    for row in range(12):
        page.drawString(60, 760 - 20 * row, f"line {row} of a page with enough words to be read as one")
    page.rect(50, 500, 200, 40)
    page.bookmarkPage("a")
    page.addOutlineEntry("line 3", "a")
    page.acroForm.textfield(name="a", value="320", x=60, y=300)
    page.save()
    return out.getvalue()


def layout(folder: Path) -> bytes:
    piece = '<ofd:ImageObject ID="9" Boundary="0 0 210 90" ResourceID="4"/>'
    return write_ofd(folder / "made.ofd", ofd_page([(30, 40, NOTICE)], piece), parts={"Doc_0/Res.xml": "<Res/>"}).read_bytes()


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("一.txt", NOTICE)
    return out.getvalue()


SAMPLES: dict[str, Callable[[Path], bytes]] = {
    ".docx": lambda _: table(), ".xlsx": lambda _: workbook(), ".pptx": lambda _: slides(), ".pdf": lambda _: printed(),
    ".ofd": layout, ".zip": lambda _: packed(), ".html": lambda _: PAGE.encode(), ".xls": lambda _: old_workbook(),
    ".eml": lambda _: mail(NOTICE, PAGE, "一.txt"), ".msg": lambda _: saved_mail(), ".txt": lambda _: NOTICE.encode("gbk"),
    ".flatopc": lambda _: flat(word(NOTICE)), ".wordml": lambda _: WORD_2003.encode(),
    ".spreadsheetml": lambda _: EXCEL_2003.encode(),
    ".csv": lambda _: "标题,正文\n甲,一段话\n".encode(), ".jsonl": lambda _: b'{"title": "a", "text": "b"}\n',
}  # fmt: skip


def damaged(data: bytes, edits: list[Edit], within: bool) -> bytes:
    """Return data with parts replaced; `within`, those of one member of a package that stays a good one."""
    if within and zipfile.is_zipfile(io.BytesIO(data)):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as made:
            chosen = int(edits[0][0] * (len(package.namelist()) - 1))
            for number, name in enumerate(package.namelist()):
                inner = package.read(name)
                made.writestr(name, damaged(inner, edits, False) if number == chosen else inner)
        return out.getvalue()
    for share, gone, come in edits:
        at = int(share * len(data))
        data = data[:at] + come + data[at + gone :]
    return data


def read(path: Path, folder: Path) -> None:
    kind = kind_of(path)
    if kind in RECORDS:
        list(read_records(path, kind))
    elif kind in MAILS:
        MAILS[kind][0](path)
        list(MAILS[kind][1](path, folder))
    elif kind == ".zip":
        list(unpack(path, folder, Budget()))
    elif kind in READERS:
        READERS[kind](path, lambda: None)


places = st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(INSERTED) | st.binary(max_size=8))


@pytest.mark.parametrize("ending", SAMPLES)
def test_readers_raise_errors_of_their_own_only(tmp_path: Path, ending: str) -> None:
    sample = SAMPLES[ending](tmp_path)

    @settings(
        max_examples=TRIES, deadline=None, derandomize=TRIES < 100, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(places, min_size=1, max_size=4), st.booleans())
    def tried(edits: list[Edit], within: bool) -> None:
        path = tmp_path / f"a{ending if ending in READERS or ending in RECORDS or ending in MAILS else '.xml'}"
        path.write_bytes(damaged(sample, edits, within))
        try:
            read(path, tmp_path)
        except IngestError:
            return

    tried()
