"""Settings come from the environment and a file, and a misspelt one is an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.settings import SettingsError, read_settings


def test_defaults() -> None:
    settings = read_settings({"XDG_CACHE_HOME": "/cache"})
    assert (settings.data, settings.cache, settings.encoder) == (Path("data"), Path("/cache/jianbao"), "")


def test_the_environment_and_the_option_before_it() -> None:
    environment = {"JIANBAO_DATA": "/d", "JIANBAO_CACHE": "/c", "JIANBAO_ENCODER": "/model"}
    settings = read_settings(environment)
    assert (settings.data, settings.cache, settings.encoder) == (Path("/d"), Path("/c"), "/model")
    assert read_settings(environment, data=Path("/other")).data == Path("/other")


def test_an_embeddings_server() -> None:
    environment = {"JIANBAO_ENCODER": "http://a:8080/v1 ", "JIANBAO_ENCODER_MODEL": "bge-m3", "JIANBAO_ENCODER_KEY": "sk-1\r\n"}
    settings = read_settings(environment)
    assert (settings.encoder, settings.encoder_model, settings.encoder_key) == ("http://a:8080/v1", "bge-m3", "sk-1")
    assert "sk-1" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"JIANBAO_ENCODER": "http://a/v1"}, "JIANBAO_ENCODER_MODEL 写明"),
        ({"JIANBAO_ENCODER_MODEL": "bge-m3"}, "只用于向量服务"),
        ({"JIANBAO_ENCODER": "/model", "JIANBAO_ENCODER_KEY": "sk-1"}, "只用于向量服务"),
        ({"JIANBAO_ENCODER": "http://a:secret@b/v1", "JIANBAO_ENCODER_MODEL": "m"}, "不能写用户名和密码"),
        ({"JIANBAO_ENCODER": "http://b/v1", "JIANBAO_ENCODER_MODEL": "m", "JIANBAO_ENCODER_KEY": "密钥"}, "不能用的字符"),
    ],
)
def test_settings_that_do_not_go_together(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        read_settings(environment)
    assert "secret" not in str(caught.value)


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="JIANBAO_ENCDER"):
        read_settings({"JIANBAO_ENCDER": "x"})


def written(tmp_path: Path, text: str) -> dict[str, str]:
    """Return an environment that names a configuration file."""
    (tmp_path / "jianbao.toml").write_text(text, encoding="utf-8")
    return {"JIANBAO_CONFIG": str(tmp_path / "jianbao.toml")}


def test_a_file_says_what_the_environment_does_not(tmp_path: Path) -> None:
    text = 'data = "/d"\nproxies = ["10.0.0.5"]\naudit_days = 30\naudit_queries = false\n'
    environment = written(tmp_path, f'{text}[groups]\n"内部" = ["内部", "纪要/2024"]\n')
    settings = read_settings(environment)
    assert (settings.data, settings.proxies, settings.audit_days, settings.audit_queries) == (
        Path("/d"),
        ("10.0.0.5",),
        30,
        False,
    )
    assert settings.groups == {"内部": ["内部", "纪要/2024"]}
    over = {"JIANBAO_DATA": "/e", "JIANBAO_GROUPS": "{}", "JIANBAO_AUDIT_QUERIES": "是", "JIANBAO_PROXIES": ""}
    settings = read_settings({**environment, **over})
    assert (settings.data, settings.groups, settings.audit_queries, settings.proxies) == (Path("/e"), {}, True, ())
    assert read_settings({}).groups is None  # nobody said anything: what the catalog keeps stays


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('dta = "/d"', "没有这个设置：dta"),
        ("data = 3", "里的 data 要写成带引号的文字"),
        ("data = ", "不是 UTF-8 编码的 TOML"),
        ('audit_days = "x"', "audit_days 要写 1 到 3650"),
        ("audit_days = true", "audit_days 要写 1 到 3650"),
        ('audit_queries = "maybe"', "audit_queries 要写 true"),
        ('proxies = ["proxy.example"]', "proxies 要写代理的 IP"),
        ('proxies = ["10.0.0.5/24"]', "proxies 要写代理的 IP"),
        ('sso_groups = "X-Groups"', "要和 sso_user"),
        ('groups = ["内部"]', "groups 要写成"),
        ('[groups]\n"内部" = "内部"', "groups 要写成"),
        ('[groups]\n"内部" = ["内部"]\nproxies = ["10.0.0.5"]', "设置要写在"),
        ('[groups]\n"../x" = ["内部"]', "不能有名为"),
        ('[groups]\n"公开" = ["内部"]', "不能有名为"),
        ('[groups]\n"公开 " = ["内部"]', "不能有名为"),  # as it is once stripped
    ],
)
def test_what_cannot_be_used_in_a_file_is_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)) as caught:
        read_settings(written(tmp_path, text))
    assert "jianbao.toml" in str(caught.value)


def test_a_file_that_is_not_there_and_json_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="打不开"):
        read_settings({"JIANBAO_CONFIG": str(tmp_path / "none.toml")})
    with pytest.raises(SettingsError, match="JIANBAO_GROUPS 要写成"):
        read_settings({"JIANBAO_GROUPS": "内部=内部"})


def test_the_example_is_one_that_can_be_used() -> None:
    example = Path(__file__).resolve().parent.parent / "docs" / "operation" / "jianbao.toml"
    assert read_settings({"JIANBAO_CONFIG": str(example)}).groups
