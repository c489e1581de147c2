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
from service.cli import cases, keys, reports, search, upkeep
from service.cli.arguments import command_line
from service.cli.printing import tell
from service.errors import Refused
from service.opening import keep_groups, open_answerer, open_catalog, open_index
from service.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from index.search.index import SearchIndex


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = command_line().parse_args(arguments)
    if not os.access(".", os.X_OK):  # started in a folder that we may not enter: worker processes could not start there
        os.chdir("/")
    for library in ("trafilatura", "pypdfium2"):  # their messages about damaged files are in the report, in Chinese
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        code = _COMMANDS[options.command](options, read_settings(data=options.data))
        sys.stdout.flush()
        return code
    except (IngestError, IndexingError, SettingsError, Refused) as error:
        print(f"jianbao: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has closed it: jianbao search … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        kept = "；已经收录的不会丢，再运行一次会接着做" if options.command == "sync" else ""
        print(f"\njianbao: 已停止{kept}", file=sys.stderr)
        return 130


def _with_index(command: Callable[[argparse.Namespace, SearchIndex], int]) -> Callable[[argparse.Namespace, Settings], int]:
    return lambda options, settings: command(options, open_index(settings, tell))


def _export(options: argparse.Namespace, settings: Settings) -> int:
    # Only a Word file needs the index, which loads the model.
    index = open_index(settings, tell) if options.format == "docx" and options.output else None
    return cases.export(options, settings, index)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from service.http.serve import serve
    from service.keys.registry import Keys

    keep_groups(open_catalog(settings), settings, tell)
    keys = Keys(settings.data)
    return serve(options.host, options.port, lambda: open_answerer(settings, tell), keys, settings, options.allow_anyone)


def _mcp(options: argparse.Namespace, settings: Settings) -> int:
    from service.access.caller import unnoted
    from service.keys.registry import Keys, groups_of_token
    from service.mcp import mcp_server

    groups = groups_of_token(Keys(settings.data), settings.key)
    keep_groups(open_catalog(settings), settings, tell)
    answerer = open_answerer(settings, tell)
    mcp_server(lambda _context: (answerer.visible_to(groups), unnoted)).run("stdio")
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "sync": search.sync,
    "inspect": search.inspect,
    "search": search.search,
    "ask": search.ask,
    "cases": _with_index(cases.cases),
    "similar": _with_index(cases.similar),
    "timeline": _with_index(cases.timeline),
    "compare": _with_index(cases.compare),
    "export": _export,
    "serve": _serve,
    "mcp": _mcp,
    "doctor": reports.doctor,
    "report": reports.report,
    "status": upkeep.status,
    "verify": upkeep.verify,
    "rebuild": upkeep.rebuild,
    "migrate": upkeep.migrate,
    "backup": upkeep.backup,
    "restore": upkeep.restore,
    "evaluate": search.evaluate,
    "encoder": upkeep.encoder,
    "key": keys.key,
}
