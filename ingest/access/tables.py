"""The access groups that a table states: every cell under a heading such as 知悉范围, in any row, or beside it in a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from ingest.access.words import NOBODY, groups_of, is_heading, stated_in_lines

# Headings and labels that are no group: in a form they stand below or beside 知悉范围.
_LABELS = """
    标题 题目 名称 主题 事由 正文 内容 全文 摘要 日期 时间 发布日期 发布时间 来源 媒体 单位 主办单位 承办单位 拟稿单位
    报送单位 供稿单位 部门 科室 处室 作者 记者 拟稿人 审核 审核人 核稿 签发 签发人 经办人 联系人 电话 联系电话 网址 链接
    编号 序号 文号 发文字号 缓急 紧急程度 份号 份数 主送 抄送 附件 备注 说明 类别 类型 栏目 地区
    title text content body date time source author reporter url link id _id
"""
LABELS = frozenset(_LABELS.split())
_BEYOND = 8  # columns after the last heading of a row


@dataclass(slots=True)
class Stated:
    """The groups that a table states: by rows, elsewhere in it, and the rows that leave it open below one that states some."""

    rows: dict[int, frozenset[str]] = field(default_factory=dict)
    whole: frozenset[str] = NOBODY
    carried: list[int] = field(default_factory=list)
    headed: bool = False  # whether there is a heading at all

    @property
    def all(self) -> frozenset[str]:
        """The groups that any part of the table states."""
        return self.whole.union(*self.rows.values())


@dataclass(slots=True)
class _Column:
    """A column below a heading, and what stands beside the heading, which in a form are its values."""

    heading: str
    beside: list[str]
    of_records: bool
    last: frozenset[str] = NOBODY  # stated by the nearest cell above that says something
    below: frozenset[str] = NOBODY
    filled: bool = False
    labelled: bool = False  # whether other labels stand below, as in a form

    def take(self, cell: str) -> frozenset[str]:
        """Return what a cell below the heading states; an empty one says what the one above it says."""
        if not cell.strip():
            return self.last
        self.filled = True
        if self.beside and not self.of_records and cell.strip().lower() in LABELS:
            self.labelled = True
            return NOBODY
        self.last = groups_of(cell, self.heading)
        self.below |= self.last
        return self.last

    def elsewhere(self) -> frozenset[str]:
        """Return what the cells beside the heading state, unless they are headings of other columns."""
        is_column = self.filled if self.of_records else bool(self.below) and not self.labelled
        return NOBODY if is_column else NOBODY.union(*(groups_of(cell, self.heading) for cell in self.beside))


def stated_in_table(
    rows: Iterable[tuple[int, Sequence[str]]], begins: Callable[[tuple[str, ...]], bool] = lambda _cells: False
) -> Stated:
    """Return what the rows of a table, numbered, state; `begins` tells whether a row is the heading row of records.

    A cell left empty says what the one above it says: one that was merged over rows is saved as CSV just so.
    """
    stated, open_, ended = Stated(), dict[int, _Column](), list[_Column]()
    titled: set[int] = set()  # columns of records in which titles and texts stand
    for number, cells in rows:
        filled = [at for at, cell in enumerate(cells) if cell and not cell.isspace()]
        headings = {at for at in filled if is_heading(cells[at], exactly=at in titled)}
        others = (cells[at] for at in filled if at not in headings and at not in open_)
        noted = NOBODY.union(*(stated_in_lines(cell.splitlines()) for cell in others))
        own = NOBODY
        for at, column in open_.items() if filled else ():
            if at not in headings:
                cell = cells[at] if at < len(cells) else ""
                own |= (said := column.take(cell))
                stated.carried += [number] if said and not cell.strip() else []
        if noted and titled and len(filled) > 1:
            own |= noted
        else:
            stated.whole |= noted
        if own:
            stated.rows[number] = own
        stated.headed |= bool(headings)
        of_records = bool(headings or filled and not titled) and begins(tuple(cells))  # above the records, or a further table
        if headings or of_records:
            titled |= {at for at in filled if of_records and cells[at].strip().lower() in LABELS}
            for at in headings:
                for covered in _covered(cells, at):
                    ended += [open_[covered]] if covered in open_ else []
                    open_[covered] = _Column(cells[at], _beside(cells, at) if covered == at else [], of_records)
    stated.whole = stated.whole.union(*(column.elsewhere() for column in (*ended, *open_.values())))
    return stated


def _covered(cells: Sequence[str], at: int) -> Iterable[int]:
    """Return the columns of a heading: its own, and those beside it without one, over which it may be merged.

    A row may end with its last heading, and the rows below it go on.
    """
    beside = range(at + 1, len(cells) + _BEYOND)
    return (at, *takewhile(lambda other: other >= len(cells) or not cells[other].strip(), beside))


def _beside(cells: Sequence[str], at: int) -> list[str]:
    """Return the cells to the right of a heading, up to another label."""
    right = (cell for cell in cells[at + 1 :] if cell.strip())
    return list(takewhile(lambda cell: cell.strip().lower() not in LABELS and not is_heading(cell), right))
