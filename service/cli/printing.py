"""Output of the command line for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # types only: the command that prints these has loaded the modules, other commands need not
    from answer.answer import Answer, Series
    from index.progress import Progress, Watch
    from index.sync.intake import SyncReport
    from index.upkeep.verify import Verification
    from ingest.document import Document, Item

_KINDS = {"bulletin": "简报", "news": "新闻", "other": "其他"}
_ROLES = {"body": "", "caption": "图片说明，", "table": "表格，"}
_MARK, _UNMARK = "\x1b[1;33m", "\x1b[0m"  # bold yellow, where the terminal shows colours


@contextmanager
def progress_bar(unit: str) -> Iterator[Watch]:
    """Show progress on stderr: files done, passages encoded, and the encoder's speed."""
    from tqdm import tqdm

    with tqdm(unit=unit, file=sys.stderr, disable=None, dynamic_ncols=True) as bar:

        def watch(progress: Progress) -> None:
            bar.total = progress.total_files
            bar.n = progress.files
            pages = f"已读 {progress.pages} 页，" if progress.pages else ""
            if progress.passages_encoded and progress.seconds_encoding:
                speed = progress.passages_encoded / progress.seconds_encoding
                left = f"，还有 {progress.passages_left} 段" if progress.passages_left else ""
                left += f"，约 {bar.format_interval(progress.passages_left / speed)}" if left else ""
                bar.set_postfix_str(f"{pages}已编码 {progress.passages_encoded} 段，{speed:.0f} 段/秒{left}")
            bar.refresh()

        yield watch


def print_report(report: SyncReport) -> None:
    """Print what a sync did; reasons and warnings on stderr."""
    print(f"新增 {report.added}，更新 {report.changed}，移除 {report.removed}，未变 {report.unchanged}；"
          f"现有 {report.items} 个条目、{report.passages} 个段落")  # fmt: skip
    for warning in report.warnings:
        print(f"提醒  {warning['file']}：{warning['message']}", file=sys.stderr)
    for skipped in report.skipped:
        print(f"跳过  {skipped.file}：{skipped.reason}", file=sys.stderr)
    if report.unsure:
        print("请先核对这几份的条目划分：", file=sys.stderr)
    for one in report.unsure:
        lines = "；".join(map(_doubted, one["lines"]))
        print(f"  {one['file']}（把握 {one['certainty']:.0%}）：{lines}", file=sys.stderr)


def _doubted(line: Mapping[str, Any]) -> str:
    """Return a doubtful line as it is printed: “★平安建设”也许不是新的一条（第2页，99%）."""
    from ingest.citation import page_range

    said = "也许不是新的一条" if line["begins"] else "可能是另一条的开头"
    pages = page_range(line["pages"])
    return f"“{line['text']}”{said}（{pages}{'，' if pages else ''}{line['chance']:.0%}）"


def print_hits(hits: Sequence[Mapping[str, Any]]) -> None:
    """Print hits with their words marked, each with its citation line."""
    if not hits:
        print("没有找到")
    for number, hit in enumerate(hits, 1):
        text = marked(hit["text"], hit["highlights"])
        citation = hit["citation"]
        print(f"{number}. {citation['item']}\n   {text}\n   出处：{citation['line']}\n   文件：{citation['file']}")
        print("".join(f"   另见：{place}\n" for place in citation["also"]))


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return text with spans in colour, where the terminal shows colours."""
    if not sys.stdout.isatty():
        return text
    for start, end in reversed(spans):
        text = text[:start] + _MARK + text[start:end] + _UNMARK + text[end:]
    return text


def print_status(status: Mapping[str, Any]) -> None:
    """Print the sizes and the state of the index."""
    print(f"文件 {status['documents']}，条目 {status['items']}，段落 {status['passages']}\n"
          f"收录自 {status['folder']}\n数据文件夹 {status['data']}\n"
          f"模型 {status['model']}\n版本 {status['version']}")  # fmt: skip
    if status["unsaved"]:
        print(f"有 {status['unsaved']} 段的变化还没有存进索引文件（启动时补上；jianbao rebuild 立即存）")
    if status["writer"]:
        print(f"正在写：{status['writer']}")


def print_document(document: Document) -> None:
    """Print how a file was read."""
    from index.store.documents import unsure_form
    from ingest.citation import page_range

    print(f"{_KINDS[document.kind]}：{document.title}")
    labels = {"issuer": "编发", "date": "日期", "source": "来源", "reporter": "记者", "total_issue": "总期数"}
    for name, label in labels.items():
        if value := getattr(document, name):
            print(f"  {label}：{value}")
    for number, item in enumerate(document.items, 1):
        section = f"【{item.section}】" if item.section else ""
        print(f"{number}. {section}{item.title}" + (f"（{'、'.join(item.contributors)}供稿）" if item.contributors else ""))
        for label, values in _facts(document, item).items():
            if values:
                print(f"   {label}：{'；'.join(values)}")
        for passage in item.passages:
            pages = page_range(document.pages(passage.start, passage.end))
            text = document.text[passage.start : passage.end].replace("\n", " ")
            sure = document.confidence(passage.start, passage.end)
            about = _ROLES[passage.role] + (f"{pages}，" if pages else "")
            about += "" if sure is None else f"识别文本，可信度{sure:.0%}，"
            print(f"   - {text[:36]}{'…' if len(text) > 36 else ''}（{about}{len(text)} 字）")
    if document.doubts:
        lines = "；".join(_doubted(line) for line in unsure_form(document)["lines"])
        print(f"条目划分的把握 {document.certainty:.0%}：{lines}", file=sys.stderr)
    for warning in document.warnings:
        print(f"提醒：{warning}", file=sys.stderr)


def _facts(document: Document, item: Item) -> dict[str, list[str]]:
    """Return the facts of an item as they are printed: 惠及职工 354万人（3540000 人）, 今年10月（2023-10）."""
    text = document.text
    return {
        "地区": [region.name for region in item.regions],
        "做法": [measure.head for measure in item.measures],
        "数据": [f"{f.about} {text[f.start : f.end]}".strip() for f in item.figures],
        "时间": [f"{text[d.start : d.end]}（{d.iso}）" for d in item.dates],
    }


def print_verification(found: Verification) -> None:
    """Print what is wrong and which command mends it, and how many files have changed since the last sync."""
    for problem in found.problems:
        print(f"有问题：{problem.what}\n  请运行：{problem.mend}")
    if not found.problems:
        print("没有问题：目录库完好，索引与它一致")
    if any(found.pending.values()):
        print(
            "上次同步以后，文件夹里新增 {added}、改动 {changed}、移除 {removed} 个文件：运行 jianbao sync 收录".format(
                **found.pending
            )
        )


def print_metrics(metrics: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table of metrics, a row for each retriever."""
    sides = {side: values for side, values in metrics.items() if side != "answers"}
    names = list(next(iter(sides.values())))
    print("".join(f"{name:>11}" for name in ["", *names]))
    for side, values in sides.items():
        print(f"{side:>11}" + "".join(f"{values[name]:>11}" for name in names))
    if answers := metrics.get("answers"):
        print("\n回答：" + "，".join(f"{name} {value}" for name, value in answers.items()))


