"""One case with all its facts, and several cases as an export file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from cases.comparison import LEAST, MOST, compare
from cases.summary import clauses_of, result_of, told_of
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.documents import item_of
from index.store.passages import other_places
from ingest.citation import cite
from ingest.document import Document, Item
from service.actions.forms import item_facts
from service.actions.parameters import plain
from service.errors import Refused, no_item
from service.export.files import FORMATS, LONGEST_TITLE, exported
from service.export.pictures import checked_pictures

MOST_ITEMS = 50  # in one export
_OF_DOCUMENT = (
    "kind", "title", "series", "year", "issue", "total_issue", "issuer", "date", "number", "source", "reporter", "url",
)  # fmt: skip


def checked_ids(items: Iterable[str], least: int, most: int, purpose: str = "") -> list[str]:
    """Return the chosen ids without duplicates; raise Refused if they are too few or too many."""
    ids = list(dict.fromkeys(filter(None, items)))
    if not least <= len(ids) <= most:
        raise Refused("bad_items", f"{purpose}要写 {least} 到 {most} 个案例的编号")
    return ids


def export_of(
    catalog: Catalog,
    items: Iterable[str],
    form: str,
    title: str,
    index: SearchIndex | None = None,
    pictures: Sequence[tuple[str, str]] = (),
) -> tuple[bytes, str, str]:
    """Return an export file: its bytes, media type and name; raise Refused.

    With an index, a Word file of LEAST to MOST cases aligns what they have in common. It takes pictures:
    PNG in base64 and caption.
    """
    if form not in FORMATS:
        raise Refused("bad_format", f"format 只能是 {'、'.join(FORMATS)}")
    if len(title) > LONGEST_TITLE:
        raise Refused("title_too_long", f"标题太长（{len(title)} 字，上限 {LONGEST_TITLE} 字）")
    if pictures and form != "docx":
        raise Refused("no_pictures", "图只能放进 Word（format=docx）")
    checked = checked_pictures(pictures)
    ids = checked_ids(items, 1, MOST_ITEMS)
    forms = [item_form(catalog, item_id) for item_id in ids]
    comparison = compare(index, ids) if index and form == "docx" and LEAST <= len(ids) <= MOST else None
    return exported(forms, form, plain(title).strip() or "案例汇编", comparison, checked)


def _measures(document: Document, item: Item) -> list[dict[str, Any]]:
    """Return the measures of an item, each with the first sentence that tells it, where that stands, and its citation line."""
    made = []
    for measure, told in zip(item_facts(document, item)["measures"], told_of(document, item), strict=True):
        sentence, line = (document.text[slice(*told)], cite(document, item, *told).line) if told else ("", "")
        made.append({**measure, "sentence": sentence, "told": told, "line": line})
    return made


def item_form(catalog: Catalog, item_id: str) -> dict[str, Any]:
    """Return an item with its facts, passages, citation and the sentences that sum it up; raise Refused if there is none."""
    if not (found := item_of(catalog, item_id)):
        raise no_item(item_id)
    document, item = found
    with catalog.connect() as db:
        also = other_places(db, {item_id: document.file})[item_id]
    return {
        "id": item_id,
        **item_facts(document, item),
        "passages": [
            {
                "id": f"{item_id}-{p.start}-{p.end}",
                "role": p.role,
                "text": document.text[p.start : p.end],
                "span": (p.start, p.end),
            }
            for p in item.passages
        ],
        "measures": _measures(document, item),
        "quotes": [asdict(line) for line in result_of(document, item)],
        "clauses": clauses_of(document, item),
        "citation": asdict(replace(cite(document, item, item.start, item.end), also=also)),
        "document": {"id": document.id, "file": document.file, **{name: getattr(document, name) for name in _OF_DOCUMENT}},
    }
