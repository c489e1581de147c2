"""The command line. Results on stdout, progress and errors on stderr; exit 0, 1 (done, but not all) or 2 (not done)."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.errors import IndexingError
from ingest.errors import IngestError
from service import key_commands, precedent_commands, printed_reports, upkeep
from service.arguments import command_line
from service.configured import SettingsError
from service.errors import BadRequest
from service.opening import open_answerer, open_index, opened_encoder
from service.printing import print_json, tell
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from index.search import SearchIndex


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = command_line().parse_args(arguments)
    if not os.access(".", os.X_OK):  # started in a folder of somebody else's: processes of our own could not begin there
        os.chdir("/")
    for library in ("trafilatura", "pypdfium2"):  # what they say of damaged files stands in the report, in Chinese
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        code = _COMMANDS[options.command](options, read_settings(data=options.data))
        sys.stdout.flush()
        return code
    except (IngestError, IndexingError, SettingsError, BadRequest) as error:
        print(f"jianbao: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has seen enough: jianbao search … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        kept = "；已经收录的不会丢，再运行一次会接着做" if options.command == "sync" else ""
        print(f"\njianbao: 已停止{kept}", file=sys.stderr)
        return 130


def _sync(options: argparse.Namespace, settings: Settings) -> int:
    from index.catalog import Catalog
    from index.sync import sync
    from service.printing import print_report, progress_bar

    catalog, encoder = Catalog(settings.data), opened_encoder(settings)
    upkeep.keep_groups(catalog, settings)
    with progress_bar("个文件") as watch:
        report = sync(options.folder, catalog, encoder, watch, tell)
    if options.json:
        print_json(report.as_json())
    else:
        print_report(report)
    return 1 if report.skipped else 0


def _inspect(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.workers import read_alone
    from service.forms import document_form
    from service.printing import print_document

    if not options.file.is_file():
        raise BadRequest("no_file", f"没有这个文件：{options.file}")
    documents, parts = read_alone(options.file)
    skipped = [{"file": part.file, "reason": part.reason} for part in parts]
    if not options.json:
        for document in documents:
            print_document(document)
        for each in skipped:
            print(f"跳过  {each['file']}：{each['reason']}", file=sys.stderr)
    elif len(documents) == 1 and not skipped:
        print_json(document_form(documents[0]))
    else:
        print_json({"documents": [document_form(document) for document in documents], "skipped": skipped})
    return 1 if skipped else 0


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from service.forms import search_form
    from service.printing import print_hits
    from service.requested import checked_conditions, checked_k, checked_query

    query, k, conditions = checked_query(options.query), checked_k(options.k), checked_conditions(vars(options))
    found = search_form(open_index(settings), query, k, conditions)
    if options.json:
        print_json(found)
    else:
        print_hits(found["hits"])
    return 0


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from service.forms import answer_form
    from service.printed_answers import print_answer
    from service.requested import checked_conditions, checked_query, checked_turns

    asked = checked_query(options.question), checked_turns(options.after), checked_conditions(vars(options))
    answer = open_answerer(settings).answer(*asked)
    if options.json:
        print_json(answer_form(answer))
    else:
        print_answer(answer)
    return 0


def _with_index(command: Callable[[argparse.Namespace, SearchIndex], int]) -> Callable[[argparse.Namespace, Settings], int]:
    return lambda options, settings: command(options, open_index(settings))


def _export(options: argparse.Namespace, settings: Settings) -> int:
    index = open_index(settings) if options.format == "docx" and options.output else None  # the model is loaded for it
    return precedent_commands.export(options, settings, index)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from service.keys import Keys
    from service.serve import serve

    upkeep.keep_groups(upkeep.open_catalog(settings), settings)
    keys = Keys(settings.data)
    return serve(options.host, options.port, lambda: open_answerer(settings), keys, settings, options.allow_anyone)


def _mcp(options: argparse.Namespace, settings: Settings) -> int:
    from service.audit import unnoted
    from service.keys import Keys, seen_with
    from service.mcp_tools import mcp_server

    seen = seen_with(Keys(settings.data), settings.key)
    upkeep.keep_groups(upkeep.open_catalog(settings), settings)
    answerer = open_answerer(settings)
    mcp_server(lambda _context: (answerer.seen_by(seen), unnoted)).run("stdio")
    return 0


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from index.evaluate import evaluate
    from service.printing import print_metrics, progress_bar

    encoder = opened_encoder(settings)
    with progress_bar("篇") as watch:
        metrics = evaluate(options.folder, settings.data, encoder, watch)
        if options.answers:
            from answer.evaluate import evaluate_answers

            metrics["answers"] = evaluate_answers(options.folder, settings.data, encoder, settings.cache, watch)
    if options.json:
        print_json(metrics)
    else:
        print_metrics(metrics)
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "sync": _sync,
    "inspect": _inspect,
    "search": _search,
    "ask": _ask,
    "cases": _with_index(precedent_commands.cases),
    "similar": _with_index(precedent_commands.similar),
    "timeline": _with_index(precedent_commands.timeline),
    "compare": _with_index(precedent_commands.compare),
    "export": _export,
    "serve": _serve,
    "mcp": _mcp,
    "doctor": printed_reports.doctor,
    "report": printed_reports.report,
    "status": upkeep.status,
    "verify": upkeep.verify,
    "rebuild": upkeep.rebuild,
    "backup": upkeep.backup,
    "restore": upkeep.restore,
    "evaluate": _evaluate,
    "key": key_commands.key,
}
