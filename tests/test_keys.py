"""Keys as they are kept and handed out: hashed, shown once, taken back, bound to sites."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import sqlite3
import time
from pathlib import Path

import pytest
from conftest import jianbao

from service.errors import Refused
from service.keys.key import normal_origin
from service.keys.registry import Keys

PORTAL = "https://portal.example.gov.cn"


def test_made_listed_and_revoked_where_no_index_is_yet(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    made = jianbao("key", "create", "门户 网站", "--origin", f"{PORTAL.upper()}/", "--data", str(data))
    (token,) = set(re.findall(r"jb_[\w-]{43}", made.stdout))
    assert made.returncode == 0 and f'<jianbao-search key="{token}"></jianbao-search>' in made.stdout
    assert token.encode() not in (data / "access.sqlite").read_bytes()
    assert (data / "access.sqlite").stat().st_mode & 0o777 == 0o600
    again = jianbao("key", "create", "门户 网站", "--data", str(data))
    assert (again.returncode, "已有" in again.stderr) == (2, True)
    listed = jianbao("--data", str(data), "key", "list", "--json")
    assert [(one["name"], one["scope"], one["origins"]) for one in json.loads(listed.stdout)["keys"]] == [
        ("门户 网站", "search", [PORTAL])
    ]
    assert token not in listed.stdout
    revoked = jianbao("--data", str(data), "key", "revoke", "门户 网站")
    assert revoked.returncode == 0 and "不接受任何请求" in revoked.stdout
    assert jianbao("--data", str(data), "key", "revoke", "门户 网站").returncode == 2
    renewed = jianbao("--data", str(data), "key", "create", "门户 网站", "--scope", "admin", "--json")
    assert set(json.loads(renewed.stdout)) == {"name", "key"}


@pytest.mark.parametrize(
    "wrong",
    [f"{PORTAL}/path", "portal.example.gov.cn", "ftp://a.cn", "*", "null", "https://u@a.cn", "https://a.cn?b", "http://a:x"],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Refused, match="不是网站的来源地址"):
        Keys(tmp_path).create("门户", "search", [wrong])
    assert not (tmp_path / "access.sqlite").exists()


def test_origins_are_written_as_browsers_do() -> None:
    given = ["HTTPS://Portal.CN:443", "http://127.0.0.1:9000", "http://[::1]:80/", "https://门户.cn"]
    assert [normal_origin(one) for one in given] == [
        "https://portal.cn", "http://127.0.0.1:9000", "http://[::1]", "https://xn--zoup46i.cn",
    ]  # fmt: skip


def test_a_look_at_a_key_is_cheap_and_makes_no_file(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert (keys.any(), keys.listed(), keys.of("jb_x")) == (False, [], None)
    assert not list(tmp_path.iterdir())
    token = keys.create("门户", "search", [])
    began = time.perf_counter()
    assert all(keys.of(token) for _ in range(200))
    assert (time.perf_counter() - began) / 200 < 0.002  # 0.1 ms, and room for a busy machine


def test_a_key_has_groups_a_last_day_and_a_rate(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    token = keys.create("处室", "search", [], ["内部", "内部"], datetime.date.today().isoformat(), 100)
    everything = keys.create("全部", "search", [], ["*"])
    plain, site = keys.create("程序", "search", []), keys.create("网页", "search", [PORTAL])
    found = [keys.of(one) for one in (token, everything, plain, site)]
    assert [key and (key.visible_groups, key.per_minute) for key in found] == [
        (frozenset({"内部"}), 100), (None, 1200), (frozenset(), 1200), (frozenset(), 120),
    ]  # fmt: skip
    listed = jianbao("--data", str(tmp_path), "key", "list")
    assert "公开、内部" in listed.stdout and "全部文件" in listed.stdout and "有效至" in listed.stdout
    with sqlite3.connect(tmp_path / "access.sqlite") as db:
        db.execute("UPDATE keys SET expires = '2024-01-01' WHERE name = '处室'")
    assert keys.of(token) is None and "已过期至 2024-01-01" in jianbao("--data", str(tmp_path), "key", "list").stdout


@pytest.mark.parametrize(
    ("groups", "until", "rate", "message"),
    [
        ([""], "", 0, "文件分组"),
        (["长" * 31], "", 0, "文件分组"),
        ([], "2024-01-01", 0, "最后一天"),
        ([], "明天", 0, "最后一天"),
        ([], "", -1, "每分钟"),
    ],
)
def test_bounds_that_are_none_are_refused(tmp_path: Path, groups: list[str], until: str, rate: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        Keys(tmp_path).create("门户", "search", [], groups, until, rate)


def test_keys_of_the_first_version_are_taken_over(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "access.sqlite") as db:
        db.executescript(
            "CREATE TABLE keys (hash BLOB PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL, origins TEXT NOT NULL,"
            " created TEXT NOT NULL, revoked TEXT); CREATE UNIQUE INDEX names ON keys (name) WHERE revoked IS NULL;"
            "PRAGMA user_version = 1;"
        )
        row = (hashlib.sha256(b"jb_old").digest(), "门户", "search", f'["{PORTAL}"]', "2026-01-01T00:00:00+00:00")
        db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL)", row)
    key = Keys(tmp_path).of("jb_old")
    assert key and (key.name, key.groups, key.expires, key.per_minute) == ("门户", (), "", 120)
    assert Keys(tmp_path).create("新的", "search", [], ["内部"])
