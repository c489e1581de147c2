"""The commands sync, inspect, search, ask and evaluate; each returns its exit code."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from index.errors import BadCorpus
from ingest.errors import OtherFolder
from service.audit.acts import record
from service.cli.printing import print_json, tell
from service.errors import Refused
from service.opening import keep_groups, new_catalog, open_answerer, open_encoder, open_index
from service.settings import Settings


def sync(options: argparse.Namespace, settings: Settings) -> int:
    """Index a folder; return 1 if some of it was skipped."""
    from index.sync.mirror import sync as sync_folder
    from service.cli.printing import print_report, progress_bar

    catalog, encoder = new_catalog(settings), open_encoder(settings, tell)
    keep_groups(catalog, settings, tell)
    with progress_bar("个文件") as watch:
        try:
            report = sync_folder(options.folder, catalog, encoder, watch, tell, options.replace)
        except OtherFolder as error:
            if not _is_confirmed(str(error)):
                raise
            report = sync_folder(options.folder, catalog, encoder, watch, tell, replace=True)
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed")}
    record(settings, tell, "sync", folder=catalog.state("folder"), **counts, skipped=len(report.skipped))
    if options.json:
        print_json(report.as_json())
    else:
        print_report(report)
    return 1 if report.skipped else 0


def _is_confirmed(what: str) -> bool:
    """Ask a person at a terminal; a program is not asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{what}。现在就换吗？输入“是”继续：", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() in ("是", "y", "yes")


def inspect(options: argparse.Namespace, settings: Settings) -> int:
    """Show how one file is read; return 1 if some of it was skipped."""
    from ingest.workers import AloneReader
    from service.actions.forms import document_form
    from service.cli.printing import print_document
    from service.export.reading import reading_page

    if not options.file.is_file():
        raise Refused("no_file", f"没有这个文件：{options.file}")
    if (options.html and options.json) or (options.output and not options.html):
        raise Refused("bad_options", "--html 和 --json 只能写一个，--output 要和 --html 一起写")
    documents, parts = AloneReader().read(options.file, options.file.name)
    skipped = [{"file": part.file, "reason": part.reason} for part in parts]
    if options.html:
        _write_page(reading_page(documents, parts), options.output)
    elif not options.json:
        for document in documents:
            print_document(document)
        for each in skipped:
            print(f"跳过  {each['file']}：{each['reason']}", file=sys.stderr)
    elif len(documents) == 1 and not skipped:
        print_json(document_form(documents[0]))
    else:
        print_json({"documents": [document_form(document) for document in documents], "skipped": skipped})
    return 1 if skipped else 0


def _write_page(page: str, target: Path | None) -> None:
    from index.store.connections import why

    if target is None:
        print(page, end="")
        return
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Refused("not_written", f"写不了 {target}（{why(error)}）") from error
    tell(f"已写到 {target}，用浏览器打开")


def search(options: argparse.Namespace, settings: Settings) -> int:
    """Print the passages found."""
    from service.actions.forms import search_form
    from service.actions.parameters import checked_conditions, checked_k, checked_query
    from service.cli.printing import print_hits

    query, k, conditions = checked_query(options.query), checked_k(options.k), checked_conditions(vars(options))
    found = search_form(open_index(settings, tell), query, k, conditions)
    if options.json:
        print_json(found)
    else:
        print_hits(found["hits"])
    return 0


def ask(options: argparse.Namespace, settings: Settings) -> int:
    """Print an answer with its citations."""
    from service.actions.forms import answer_form
    from service.actions.parameters import checked_conditions, checked_query, checked_turns
    from service.cli.printing import print_answer

    asked = checked_query(options.question), checked_turns(options.after), checked_conditions(vars(options))
    answer = open_answerer(settings, tell).answer(*asked)
    if options.json:
        print_json(answer_form(answer))
    else:
        print_answer(answer)
    return 0


def evaluate(options: argparse.Namespace, settings: Settings) -> int:
    """Measure retrieval on a BEIR folder, and answers with `--answers`; or the answers to the questions of a file."""
    if options.questions:
        return _ask_all(options, settings)
    if options.folder is None:
        raise BadCorpus("缺少参数：写 BEIR 文件夹，或写 --questions 文件")
    from index.evaluate import evaluate as evaluated
    from index.models.reader import Reader
    from service.cli.printing import print_metrics, progress_bar

    encoder = open_encoder(settings, tell)
    with progress_bar("篇") as watch:
        reader = Reader(settings.cache, tell) if settings.rescored else None
        metrics = evaluated(options.folder, settings.data, encoder, watch, reader=reader, reads=settings.rescored)
        if options.answers:
            from answer.evaluate import evaluate_answers

            metrics["answers"] = evaluate_answers(options.folder, settings.data, encoder, settings.cache, watch)
    if options.json:
        print_json(metrics)
    else:
        print_metrics(metrics)
    return 0


def _ask_all(options: argparse.Namespace, settings: Settings) -> int:
    from answer.evaluate import ask
    from service.actions.forms import answer_form
    from service.cli.printing import print_verdicts, progress_bar

    answerer = open_answerer(settings, tell)
    with progress_bar("问") as watch:
        found = ask(answerer, options.questions, watch)
    if options.json:
        print_json([{**row, "verdict": verdict, "answer": answer_form(answer)} for row, verdict, answer in found])
    else:
        print_verdicts(Counter((str(row.get("kind", "")), verdict) for row, verdict, _ in found))
    return 0
