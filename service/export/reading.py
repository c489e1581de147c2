"""How a file was read, as one HTML page: each line in the colour of its role, doubtful lines, page breaks; no scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ingest.corrections import line_start
from ingest.document import Document, Doubt, Item, Skipped
from ingest.grammars.contents import HEADING
from ingest.passages import Block, blocks_of

# Roles and the hues (degrees) of their colours, spread so that those which stand beside each other differ most.
ROLES = {
    "刊头": 265, "目录": 190, "栏目": 320, "标题": 5, "小标题": 35, "正文": 215, "图注": 160, "表格行": 95, "供稿": 55,
    "发送": 290, "未收录": None,
}  # fmt: skip
_LONGEST_CREDIT = 80  # characters; a longer line that names a contributor is text
_PAGE = "<i>第 {} 页</i>"
_STYLE = """
:root { color-scheme: light dark; line-height: 1.7; }
body { font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; max-width: 56rem; margin: 0 auto; }
body { padding: 1rem; } h1 { font-size: 1.3rem; } p { margin: .15rem 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: .3rem; padding: 0; list-style: none; }
p span, li { padding: .05rem .3rem; border-radius: .2rem; background: hsl(var(--hue) 90% 50% / .2); }
.none { background: none; border: 1px dashed; } small { opacity: .8; }
.first { border-top: 2px solid hsl(5 80% 50%); margin-top: .8rem; padding-top: .2rem; }
strong { outline: 2px solid hsl(45 100% 45%); border-radius: .2rem; padding: 0 .3rem; margin-inline-start: .4rem; }
i { display: block; text-align: center; border-top: 1px dashed; margin: .6rem 0; opacity: .7; font-style: normal; }
"""


def reading_page(documents: Sequence[Document], skipped: Sequence[Skipped]) -> str:
    """Return the page of a file that holds these documents, and parts that were skipped."""
    name = documents[0].file if documents else "".join(part.file for part in skipped[:1])
    style = _STYLE + "".join(f".{_class(role)} {{ --hue: {hue}; }}\n" for role, hue in ROLES.items() if hue is not None)
    legend = "".join(f'<li class="{_class(role)}">{role}</li>' for role in ROLES)
    lost = "".join(f"<p>跳过 {escape(part.file)}：{escape(part.reason)}</p>" for part in skipped)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(name)} 的读法</title>'
    body = f"<ul>{legend}</ul>{lost}{''.join(map(_shown, documents))}"
    return f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}<style>{style}</style></head>\n<body>{body}</body></html>\n'


def _class(role: str) -> str:
    return "none" if ROLES[role] is None else f"role-{list(ROLES).index(role)}"


def _shown(document: Document) -> str:
    look = "，请核对框出来的地方" if document.doubts else ""
    about = f"{len(document.items)} 个条目；条目划分的把握 {document.certainty:.0%}{look}"
    title = f"<h1>{escape(document.title)}</h1>\n<p>{escape(document.file)}：{about}</p>\n"
    warnings = "".join(f"<p>提醒：{escape(warning)}</p>\n" for warning in document.warnings)
    doubts = {doubt.start: doubt for doubt in document.doubts}
    begins = {line_start(document.text, item.start) for item in document.items}
    lines = []
    for start, pieces in _roles(document):
        role = "、".join(dict.fromkeys(role for _, _, role in pieces))
        text = "".join(_piece(document, start, *piece) for piece in pieces)
        doubt = f"<strong>{said_of(doubts[start])}</strong>" if start in doubts else ""
        opens = ' class="first"' if start in begins else ""
        lines += [_PAGE.format(page) for page, at in enumerate(document.page_starts, 1) if at == start]
        lines.append(f"<p{opens}><small>{role}</small> {text}{doubt}</p>\n")
    return f"<section>{title}{warnings}{''.join(lines)}</section>\n"


def said_of(doubt: Doubt) -> str:
    """Return what people are told of a doubtful line."""
    return f"{'这里也许不是新的一条' if doubt.begins else '这里可能是另一条的开头'}（{doubt.chance:.0%}）"


def _piece(document: Document, line: int, start: int, end: int, role: str) -> str:
    """Return a piece of a line, with the breaks of pages that begin within the line."""
    breaks = [(page, at) for page, at in enumerate(document.page_starts, 1) if start <= at < end and at != line]
    shown, at = "", start
    for page, turn in breaks:
        shown += _coloured(document.text[at:turn], role) + _PAGE.format(page)
        at = turn
    return shown + _coloured(document.text[at:end], role)


def _coloured(text: str, role: str) -> str:
    return f'<span class="{_class(role)}">{escape(text)}</span>' if text else ""


def _roles(document: Document) -> Iterator[tuple[int, list[tuple[int, int, str]]]]:
    """Yield where each line begins, and its pieces: start, end and role."""
    text = document.text
    held = {line_start(text, block.start): (item, block) for item in document.items for block in blocks_of(text, item)}
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if start in held:
            pieces = _held(text, start, end, *held[start])
        else:
            pieces = [(start, end, _left_out(document, line, start < min(held)))]
        yield start, [piece for piece in pieces if piece[0] < piece[1]]
        start = end + 1


def _held(text: str, start: int, end: int, item: Item, block: Block) -> list[tuple[int, int, str]]:
    """Return the pieces of a line that a passage holds: the item's title, the rest, and a credit behind it."""
    role = "图注" if block.role == "caption" else "表格行" if block.row else "小标题" if block.subhead else "正文"
    credit = "供稿" if any(name in text[block.end : end] for name in item.contributors) else "未收录"
    at = text.find(item.title, block.start, block.end) if item.title and block.start == item.start else -1
    if at < 0:
        return [(start, block.start, "未收录"), (block.start, block.end, role), (block.end, end, credit)]
    titled = at + len(item.title)
    before = role if block.row else "标题"
    return [
        (start, at, before),
        (at, titled, "标题"),
        (titled, block.end, "正文" if role == "小标题" else role),
        (block.end, end, credit),
    ]


def _left_out(document: Document, line: str, above: bool) -> str:
    """Return the role of a line that no passage holds; `above`: whether it stands above all items."""
    contributors = {name for item in document.items for name in item.contributors}
    stated = (document.source, document.reporter, document.issuer, document.series, *document.masthead)
    if above and (HEADING.match(line) or any(entry and entry in line for entry in document.contents)):
        return "目录"
    if line in document.distribution:
        return "发送"
    if line in {document.title, *(item.title for item in document.items)}:
        return "标题"
    if any(item.section and item.section in line and len(line) <= 2 * len(item.section) for item in document.items):
        return "栏目"
    if not above and len(line) <= _LONGEST_CREDIT and any(name in line for name in contributors):
        return "供稿"
    return "刊头" if above and any(name and name in line for name in stated) else "未收录"
