"""The commands that maintain an index: status, verify, rebuild, backup, restore."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from service import VERSION
from service.audit.acts import record
from service.cli.printing import print_json, tell
from service.errors import Refused
from service.opening import keep_groups, new_catalog, open_catalog
from service.settings import Settings


def status(options: argparse.Namespace, settings: Settings) -> int:
    """Print the sizes and the state of the index."""
    from index.store.unsaved import unsaved
    from service.cli.printing import print_status

    catalog = open_catalog(settings)
    found = {
        **catalog.counts(),
        "model": catalog.state("model"),
        "data": str(settings.data.resolve()),
        "folder": catalog.state("folder"),
        "unsaved": unsaved(catalog),
        "writer": catalog.writer(),
        "version": VERSION,
    }
    if options.json:
        print_json(found)
    else:
        print_status(found)
    return 0


def verify(options: argparse.Namespace, settings: Settings) -> int:
    """Compare catalog, views and files; return 1 if something is wrong."""
    from index.upkeep.verify import Problem
    from index.upkeep.verify import verify as check
    from service.audit.chain import check_chain
    from service.cli.printing import print_verification

    _refuse_shared(settings, "检查")
    found, chain = check(open_catalog(settings), tell), check_chain(settings.data)
    found.problems.extend(Problem("audit", fault, "jianbao report，并请查明谁动过审计记录") for fault in chain.faults)
    if options.json:
        print_json({"ok": not found.problems, **asdict(found), "audit": asdict(chain)})
    else:
        print_verification(found)
        if chain.lines:
            print(f"审计记录 {chain.lines} 行，末行的校验值 {chain.last}（抄下来另存，以后可以证明在它以前没有改过）")
    return 1 if found.problems else 0


def encoder(options: argparse.Namespace, settings: Settings) -> int:
    """Write the bundled models as folders of sentence-transformers."""
    from index.models.folders import write_cross_encoder, write_encoder

    folder = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("not_empty", f"{folder} 里已经有东西：请写一个新的或空的文件夹")
    try:
        write_encoder(folder / "encoder")
        tell(f"向量模型已写到 {folder / 'encoder'}")
        write_cross_encoder(folder / "cross-encoder")
        tell(f"重排模型已写到 {folder / 'cross-encoder'}")
    except OSError as error:
        raise Refused("unwritable", f"写不进 {folder}（{error.strerror or error}）：请检查权限，要有 1 GB 空间") from error
    return 0


def rebuild(options: argparse.Namespace, settings: Settings) -> int:
    """Rebuild the views from the catalog."""
    from index.views.both import rebuild as make_anew

    catalog = open_catalog(settings)
    with catalog.writing():
        views = make_anew(catalog, tell)
    record(settings, tell, "rebuild")
    found = {"passages": len(views.keywords), "vectors": len(views.vectors)}
    if options.json:
        print_json(found)
    else:
        print("索引已重新生成：{passages} 个段落，{vectors} 个向量".format(**found))
    return 0


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write a backup."""
    from index.upkeep.backup import backup as back_up

    _refuse_shared(settings, "备份")
    back_up(open_catalog(settings), options.file, tell)
    record(settings, tell, "backup", file=str(options.file.resolve()))
    size = options.file.stat().st_size
    if options.json:
        print_json({"file": str(options.file), "bytes": size})
    else:
        print(f"已备份到 {options.file}（{size / 1e6:.1f} MB）")
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Replace the index by a backup."""
    from index.upkeep.backup import restore as put_back

    _refuse_shared(settings, "恢复")
    catalog = put_back(options.file, settings.data, tell)
    record(settings, tell, "restore", file=str(options.file.resolve()))
    keep_groups(catalog, settings, tell)
    if not catalog.state("folder"):
        tell("原件所在的文件夹不从备份里取：请运行一次 jianbao sync 文件夹，然后才能打开原件")
    counts = catalog.counts()
    if options.json:
        print_json(counts)
    else:
        print("已恢复：{documents} 份文献、{items} 个条目、{passages} 个段落".format(**counts))
    return 0


def migrate(options: argparse.Namespace, settings: Settings) -> int:
    """Copy the index to another place."""
    from index.upkeep.migrate import migrate as copy
    from service.cli.printing import progress_bar

    to = {"store": options.to} if "://" in options.to else {"store": "", "data": Path(options.to)}
    target = new_catalog(settings.model_copy(update=to))
    with progress_bar("份文献") as watch:
        counts = copy(open_catalog(settings), target, watch)
    record(settings, tell, "migrate", to=options.to)
    if options.json:
        print_json(counts)
    else:
        print(
            "已搬到 {to}：{documents} 份文献、{items} 个条目、{passages} 个段落，两边核对一致".format(to=options.to, **counts)
        )
        tell("密钥、审计和原件文件夹不在其中：请照旧保留，或复制到新的机器")
    return 0


def _refuse_shared(settings: Settings, what: str) -> None:
    """Refuse what reads or writes the catalog's file where a database holds the catalog."""
    if settings.store:
        raise Refused(
            "shared_store",
            f"目录库在数据库里（JIANBAO_STORE），要用数据库自己的工具{what}；本机的索引可用 jianbao rebuild 重新生成",
        )
