"""Settings come from the environment only, and a misspelt one is an error."""

from __future__ import annotations

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