_VERDICTS = {
    "right": "答对", "partly": "部分", "wrong": "答错", "refused wrongly": "误拒",
    "refused rightly": "应拒已拒", "answered wrongly": "应拒而答",
}  # fmt: skip


def print_verdicts(counts: Mapping[tuple[str, str], int]) -> None:
    """Print how many questions of each kind got each verdict, given by kind and verdict, and the shares of all."""
    print(f"{'':<18}" + "".join(f"{name:>9}" for name in _VERDICTS.values()))
    for kind in [*dict.fromkeys(kind for kind, _ in counts), ""]:
        row = [
            sum(count for (own, verdict), count in counts.items() if verdict == name and kind in ("", own))
            for name in _VERDICTS
        ]
        print(f"{kind or '合计':<18}" + "".join(f"{count:>11}" for count in row))
    answerable, others = sum(row[:4]), sum(row[4:])
    print(f"{'比例':<18}" + "".join(f"{count / max(1, answerable):>11.3f}" for count in row[:4])
          + "".join(f"{count / max(1, others):>11.3f}" for count in row[4:]))  # fmt: skip


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def tell(message: str) -> None:
    """Print a progress message on stderr."""
    print(message, file=sys.stderr)


def print_answer(answer: Answer) -> None:
    """Print an answer with its citations, or else what is missing and the nearest items."""
    if answer.understood != answer.question:
        print(f"理解为：{answer.understood}")
    _print_quotes(answer)
    if answer.found:
        print(f"\n\n{answer.note}" if answer.note else "")
    else:
        print(f"未找到依据。{answer.note}")
    if answer.missing_terms:
        print(f"收录的文件里没有这些词：{'、'.join(answer.missing_terms)}")
    for series in answer.holdings:
        print(f"收录了{_issues(series)}")
    if answer.nearest:
        print("最接近的条目：")
    for number, hit in enumerate(answer.nearest, 1):
        print(f"{number}. {hit.citation.item}\n   出处：{hit.citation.line}")


def _print_quotes(answer: Answer) -> None:
    """Print the short answer, its sentences and their citations."""
    if answer.short:
        print(f"{answer.short}\n")
    before = ""
    for sentence in answer.sentences:
        text = marked(sentence.text, [sentence.mark] if sentence.mark else [])
        item = answer.citations[sentence.citations[0] - 1].item if answer.form == "cases" else ""
        print(f"{item}：" if item != before else "", end="")  # a quote may say only 该县 (this county)
        before = item
        numbers = "".join(f"[{number}]" for number in sentence.citations)
        print(f"{text}{numbers}{'' if sentence.checked else '（未经证实）'}")
    for number, citation in enumerate(answer.citations, 1):
        print(f"\n[{number}] {citation.line}\n    文件：{citation.file}", end="")


def _issues(series: Series) -> str:
    """Return the indexed issues of a series: 《共富示例》2024年第1至3、5期（缺第4期）."""
    year = f"{series.year}年" if series.year else ""
    missing = f"（缺第{_ranges(series.missing)}期）" if series.missing else ""
    return f"《{series.series}》{year}第{_ranges(series.held)}期{missing}"


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers in ascending order as people write them: 1至3、5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}至{run[-1]}" for run in runs)
