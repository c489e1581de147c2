"""The commands that look after an index: status, verify, rebuild, backup, restore."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from index.errors import CatalogUnusable
from index.groups import Rules, are_kept
from service import VERSION
from service.printing import print_json, tell
from service.settings import Settings

if TYPE_CHECKING:
    from index.catalog import Catalog

UPLOADED = "上传"  # the folder that service.inbox puts files into


def status(options: argparse.Namespace, settings: Settings) -> int:
    """Say what is in the index."""
    from index.snapshot import unsaved
    from service.printing import print_status

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
    """Compare catalog, views and files; 1 if something is wrong."""
    from index.verify import verify as check
    from service.printing import print_verification

    found = check(open_catalog(settings), tell)
    if options.json:
        print_json({"ok": not found.problems, **asdict(found)})
    else:
        print_verification(found)
    return 1 if found.problems else 0


def rebuild(options: argparse.Namespace, settings: Settings) -> int:
    """Make the views anew."""
    from index.views import rebuild as make_anew

    catalog = open_catalog(settings)
    with catalog.writing():
        views = make_anew(catalog, tell)
    found = {"passages": len(views.keywords), "vectors": len(views.vectors)}
    if options.json:
        print_json(found)
    else:
        print("索引已重新生成：{passages} 个段落，{vectors} 个向量".format(**found))
    return 0


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write a backup."""
    from index.backup import backup as back_up

    back_up(open_catalog(settings), options.file, tell)
    size = options.file.stat().st_size
    if options.json:
        print_json({"file": str(options.file), "bytes": size})
    else:
        print(f"已备份到 {options.file}（{size / 1e6:.1f} MB）")
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Put a backup in place."""
    from index.backup import restore as put_back

    catalog = put_back(options.file, settings.data, tell)
    keep_groups(catalog, settings)
    counts = catalog.counts()
    if options.json:
        print_json(counts)
    else:
        print("已恢复：{documents} 份文献、{items} 个条目、{passages} 个段落".format(**counts))
    return 0


def configured_rules(settings: Settings) -> Rules | None:
    """Return which folders belong to which document groups, those that uploads are put into among them; None for no change."""
    if settings.groups is None:
        return None
    return {group: [*folders, f"{UPLOADED}/{group}"] for group, folders in settings.groups.items()}


def keep_groups(catalog: Catalog, settings: Settings) -> None:
    """Let a catalog keep the document groups of the settings; raise Busy or CatalogUnusable where it cannot."""
    rules = configured_rules(settings)
    if rules is None:
        return
    with catalog.connect() as db:
        kept = are_kept(db, rules)
    if not kept:
        tell("文件的分组有变化，正在更新……")
        with catalog.writing():
            catalog.regroup(rules)


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalog of a data folder; raise CatalogUnusable if there is none."""
    from index.catalog import Catalog

    if not Catalog.is_in(settings.data):
        raise CatalogUnusable(f"{settings.data.resolve()} 里还没有索引：请先运行 jianbao sync 文件夹")
    return Catalog(settings.data)
