"""A real server over documents of several groups, with keys of every kind: for tests of who sees what."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import jianbao, serving

from index.store.catalog import Catalog
from index.store.documents import list_documents
from service.audit.log import lines_of
from service.keys.registry import Keys

GROUPS = {"内部": ["内部"], "农业处": ["农业"]}
OPEN = "云溪县共享食堂情况\n2024年3月5日\n云溪县在三个乡镇办起共享食堂，老人每餐只付六元，全县已有1200位老人吃上热饭。"
SECRETS = {  # files of the group 内部, and words that stand in them alone
    "内部/蟠龙水电站.txt": "蟠龙水电站撤并情况\n2024年4月6日\n云溪县拟撤并蟠龙水电站，安置移民347户，由县水利局黎明远经办。",
    "内部/蟠龙水库.html": "<html><body><h1>蟠龙水库除险</h1>"
    "<p>蟠龙水库除险加固投入8310万元，惠及移民347户，云溪县水利局黎明远负责。</p></body></html>",
}
WORDS = ("蟠龙", "黎明远", "347户", "8310万", "移民", "水电站", "水库", "密件")


@dataclass(frozen=True)
class Guarded:
    """The server, its folders, its keys by kind, and ids of what only some may see."""

    address: str
    data: Path
    folder: Path
    keys: dict[str, str]
    hidden: list[str]  # documents
    open: list[str]

    def bearer(self, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[kind]}"} if kind in self.keys else {}

    def audited(self, count: int, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Return the wanted lines of the audit, once there are `count`: a line is written when its response has been sent."""
        for _ in range(50):
            if len(lines := [line for line in lines_of(self.data) if wanted(line)]) >= count:
                return lines
            time.sleep(0.1)
        raise AssertionError(f"{len(lines)} of {count} lines")


@contextmanager
def guarded(tmp: Path, **environment: str) -> Iterator[Guarded]:
    folder, data = tmp / "documents", tmp / "data"
    texts = {
        "食堂.txt": OPEN,
        "农业/茶.txt": "云溪县茶叶情况\n云溪县茶叶开秤，鲜叶每斤涨到92元。",
        "内部/不是PDF的密件.pdf": "x",
        **SECRETS,
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    groups = {"JIANBAO_GROUPS": json.dumps(GROUPS)}
    assert jianbao("--data", str(data), "sync", str(folder), **groups).returncode == 1  # one is no PDF
    held = list_documents(Catalog(data), 10)
    hidden = [one["id"] for one in held if one["file"].startswith("内部")]
    with serving(data, **groups, **environment) as address:
        yield Guarded(address, data, folder, _keys(data), hidden, [one["id"] for one in held if "/" not in one["file"]])


def _keys(data: Path) -> dict[str, str]:
    keys = Keys(data)
    made = {
        "search": keys.create("检索", "search", []),
        "ingest": keys.create("收录", "ingest", []),
        "other": keys.create("农业", "ingest", [], ["农业处"]),
        "inner": keys.create("内部", "ingest", [], ["内部"]),
        "all": keys.create("全部", "search", [], ["*"]),
        "admin": keys.create("管理", "admin", []),
        "expired": keys.create("过期", "search", [], ["内部"], "2999-01-01"),
        "revoked": keys.create("撤销", "search", [], ["内部"]),
        "slow": keys.create("少", "search", [], rate=3),
    }
    keys.revoke("撤销")
    with sqlite3.connect(data / "access.sqlite") as db:
        db.execute("UPDATE keys SET expires = '2024-01-01' WHERE name = '过期'")
    return made
