"""Encode on a server that speaks OpenAI's `/v1/embeddings`, as vLLM, TEI, Xinference, Ollama and others do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry

from index.errors import ModelUnavailable, TextRefused
from index.models.prompts import Role, prompts_of

# Seconds to connect, and to wait for a response: shorter for a query, as a person waits for it, and other queries behind it.
_TIMEOUT: dict[Role, tuple[float, float]] = {"passage": (5, 60), "query": (3, 10)}
# Passages: tried again at once, then after 1, 2 and 4 seconds, or as long as the server asks for; after a time-out once.
_RETRIES: dict[Role, dict[str, int]] = {
    "passage": {"total": 4, "read": 1, "retry_after_max": 30},
    "query": {"total": 1, "read": 0, "retry_after_max": 1},
}
_SAME = 0.95  # least cosine of a text's vectors from the same model; with another model it is near 0
_REFUSED = (400, 413, 422)  # statuses for too many texts or too long a text


class RemoteModel:
    """The model of that name on the server at `address`, which ends in /v1; threads may share it."""

    batch_tokens, batch_texts = 16_000, 31  # TEI takes 32 texts a request by default, and one of them is the probe
    streams = 4  # concurrent requests, so that the server always has the next at hand
    limit = 500  # characters; many models end at 512 tokens, and a Chinese character is about one at most

    def __init__(self, address: str, name: str, key: str) -> None:
        self._address, self._name, self._key = address.rstrip("/"), name, key
        self._prompts, self._dimension = prompts_of(name), 0
        self._probes: dict[Role, tuple[str, npt.NDArray[np.float32]]] = {}
        self._sessions = {role: _session(retries, self.streams) for role, retries in _RETRIES.items()}

    def lengths(self, texts: Sequence[str], role: Role) -> list[int]:
        """Return the number of characters of each text with its prompt; the server's tokens are not known here."""
        return [len(self._prompts[role] + text) for text in texts]

    def encode(self, texts: Sequence[str], role: Role) -> npt.NDArray[np.float32]:
        """Encode one batch of texts, `(n, d)`; a batch that the server refuses is halved."""
        try:
            return self._probed([self._prompts[role] + text for text in texts], role)
        except TextRefused:
            if len(texts) == 1:
                raise
        half = len(texts) // 2  # too many texts, or one among them that it refuses
        return np.concatenate([self.encode(texts[:half], role), self.encode(texts[half:], role)])

    def _probed(self, texts: list[str], role: Role) -> npt.NDArray[np.float32]:
        """Encode texts together with a probe, the first text ever sent: the server may get another model while we run."""
        if role not in self._probes:
            vectors = self._ask(texts, role)
            self._probes.setdefault(role, (texts[0], vectors[0] / np.linalg.norm(vectors[0])))
            return vectors
        text, before = self._probes[role]
        vectors_and_probe = self._ask([*texts, text], role)
        if float(before @ vectors_and_probe[-1]) < _SAME * float(np.linalg.norm(vectors_and_probe[-1])):
            raise self._unavailable("它中途换了模型，换回后请重新启动简报")
        return vectors_and_probe[:-1]

    def _ask(self, texts: list[str], role: Role) -> npt.NDArray[np.float32]:
        body = {"model": self._name, "input": texts}
        try:
            response = self._sessions[role].post(
                f"{self._address}/embeddings", json=body, timeout=_TIMEOUT[role], auth=signed(self._key), allow_redirects=False
            )
        except requests.RequestException as error:
            raise self._unavailable(_reason(error)) from error
        if response.status_code != 200:
            message = " ".join(response.content.decode("utf-8", "replace").split())
            hint = "，地址一般以 /v1 结尾" if response.status_code == 404 else ""
            reason = f"回答 {response.status_code}{hint}：{message.replace(self._key, '***') if self._key else message}"[:200]
            if response.status_code in _REFUSED:
                raise TextRefused(f"向量服务 {self._address} 不接受这段文字（{reason}）：“{' '.join(texts[0].split())[:30]}…”")
            raise self._unavailable(reason)
        try:
            answer = json.loads(response.content)
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._unavailable("回答的不是 /v1/embeddings 的格式") from error
        self._check(vectors, len(texts), str(answer.get("model") or ""))
        return vectors

    def _check(self, vectors: npt.NDArray[np.float32], texts: int, model: str) -> None:
        """Raise unless there is a finite, nonzero vector for each text, of the earlier dimension, from the requested model."""
        if vectors.ndim != 2 or len(vectors) != texts or not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
            raise self._unavailable("回答的向量不全或有坏值")
        if self._dimension not in (0, vectors.shape[1]):
            raise self._unavailable(f"先给 {self._dimension} 维的向量，又给 {vectors.shape[1]} 维的")
        self._dimension = vectors.shape[1]
        asked, given = (name.lower().rstrip("/").rpartition("/")[2].partition(":")[0] for name in (self._name, model))
        if asked not in given and given not in asked:
            raise self._unavailable(f"它说自己的模型是 {model}，如果就是要用它，请写这个名称")

    def _unavailable(self, reason: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"向量服务 {self._address} 的模型 {self._name} 用不了（{reason}）："
            "请检查 JIANBAO_ENCODER、JIANBAO_ENCODER_MODEL、JIANBAO_ENCODER_KEY，以及服务是否在运行"
        )


def signed(key: str) -> Callable[[Any], Any]:
    """Return what adds a key to a request; without it, requests would look for a password file in the user's home."""

    def sign(request: Any) -> Any:
        if key:
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    return sign


def _session(retries: dict[str, int], size: int) -> requests.Session:
    retry = Retry(
        **retries, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None,
        raise_on_status=False,
    )  # fmt: skip
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=size))
    return session


def _reason(error: requests.RequestException) -> str:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.Timeout) or isinstance(cause, ReadTimeoutError):
        return "等不到回答"
    if isinstance(error, requests.exceptions.InvalidURL):
        return "地址写得不对"
    if isinstance(error, requests.exceptions.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return "它不是 https 服务，地址请以 http:// 开头"
    if isinstance(error, requests.exceptions.SSLError):
        return "它的证书不受信任，可用 REQUESTS_CA_BUNDLE 指定本单位的根证书"
    if isinstance(error, requests.exceptions.ProxyError):
        return "代理不通，内网地址可写进 NO_PROXY"
    return "连不上" if isinstance(error, requests.ConnectionError) else type(error).__name__
