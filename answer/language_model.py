"""A client for a language model behind OpenAI's `/v1/chat/completions`, as vLLM, Ollama, Xinference and others serve it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence

import requests

from index.models.remote import signed

_CONNECT, _SILENCE = 5, 30  # timeouts in seconds: to connect, and between two pieces of a response
_WHOLE = 120  # seconds for a whole answer
_LONGEST = 4000  # characters of an answer; a model that goes on is repeating itself
_LONGEST_LINE = 100_000  # bytes of one event of the stream
_TOKENS = 1200  # limit of an answer, sent as max_tokens

Message = dict[str, str]


class ChatFailed(Exception):
    """The model's server gave no complete answer; `code` is for programs, the message is Chinese and for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ChatModel:
    """The model called `name` on the server at `address`, which ends in /v1; threads may share it."""

    def __init__(self, address: str, name: str, key: str = "", silence: float = _SILENCE) -> None:
        self.name = name
        self._address, self._key, self._silence = address.rstrip("/"), key, silence

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the answer piece by piece as it arrives; raise ChatFailed."""
        body = {"model": self.name, "messages": list(messages), "stream": True, "temperature": 0, "max_tokens": _TOKENS}
        began, length, ended = time.monotonic(), 0, False
        try:
            with requests.post(
                f"{self._address}/chat/completions", json=body, stream=True, timeout=(_CONNECT, self._silence),
                auth=signed(self._key), allow_redirects=False,
            ) as answer:  # fmt: skip
                if answer.status_code != 200:
                    raise ChatFailed("refused", f"语言模型服务回答 {answer.status_code}")
                rest = b""
                as_it_comes = (
                    None if answer.raw.chunked else 1
                )  # bytes; None waits for the end of a response that is not chunked
                for data in answer.iter_content(as_it_comes):
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        if line.startswith(b"data:") and not ended:
                            piece, ended = _piece(line[5:].strip())
                            length += len(piece)
                            yield piece
                    if ended or length > _LONGEST:
                        break
                    if time.monotonic() - began > _WHOLE or len(rest) > _LONGEST_LINE:
                        raise ChatFailed("timeout", "语言模型太慢")
        except requests.Timeout as error:
            raise ChatFailed("timeout", "等不到语言模型的回答") from error
        except requests.RequestException as error:
            timed_out = "timed out" in str(error)  # how a silent stream ends
            code, reason = (
                ("timeout", "等不到语言模型的回答") if timed_out else ("unreachable", "语言模型服务连不上，或中途断开")
            )
            raise ChatFailed(code, reason) from error
        if not ended and length <= _LONGEST:
            raise ChatFailed("broken", "语言模型的回答中途断开")


def _piece(data: bytes) -> tuple[str, bool]:
    """Return the text of one event of the stream, and whether it is the last."""
    if data == b"[DONE]":
        return "", True
    try:
        choices = json.loads(data)["choices"]
        if not choices:
            return "", False  # token counts, which some servers send last
        text = choices[0].get("delta", {}).get("content") or ""
        if not isinstance(text, str):
            raise TypeError
        return text, False
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ChatFailed("rubbish", "语言模型服务回答的不是 /v1/chat/completions 的格式") from error
