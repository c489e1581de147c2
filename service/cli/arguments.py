"""The commands and their options, in Chinese."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from service import VERSION
from service.cli.options import add_conditions, add_key_actions, add_precedents
from service.cli.parser import ChineseParser

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

    added = command("sync", "让索引与文件夹一致：新增、更新、移除，并报告跳过了哪些文件、为什么")
    added.add_argument("folder", nargs="?", type=Path, default=Path("documents"), metavar="文件夹", help="默认 ./documents")
    added = command("inspect", "看一个文件会被怎样读：文献信息、条目、段落；不收录")
    added.add_argument("file", type=Path, metavar="文件")
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
    added = command("evaluate", "用带标注的问题衡量检索质量（BEIR 文件夹：corpus.jsonl、queries.jsonl、qrels.tsv）")
    added.add_argument("folder", type=Path, metavar="文件夹")
    added.add_argument("--answers", action="store_true", help="也衡量回答：queries.jsonl 里要有 answer")
    added = command("key", "管理密钥：谁能用接口，用来做什么，从哪些网站", results=False)
    add_key_actions(added, command)
    return parser
