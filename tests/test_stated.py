"""What states access groups in lines, mails and files, and what keeps it apart."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from docx import Document as WordDocument
from python_calamine import SheetTypeEnum, SheetVisibleEnum

from ingest.access.words import UNJUDGED, stated_in_lines
from ingest.containers import read_file
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.formats.marks import marks_of, stated_in_file, stated_in_page, stated_in_paragraphs
from ingest.formats.records import begins_records, read_records
from ingest.formats.sheets import sheets_of
from ingest.formats.tables import table_row
from service.inbox.accepted import _folder_name


@pytest.mark.parametrize(
    ("line", "groups"),
    [
        ("知悉范围：公开  密级：秘密", {"秘密"}),
        ("密级：普通　知悉范围：农业处", {"农业处"}),
        ("公开范围：公开；知悉范围：内部", {"内部"}),
        ("知悉范围：公开（密级：秘密）", {"秘密"}),
        ("知悉范围：内部（密级：秘密）", {"内部", "秘密"}),
        ("知悉范围：公开、密级：秘密", {"秘密"}),
        ("知悉范围：公开 知悉范围（必填）：内部", {"内部"}),
        ("知悉范围：公开 缓急：特急 密级：秘密 主送：厅领导", {"秘密"}),
        ("知悉范围 内部 密级：秘密", {"内部", "秘密"}),
        ("知悉范围：公开  缓急：特急", set()),
    ],
)
def test_every_label_of_a_line_counts(line: str, groups: set[str]) -> None:
    assert stated_in_lines([line]) == groups
    assert stated_in_paragraphs(table_row(["电站", line])) == groups  # and of a cell


OFFICES = {f"第{number}农业处" for number in range(9)}  # longer together than the name of one


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        ("知悉范围：\n内部", {"内部"}),
        ("知悉范围：\n仅限厅领导、办公室负责人阅读。", {"仅限厅领导", "办公室负责人阅读"}),
        ("知悉范围：\n" + "、".join(sorted(OFFICES)), OFFICES),
        ("知悉范围：\n" + "承办单位阅知后保管并登记" * 20, UNJUDGED),
        ("知悉范围：内部、\n农业处", {"内部", "农业处"}),
        ("知悉范围：\n内部、\n农业处\n云溪县情况", {"内部", "农业处"}),
        ("知悉范围：公开、\n内部", {"内部"}),
        ("知悉范围：\n缓 急：特急", set()),
        ("知悉范围：\n主送（必填）：厅领导", set()),
        ("知悉范围：\n- 内部\n- 农业处\n云溪县情况", {"内部", "农业处"}),
        ("知悉范围：\n公开\n云溪县情况", set()),
    ],
)  # fmt: skip
def test_a_value_below_its_label_counts_whatever_it_looks_like(lines: str, groups: set[str]) -> None:
    assert stated_in_lines(lines.splitlines()) == groups
    shown = "".join(f"<div>{line}</div>" for line in lines.splitlines())
    assert stated_in_page(f"<html><body>{shown}</body></html>") == groups


PAGE = '<html><head><meta name="知悉范围" content="内部"></head><body><p>云溪县情况</p></body></html>'


def test_the_markup_of_a_mail_is_looked_through(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "云溪县情况", "a@b.cn"
    mail.set_content("云溪县情况\n")
    mail.add_alternative(PAGE, subtype="html")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    assert [one.group for one in read_file(tmp_path / "a.eml", "a.eml") if isinstance(one, Document)] == ["内部"]


def test_an_attached_text_states_nothing_of_the_mail(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "云溪县情况", "a@b.cn"
    mail.set_content("云溪县共享食堂开张，老人每餐只付六元。\n")
    mail.add_attachment("云溪县情况\n知悉范围：内部\n水电站撤并。\n", filename="内.txt")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    assert [one.group for one in read_file(tmp_path / "a.eml", "a.eml") if isinstance(one, Document)] == ["", "内部"]


def test_a_word_file_with_macros_is_looked_through(tmp_path: Path) -> None:
    word = WordDocument()
    word.add_paragraph("云溪县情况")
    word.sections[0].header.paragraphs[0].text = "密级：内部"
    word.save(str(tmp_path / "a.docm"))
    assert stated_in_file(tmp_path / "a.docm", ".docm") == {"内部"}


@pytest.mark.parametrize("kind", [".flatopc", ".wordml", ".spreadsheetml"])
def test_the_properties_of_office_xml_are_looked_through(tmp_path: Path, kind: str) -> None:
    own = "<o:Keywords>知悉范围：内部</o:Keywords>"
    (tmp_path / "a").write_text(f'<w xmlns:o="urn:schemas-microsoft-com:office:office"><o:P>{own}</o:P></w>', encoding="utf-8")
    assert stated_in_file(tmp_path / "a", kind) == {"内部"}
    (tmp_path / "a").write_text("<w><o:", encoding="utf-8")
    assert stated_in_file(tmp_path / "a", kind) == UNJUDGED


class PanicException(BaseException):
    """As calamine raises it: pyo3's has no other base."""


class Book:
    """A binary workbook with an empty row above: nothing in Python writes one."""

    sheets_metadata = (SimpleNamespace(name="一", typ=SheetTypeEnum.WorkSheet, visible=SheetVisibleEnum.Visible),)
    merged_cell_ranges = None

    def to_python(self, skip_empty_area: bool = True) -> list[list[str]]:
        rows = [["", "", ""], ["标题", "正文", "知悉范围"], ["电站", "云溪县拟撤并水电站。", "内部"]]
        return rows[1:] if skip_empty_area else rows

    def get_sheet_by_name(self, _name: str) -> Book:
        return self

    get_sheet_by_index = get_sheet_by_name


def test_rows_of_a_binary_workbook_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_path=lambda _path: Book()))
    (tmp_path / "a.xlsb").write_bytes(b"-")
    assert [one.extracted.groups for one in read_records(tmp_path / "a.xlsb", ".xlsb")] == [{"内部"}]


def test_a_panic_is_a_damaged_file_and_an_interrupt_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[type[BaseException]] = [PanicException]

    def fail(_path: Path) -> None:
        raise raised[0]

    monkeypatch.setattr("python_calamine.CalamineWorkbook", SimpleNamespace(from_path=fail))
    (tmp_path / "a.xlsb").write_bytes(b"-")
    assert marks_of(tmp_path / "a.xlsb", ".xlsb", begins_records).all == UNJUDGED
    with pytest.raises(Unreadable):
        list(sheets_of(tmp_path / "a.xlsb", ".xlsb"))
    raised[0] = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        marks_of(tmp_path / "a.xlsb", ".xlsb", begins_records)
    with pytest.raises(KeyboardInterrupt):
        list(sheets_of(tmp_path / "a.xlsb", ".xlsb"))


def test_callers_do_not_share_a_folder() -> None:
    names = ["a b", "a_b", "a.b", "门户", "门" * 31, "门" * 32, "", "key", "._"]
    assert len({_folder_name(name) for name in names}) == len(names)
    assert _folder_name("门户") == "门户" and _folder_name("a_b") == "a_b"
