"""The commands and their options, in Chinese."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from ingest.document import Kind
from service import VERSION
from service.cli.parser import ChineseParser
from service.keys.key import SCOPES, USUAL_RATE, USUAL_SITE_RATE

_DESCRIPTION = """简报：在本单位的工作动态、简报和新闻里检索，每条结果都注明出处，可以点开原文核对。

  jianbao sync documents        把文件夹里的文件收进索引（可反复运行，只处理有变化的）
  jianbao serve                 打开网页 http://127.0.0.1:8000
  jianbao search 稻渔综合种养   在命令行里检索
  jianbao ask 余姚的稻渔综合种养惠及多少农户？   提问，回答都摘自原文"""
_EPILOG = """退出码：0 完成；1 完成了，但有文件被跳过，或核对出了问题；2 没有完成（参数或环境有问题）。
环境变量：JIANBAO_DATA 数据文件夹；JIANBAO_CACHE 内置模型转换后存放的位置；
JIANBAO_ENCODER 另用的模型：文件夹、模型库里的名称，或 OpenAI 格式的向量服务地址（http://…/v1），
用服务时 JIANBAO_ENCODER_MODEL 是模型名称，JIANBAO_ENCODER_KEY 是密钥；
JIANBAO_LLM_URL、JIANBAO_LLM_MODEL、JIANBAO_LLM_KEY 可另接一个 OpenAI 格式的语言模型服务（地址、模型名称、密钥），
由它组织回答，每句都与原文核对；不设则只摘录原文；
JIANBAO_RERANKER 可另指一个重排模型（cross-encoder，文件夹或模型库里的名称），更准但慢得多，默认不用。
JIANBAO_CONFIG 指一个 TOML 配置文件，以上各项（去掉 JIANBAO_、用小写）和文件分组、代理、单点登录、审计都可以写在里面。"""

_MCP = """在支持 MCP 的程序里这样配置：命令 jianbao，参数 --data 数据文件夹 mcp；数据文件夹有密钥时，
环境变量 JIANBAO_KEY 写您的密钥，只看得到它能看的文件。服务运行时也可以直接连 http://地址/mcp，
请求头带 Authorization: Bearer 密钥。工具有 search 检索、ask 提问、case 案例全文、similar 相似案例、timeline 谁最早。"""


_ENCODER = """  jianbao encoder export 模型             写出 模型/encoder 和 模型/cross-encoder

