"""The command line. Results on stdout, progress and errors on stderr; exit 0, 1 (done, but not all) or 2 (not done)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import CatalogUnusable, IndexingError
from ingest.errors import IngestError
from service import VERSION
from service.arguments import ChineseParser
from service.errors import BadRequest
from service.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from index.catalog import Catalog
    from index.search import SearchIndex

_DESCRIPTION = """简报：在本单位的工作动态、简报和新闻里检索，每条结果都注明出处，可以点开原文核对。

  jianbao sync documents        把文件夹里的文件收进索引（可反复运行，只处理有变化的）
  jianbao serve                 打开网页 http://127.0.0.1:8000
  jianbao search 稻渔综合种养   在命令行里检索"""
_EPILOG = """退出码：0 完成；1 完成了，但有文件被跳过；2 没有完成（参数或环境有问题）。
环境变量：JIANBAO_DATA 数据文件夹，JIANBAO_ENCODER 模型文件夹或名称，JIANBAO_CACHE 内置模型转换后存放的位置。"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options, read_settings(data=options.data))
        return result
    except (IngestError, IndexingError, SettingsError, BadRequest) as error:
        print(f"jianbao: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\njianbao: 已中断；已经收录的不会丢，再运行一次 sync 会接着做", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = ChineseParser(prog="jianbao", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"jianbao {VERSION}", help="显示版本")
    parser.add_argument("--data", type=Path, default=None, metavar="文件夹", help="数据文件夹（默认 ./data）")
    commands = parser.add_subparsers(title="命令", dest="command", metavar="命令", required=True, parser_class=ChineseParser)

    def command(name: str, run: Any, text: str, *, results: bool = True) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        added.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="文件夹", help="数据文件夹（默认 ./data）")
        if results:
            added.add_argument("--json", action="store_true", help="结果以 JSON 输出")
        return added

    added = command("sync", _sync, "让索引与文件夹一致：新增、更新、移除，并报告跳过了哪些文件、为什么")
    added.add_argument("folder", nargs="?", type=Path, default=Path("documents"), metavar="文件夹", help="默认 ./documents")
    added = command("inspect", _inspect, "看一个文件会被怎样读：文献信息、条目、段落；不收录")
    added.add_argument("file", type=Path, metavar="文件")
    added = command("search", _search, "检索，列出最相关的段落和出处")
    added.add_argument("query", metavar="问题")
    added.add_argument("-k", type=int, default=10, metavar="N", help="最多几条结果（默认 10，上限 100）")
    added.add_argument("--kind", choices=["bulletin", "news", "other"], help="只查简报、新闻或其他")
    added.add_argument("--section", metavar="栏目", help="只查这个栏目，如 市县交流")
    added.add_argument("--contributor", metavar="单位", help="只查这个供稿单位，如 余姚市")
    added.add_argument("--since", metavar="日期", help="只查这一天及以后的，如 2024-01-31")
    added.add_argument("--until", metavar="日期", help="只查这一天及以前的")
    added = command("serve", _serve, "启动网页和接口", results=False)
    added.add_argument("--host", default="127.0.0.1", help="监听地址（默认只有本机能访问）")
    added.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    command("status", _status, "索引里有什么")
    added = command("evaluate", _evaluate, "用带标注的问题衡量检索质量（BEIR 文件夹：corpus.jsonl、queries.jsonl、qrels.tsv）")
    added.add_argument("folder", type=Path, metavar="文件夹")
    return parser


def _sync(options: argparse.Namespace, settings: Settings) -> int:
    from index.catalog import Catalog
    from index.encoder import Encoder
    from index.sync import sync
    from service.printing import print_report, progress_bar

    catalog = Catalog(settings.data)
    with progress_bar("个文件") as watch:
        report = sync(options.folder, catalog, Encoder(settings.encoder, settings.cache), watch)
    if options.json:
        _print_json(report.as_json())
    else:
        print_report(report)
    return 1 if report.skipped else 0


def _inspect(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.read import read_document
    from service.forms import document_form
    from service.printing import print_document

    document = read_document(options.file, options.file.name)
    if options.json:
        _print_json(document_form(document))
    else:
        print_document(document)
    return 0


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from service.forms import checked_query, search_form
    from service.printing import print_hits

    query, k, conditions = checked_query(options.query, options.k, vars(options))
    found = search_form(_open_index(settings), query, k, conditions)
    if options.json:
        _print_json(found)
    else:
        print_hits(found["hits"])
    return 0


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from service.serve import serve

    return serve(options.host, options.port, lambda: _open_index(settings))


def _status(options: argparse.Namespace, settings: Settings) -> int:
    from service.printing import print_status

    catalog = _open_catalog(settings)
    status = {**catalog.counts(), "model": catalog.state("model"), "data": str(settings.data.resolve()), "version": VERSION}
    if options.json:
        _print_json(status)
    else:
        print_status(status)
    return 0


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from index.encoder import Encoder
    from index.evaluate import evaluate
    from service.printing import print_metrics, progress_bar

    with progress_bar("篇") as watch:
        metrics = evaluate(options.folder, settings.data, Encoder(settings.encoder, settings.cache), watch)
    if options.json:
        _print_json(metrics)
    else:
        print_metrics(metrics)
    return 0


def _open_catalog(settings: Settings) -> Catalog:
    from index.catalog import Catalog

    if not Catalog.is_in(settings.data):
        raise CatalogUnusable(f"{settings.data.resolve()} 里还没有索引：请先运行 jianbao sync 文件夹")
    return Catalog(settings.data)


def _open_index(settings: Settings) -> SearchIndex:
    from index.encoder import Encoder
    from index.search import SearchIndex

    index = SearchIndex(_open_catalog(settings), Encoder(settings.encoder, settings.cache))
    index.refresh()
    return index


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
