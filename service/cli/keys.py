"""The commands that create, list and revoke keys."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict

from service.audit.acts import record
from service.cli.printing import print_json, tell
from service.keys.key import Key
from service.keys.registry import Keys
from service.settings import Settings

_SCOPE_NAMES = {"search": "检索和提问", "ingest": "检索、提问和收录文件", "admin": "全部"}
_SNIPPET = '<script type="module" src="http://本服务的地址/widget.js"></script>\n<jianbao-search key="{}"></jianbao-search>'


def key(options: argparse.Namespace, settings: Settings) -> int:
    """Create a key, list the keys, or revoke one."""
    code = _ACTIONS[options.action](options, Keys(settings.data))
    if options.action == "create":
        record(
            settings, tell, "key-create", key=options.name.strip(), scope=options.scope, groups=options.group,
            origins=options.origin, until=options.until,
        )  # fmt: skip
    elif options.action == "revoke":
        record(settings, tell, "key-revoke", key=options.name.strip())
    return code


def _create(options: argparse.Namespace, keys: Keys) -> int:
    first = not keys.any()
    token = keys.create(options.name, options.scope, options.origin, options.group, options.until, options.rate)
    made = next(each for each in keys.listed() if each.name == options.name.strip())
    if made.origins and made.scope != "search":
        tell("提醒：写在网页里的密钥人人都看得到，这样的密钥只给 search 权限为好")
    if options.json:
        print_json({"name": made.name, "key": token})
        return 0
    print(f"已创建密钥“{made.name}”，可用于{_SCOPE_NAMES[made.scope]}：\n\n{token}\n")
    print(f"密钥只显示这一次，请现在就保存；丢了可以撤销（jianbao key revoke {made.name}）再新建。")
    if made.origins:
        print(f"在 {'、'.join(made.origins)} 的网页里，把这两行放到要出现检索框的地方：\n\n{_SNIPPET.format(token)}\n")
    else:
        print("程序用它：请求头带 Authorization: Bearer 密钥。人用它：打开检索网页，按提示输入。")
    if first:
        print("这是第一个密钥：从现在起，接口只回答带密钥的请求，本机的网页也要先输入一次。")
    return 0


def _list(options: argparse.Namespace, keys: Keys) -> int:
    active = keys.listed()
    if options.json:
        print_json({"keys": [asdict(each) for each in active]})
        return 0
    for each in active:
        print(_line(each))
    if not active:
        print(_none_left(keys))
    return 0


def _revoke(options: argparse.Namespace, keys: Keys) -> int:
    keys.revoke(options.name)
    if options.json:
        print_json({"name": options.name, "revoked": True})
        return 0
    print(f"已撤销密钥“{options.name}”，立即生效，不必重启服务。")
    if not keys.listed():
        print(_none_left(keys))
    return 0


def _line(each: Key) -> str:
    origins = f"  网站 {'、'.join(each.origins)}" if each.origins else ""
    visible = "全部文件" if each.visible_groups is None else "、".join(("公开", *each.groups))
    until = f"，{'已过期' if each.has_expired else '有效'}至 {each.expires}" if each.expires else ""
    rate = f"  每分钟 {each.per_minute} 次"
    return f"{each.name}  {each.scope}（{_SCOPE_NAMES[each.scope]}）  {visible}{origins}{rate}  {each.created[:10]} 创建{until}"


def _none_left(keys: Keys) -> str:
    if keys.any():
        return (
            "密钥都已撤销，接口现在不接受任何请求：用 jianbao key create 名称 新建一个；"
            "要回到不用密钥的状态，移走数据文件夹里的 access.sqlite"
        )
    return "还没有密钥：本机可以直接使用，其他机器只能检索和提问。新建：jianbao key create 名称"


_ACTIONS: dict[str, Callable[[argparse.Namespace, Keys], int]] = {"create": _create, "list": _list, "revoke": _revoke}