前者用 SentenceTransformer("模型/encoder") 打开，后者用 CrossEncoder("模型/cross-encoder") 打开，都可以接着训练；
训练好的用 JIANBAO_ENCODER=模型/encoder、JIANBAO_RERANKER=模型/cross-encoder 装上，再运行一次 jianbao sync。"""

_KEYS = """密钥决定谁能用接口。还没有密钥时，本机可以直接使用，其他机器只能检索和提问；
创建第一个以后，每个请求都要带密钥，网页也要先输入一次。

  jianbao key create 门户网站 --origin https://portal.example.gov.cn   给那个网站的网页嵌入检索框用
  jianbao key create 归档程序 --scope ingest                            给收录文件的程序用
  jianbao key create 省厅 --group 内部 --until 2027-06-30               还能看“内部”分组的文件，有期限
  jianbao key list                                                      有哪些密钥
  jianbao key revoke 门户网站                                           撤销，立即生效"""


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands; `command` is the name of the chosen one."""
    parser = ChineseParser(prog="jianbao", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"jianbao {VERSION}", help="显示版本")
    parser.add_argument("--data", type=Path, default=None, metavar="文件夹", help="数据文件夹（默认 ./data）")
    commands = parser.add_subparsers(title="命令", dest="command", metavar="命令", required=True, parser_class=ChineseParser)

    def command(name: str, text: str, *, results: bool = True, among: Any = commands) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = among.add_parser(name, help=text, description=text)
        added.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="文件夹", help="数据文件夹（默认 ./data）")
        if results:
            added.add_argument("--json", action="store_true", help="结果以 JSON 输出")
        return added

    add_reading(command)
    added = command("search", "检索，列出最相关的段落和出处")
    added.add_argument("query", metavar="问题")
    added.add_argument("-k", type=int, default=10, metavar="N", help="最多几条结果（默认 10，上限 100）")
    add_conditions(added)
    added = command("ask", "提问：摘录能回答的原句并注明出处；没有依据时说明，并列出最接近的条目")
    added.add_argument("question", metavar="问题")
    added.add_argument(
        "--after", action="append", default=[], metavar="问题", help="前面问过的问题，可写多次；用于“那临安区呢”这样的追问"
    )
    add_conditions(added)
    add_precedents(command)
    added = command("serve", "启动网页和接口", results=False)
    added.add_argument("--host", default="127.0.0.1", help="监听地址（默认只有本机能访问）")
    added.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    added.add_argument("--allow-anyone", action="store_true", help="还没有密钥，也让其他机器检索和打开公开的文件")
    added = command("mcp", "在标准输入输出上供语言模型的程序调用（Model Context Protocol）", results=False)
    added.epilog = _MCP
    command("doctor", "检查这台机器、设置、密钥、模型和索引是否正常，不正常的说明怎么办")
    added = command("report", "由审计日志汇总：问得最多的、没有找到的、最慢的、打开最多的文件、反馈")
    added.add_argument("--days", type=int, default=30, metavar="N", help="最近多少天（默认 30）")
    added.add_argument("--beir", type=Path, metavar="文件夹", help="把全部反馈写成带标注的问题集，供 jianbao evaluate 衡量检索")
    command("status", "索引里有什么")
    command("verify", "核对目录库、索引和文件是否一致；有问题时说明该运行什么命令")
    command("rebuild", "由目录库重新生成索引，不重新编码")
    added = command("backup", "把整个索引备份成一个文件；不必停止服务")
    added.add_argument("file", type=Path, metavar="文件")
    added = command("restore", "用备份文件恢复索引，先核对再替换；原来的另存为 before-restore-日期.sqlite")
    added.add_argument("file", type=Path, metavar="文件")
    added = command("migrate", "把索引搬到另一个数据文件夹或数据库（JIANBAO_STORE），不重新编码；断了再运行一次就接着搬")
    added.add_argument(
        "--to",
        required=True,
        metavar="地址或文件夹",
        help="oceanbase://用户@主机:2881/库名，或一个数据文件夹；从现在设置的那个搬出",
    )
    added = command("evaluate", "用带标注的问题衡量检索质量（BEIR 文件夹：corpus.jsonl、queries.jsonl、qrels.tsv）")
    added.add_argument("folder", nargs="?", type=Path, metavar="文件夹", help="BEIR 文件夹；写了 --questions 就不用")
    added.add_argument("--answers", action="store_true", help="也衡量回答：queries.jsonl 里要有 answer")
    added.add_argument(
        "--questions", type=Path, metavar="文件", help="用这些问题问现在的索引，按类数答对、部分、答错、误拒：每行一个 JSON，"
        "question 问题，must 必须说到的（每项是几种写法），not 不该给出的，refuse 应当拒答，kind 类别，after 前面的问题"
    )  # fmt: skip
    added = command("encoder", "内置的模型：导出来，用本单位的资料接着训练", results=False)
    add_encoder_actions(added, command)
    added = command("key", "管理密钥：谁能用接口，用来做什么，从哪些网站", results=False)
    add_key_actions(added, command)
    return parser


def add_reading(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands that read files."""
    added = command("sync", "让索引与文件夹一致：新增、更新、移除，并报告跳过了哪些文件、为什么")
    added.add_argument("folder", nargs="?", type=Path, default=Path("documents"), metavar="文件夹", help="默认 ./documents")
    added.add_argument("--replace", action="store_true", help="换一个文件夹：那里没有的文件都移出索引")
    added = command("inspect", "看一个文件会被怎样读：文献信息、条目、段落；不收录")
    added.add_argument("file", type=Path, metavar="文件")
    added.add_argument(
        "--html", action="store_true", help="输出一个网页：每一行按读作什么（刊头、标题、正文……）着色，标出拿不准的地方"
    )
    added.add_argument("-o", "--output", type=Path, metavar="文件", help="把网页写到这个文件；不写则输出到屏幕")


def add_encoder_actions(added: argparse.ArgumentParser, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the actions of the command for the bundled models."""
    added.epilog = _ENCODER
    actions = added.add_subparsers(title="操作", dest="action", metavar="操作", required=True, parser_class=ChineseParser)
    added = command("export", "写成两个 sentence-transformers 文件夹：向量模型和重排模型", results=False, among=actions)
    added.add_argument("folder", type=Path, metavar="文件夹", help="新的或空的文件夹，要有 1 GB 空间")


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
    forms = "列出什么：case 案例（默认），file 文件（通知、法规、报告、表格），all 全部"
    added.add_argument("--form", choices=("case", "file", "all"), default="", help=forms)
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
