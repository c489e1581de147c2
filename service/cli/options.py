"""Options that several commands share, and those of commands that have many."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from ingest.document import Kind
from service.cli.parser import ChineseParser
from service.keys.key import SCOPES, USUAL_RATE, USUAL_SITE_RATE

_KEYS = """密钥决定谁能用接口。还没有密钥时，本机可以直接使用，其他机器只能检索和提问；
创建第一个以后，每个请求都要带密钥，网页也要先输入一次。

  jianbao key create 门户网站 --origin https://portal.example.gov.cn   给那个网站的网页嵌入检索框用
  jianbao key create 归档程序 --scope ingest                            给收录文件的程序用
  jianbao key create 省厅 --group 内部 --until 2027-06-30               还能看“内部”分组的文件，有期限
  jianbao key list                                                      有哪些密钥
  jianbao key revoke 门户网站                                           撤销，立即生效"""


def add_key_actions(added: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the actions of the command that manages keys."""
    added.epilog = _KEYS
    actions = added.add_subparsers(title="操作", dest="action", metavar="操作", required=True, parser_class=ChineseParser)
    added = command("create", "创建密钥，只显示这一次", among=actions)
    added.add_argument("name", metavar="名称", help="用在哪里，如 门户网站")
    scopes = "能做什么：search 检索和提问（默认）；ingest 还能收录文件；admin 全部"
    added.add_argument("--scope", choices=SCOPES, default="search", help=scopes)
    origin = "哪个网站的网页可以用它，如 https://portal.example.gov.cn，可写多次；不写则其他网站的网页都不能用"
    added.add_argument("--origin", action="append", default=[], metavar="网址", help=origin)
    group = "除了公开的，还能看哪个分组的文件（分组见配置里的 groups），可写多次；* 是全部"
    added.add_argument("--group", action="append", default=[], metavar="分组", help=group)
    added.add_argument("--until", default="", metavar="日期", help="有效到哪一天（含），如 2027-06-30；不写则一直有效")
    usual = f"默认 {USUAL_RATE}，给网页用的 {USUAL_SITE_RATE}"
    added.add_argument("--rate", type=int, default=0, metavar="N", help=f"每个地址每分钟最多多少次请求（{usual}）")
    command("list", "列出没有撤销的密钥：名称、权限、能看的文件、网站、次数和期限；不含密钥本身", among=actions)
    added = command("revoke", "撤销密钥，立即生效，不必重启服务", among=actions)
    added.add_argument("name", metavar="名称")


def add_conditions(added: argparse.ArgumentParser) -> None:
    """Add the filters."""
    added.add_argument("--kind", choices=get_args(Kind), help="只查简报、新闻或其他")
    added.add_argument("--region", metavar="地区", help="只查这个地区的，如 余姚、杭州市临安区、山区26县")
    added.add_argument("--section", metavar="栏目", help="只查这个栏目，如 市县交流")
    added.add_argument("--contributor", metavar="单位", help="只查这个供稿单位，如 余姚市")
    added.add_argument("--series", metavar="系列", help="只查这个系列的，如 浙里共富")
    added.add_argument("--year", metavar="年份", help="只查这一年发表的，如 2024")
    added.add_argument("--since", metavar="日期", help="只查这一天及以后的，如 2024-01-31")
    added.add_argument("--until", metavar="日期", help="只查这一天及以前的")
    added.add_argument("--document", metavar="编号", help="只查这一份文献（结果里的 document_id）")
    added.add_argument("--folder", metavar="文件夹", help="只查这个子文件夹里的，如 简报/2024年")


def add_precedents(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands for cases."""
    added = command("cases", "找案例：按主题和筛选条件列出条目，可按相关度、日期或成效数据排列")
    added.add_argument("topic", nargs="?", default="", metavar="主题", help="不写则列出符合筛选条件的全部，最新的在前")
    added.add_argument(
        "--sort", choices=("relevance", "date", "figure"), default="", help="排列：相关度、日期（新的在前）、数据（大的在前）"
    )
    added.add_argument("--figure", default="", metavar="指标", help="按这项成效数据从大到小，如 带动就业")
    added.add_argument("-k", type=int, default=10, metavar="N", help="最多几个案例（默认 10，上限 100）")
    add_conditions(added)
    added = command("similar", "找相似的案例：与索引里的一个案例、一个文件或一段文字相似，并说明哪里相似")
    draft = added.add_mutually_exclusive_group(required=True)
    draft.add_argument("--item", metavar="编号", help="案例的编号（search --json 结果里的 item_id）")
    draft.add_argument("--file", type=Path, metavar="文件", help="草稿文件，不收录")
    draft.add_argument("--text", metavar="文字", help="草稿全文")
    added.add_argument("-k", type=int, default=10, metavar="N", help="最多几个案例（默认 10，上限 100）")
    added.add_argument("--elsewhere", action="store_true", help="不要同一地区的")
    add_conditions(added)
    added = command("timeline", "谁最早：一个主题的案例，按发表日期从早到晚")
    added.add_argument("topic", metavar="主题")
    add_conditions(added)
    added = command("compare", "对比 2 到 5 个案例：举措按意思对齐，数据按指标对齐")
    added.add_argument("items", nargs="+", metavar="案例编号", help="search --json 结果里的 item_id")
    added = command("export", "把案例导出成文件：Word 汇编（摘录原句、附注释和原文）、Markdown、CSV 或 JSON", results=False)
    added.add_argument("items", nargs="+", metavar="案例编号", help="search --json 结果里的 item_id")
    added.add_argument(
        "--format", choices=("docx", "markdown", "csv", "json"), default="markdown", help="格式（默认 markdown）"
    )
    added.add_argument("--output", type=Path, metavar="文件", help="写到这个文件；不写则输出到屏幕（docx 一定要写）")
    added.add_argument("--title", default="", metavar="标题", help="默认“案例汇编”")
