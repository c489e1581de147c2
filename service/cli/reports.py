"""The commands `report` and `doctor`, and how their results are printed."""

from __future__ import annotations

import argparse
import datetime
from dataclasses import asdict
from typing import Any

from service.audit.log import FOLDER, lines_of
from service.cli.printing import print_json
from service.errors import Refused
from service.opening import open_catalog
from service.settings import Settings

_HEADS = {
    "asked": "问得最多", "not_found": "没有找到", "opened": "打开最多的文件", "shown": "列出最多的文件", "callers": "谁在用",
    "actions": "用来做什么",
}  # fmt: skip


_ACTIONS = {
    "search": "检索", "ask": "提问", "cases": "找案例", "similar": "相似案例", "timeline": "谁最早", "compare": "对比",
    "item": "看案例", "document": "看文件", "original": "看原件", "page": "看原件的页", "export": "导出", "feed": "订阅",
    "upload": "上传", "remove": "移出", "feedback": "反馈", "correct": "更正", "undo": "撤销更正", "sync": "收录",
    "backup": "备份", "restore": "恢复备份", "rebuild": "重新生成索引", "key-create": "新建密钥",
    "key-revoke": "撤销密钥", "groups": "改变分组",     "audit-expired": "审计到期删除",
}  # fmt: skip


def report(options: argparse.Namespace, settings: Settings) -> int:
    """Summarise the audit of the last days, or write its feedback as relevance judgments."""
    from service.audit.report import MOST, titles_of, usage_report_of, write_judgments

    if not 1 <= options.days <= 3650:
        raise Refused("bad_days", "--days 要在 1 到 3650 之间")
    since = (datetime.date.today() - datetime.timedelta(options.days - 1)).isoformat()
    if not (settings.data / FOLDER).is_dir():
        raise Refused("no_audit", f"{settings.data.resolve()} 里还没有审计日志：服务（jianbao serve）运行以后才有")
    catalog = open_catalog(settings)
    if options.beir:
        written = write_judgments(catalog, lines_of(settings.data), options.beir)
        if options.json:
            print_json(written)
        else:
            print(
                f"已写到 {options.beir}：{written['items']} 个条目、{written['queries']} 个问题、{written['judgments']} 条判断"
            )
            if written["queries"]:
                print(f"用它衡量检索：jianbao evaluate {options.beir}")
        return 0
    totals = usage_report_of(lines_of(settings.data, since), since)
    titles = titles_of(catalog, {key for key, _ in (*totals.opened.most_common(MOST), *totals.shown.most_common(MOST))})
    summary = totals.as_json(titles)
    if options.json:
        print_json(summary)
    else:
        _print_report(summary)
    return 0


def _print_report(sums: dict[str, Any]) -> None:
    print(f"{sums['since']} 以来 {sums['requests']} 次；一半在 {sums['p50_ms']:.0f} 毫秒内，95% 在 {sums['p95_ms']:.0f} 毫秒内")
    for name, head in _HEADS.items():
        if sums[name]:
            print(f"\n{head}：")
        for one in sums[name]:
            text = _ACTIONS.get(one.get("text", ""), one.get("text")) if name == "actions" else one.get("text")
            print(f"  {one['times']:>5}  {text or one.get('title') or one['document'] + '（已不在）'}")
    if sums["slow"]:
        print("\n最慢：")
    for one in sums["slow"][:10]:
        print(f"  {one['ms']:>7.0f} 毫秒  {one['query'] or one['action']}")
    judged = sums["feedback"]
    if judged["helpful"] or judged["not_helpful"]:
        print(f"\n反馈：有用 {judged['helpful']} 次，没用 {judged['not_helpful_total']} 次")
    for one in judged["not_helpful"]:
        print(f"  没用  {one['query']}{'：' + one['reason'] if one['reason'] else ''}")


def doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Check all that a service needs; return 1 if a check fails."""
    from service.cli.doctor import examine

    checks = examine(settings)
    well = all(check.well for check in checks)
    if options.json:
        print_json({"ok": well, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            print(f"{'✓' if check.well else '✗'} {check.name}：{check.found}")
            if check.remedy:
                print(f"    {check.remedy}")
        print("\n都正常" if well else "\n标 ✗ 的要先处理")
    return 0 if well else 1
