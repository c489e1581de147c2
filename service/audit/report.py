"""Usage reports from the audit: most asked, not found, slow, opened, judged; and feedback as relevance judgments (BEIR)."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.store.catalog import Catalog
from index.store.documents import document_of, list_documents
from service.audit.acts import BY
from service.audit.log import EXPIRED

MOST = 20  # entries of each list in a report
_ASKING = ("search", "ask", "cases", "timeline", "feed")
_OPENING = ("document", "original", "item")


@dataclass(slots=True)
class UsageReport:
    """What was asked and shown in a period."""

    since: str
    requests: int = 0
    callers: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    not_found: Counter[str] = field(default_factory=Counter)
    opened: Counter[str] = field(default_factory=Counter)  # documents
    shown: Counter[str] = field(default_factory=Counter)
    helpful: int = 0
    not_helpful: list[dict[str, str]] = field(default_factory=list)
    slow: list[tuple[float, str, str]] = field(default_factory=list)  # ms, action, query
    p50_ms: float = 0.0
    p95_ms: float = 0.0

    def as_json(self, titles: Mapping[str, str]) -> dict[str, Any]:
        """Return the JSON form; a document that is no longer indexed has the title ""."""
        counts = {name: _counted(getattr(self, name)) for name in ("callers", "actions", "asked", "not_found")}
        documents = {
            name: [
                {"document": key, "title": titles.get(key, ""), "times": n} for key, n in getattr(self, name).most_common(MOST)
            ]
            for name in ("opened", "shown")
        }
        slow = [{"ms": ms, "action": action, "query": query} for ms, action, query in self.slow]
        judged = {"helpful": self.helpful, "not_helpful": self.not_helpful[-MOST:], "not_helpful_total": len(self.not_helpful)}
        times = {"p50_ms": self.p50_ms, "p95_ms": self.p95_ms, "slow": slow}
        return {"since": self.since, "requests": self.requests, **counts, **documents, **times, "feedback": judged}


def usage_report_of(lines: Iterable[Mapping[str, Any]], since: str) -> UsageReport:
    """Summarise audit lines."""
    report, times = UsageReport(since), list[float]()
    for line in lines:
        action, query = str(line.get("action", "")), " ".join(str(line.get("query", "")).split())
        if action == EXPIRED or line.get("by") == BY:  # no request
            report.actions[action] += 1
            continue
        report.requests += 1
        report.callers[str(line.get("who", "")) or "（本机或没有密钥）"] += 1
        report.actions[action] += 1
        report.shown.update(line.get("shown", ()))
        if action in _OPENING and line.get("status") == 200:
            opened = line.get("opened") or str(line.get("item", "")).rpartition("-")[0]
            report.opened[str(opened)] += 1
        if action in _ASKING:
            ms = float(line.get("ms", 0.0))
            times.append(ms)
            report.slow.append((ms, action, query))
            if query:
                report.asked[query] += 1
                report.not_found[query] += not line.get("found", True)
        if action == "feedback" and line.get("helpful"):
            report.helpful += 1
        elif action == "feedback":
            report.not_helpful.append({name: str(line.get(name, "")) for name in ("query", "item", "reason")})
    report.not_found = +report.not_found
    report.slow = sorted(report.slow, reverse=True)[:MOST]
    times.sort()
    report.p50_ms, report.p95_ms = (_percentile(times, share) for share in (0.5, 0.95))
    return report


def titles_of(catalog: Catalog, documents: Iterable[str]) -> dict[str, str]:
    """Return the titles, by id, of those documents that are indexed."""
    return {key: document.title for key in documents if (document := document_of(catalog, key))}


def write_judgments(catalog: Catalog, lines: Iterable[Mapping[str, Any]], folder: Path) -> dict[str, int]:
    """Write feedback as a BEIR folder for `jianbao evaluate`: all items, the queries, and which items helped.

    The last feedback counts. Grade 1: the item helped; grade 0: it did not. A query that no item helped is left out.
    """
    grades: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in lines:
        if line.get("action") == "feedback" and line.get("query") and line.get("item"):
            grades[str(line["query"])][str(line["item"])] = int(bool(line.get("helpful")))
    folder.mkdir(parents=True, exist_ok=True)
    indexed = set()
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as corpus:
        for entry in _items(catalog):
            indexed.add(entry["_id"])
            corpus.write(json.dumps(entry, ensure_ascii=False) + "\n")
    judged = {query: {item: grade for item, grade in graded.items() if item in indexed} for query, graded in grades.items()}
    kept = [(query, graded) for query, graded in judged.items() if any(graded.values())]
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as queries:
        for number, (query, _) in enumerate(kept, 1):
            queries.write(json.dumps({"_id": f"q{number}", "text": query}, ensure_ascii=False) + "\n")
    with (folder / "qrels.tsv").open("w", encoding="utf-8") as qrels:
        qrels.write("query-id\tcorpus-id\tscore\n")
        for number, (_, graded) in enumerate(kept, 1):
            qrels.writelines(f"q{number}\t{item}\t{grade}\n" for item, grade in graded.items())
    return {"items": len(indexed), "queries": len(kept), "judgments": sum(len(graded) for _, graded in kept)}


def _items(catalog: Catalog) -> Iterator[dict[str, str]]:
    for listed in list_documents(catalog, catalog.counts()["documents"] or 1):
        document = document_of(catalog, listed["id"])
        for place, item in enumerate(document.items if document else (), 1):
            assert document
            yield {"_id": f"{document.id}-{place}", "title": item.title, "text": document.text[item.start : item.end]}


def _counted(counts: Counter[str]) -> list[dict[str, Any]]:
    return [{"text": text, "times": times} for text, times in counts.most_common(MOST)]


def _percentile(values: Sequence[float], share: float) -> float:
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
