"""Keys as they are kept and handed out: hashed, shown once, taken back, bound to sites."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from conftest import jianbao

from service.errors import BadRequest
from service.keys import Keys
from service.origins import normal_origin

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
    with pytest.raises(BadRequest, match="不是网站的来源地址"):
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
