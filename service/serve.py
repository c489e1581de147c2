"""Run the HTTP server: bind first, load the index, then say where it is."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import uvicorn

from answer.answerer import Answerer
from service.app import create_app
from service.keys import Keys, KeysUnusable
from service.origins import is_loopback


def serve(host: str, port: int, open_answerer: Callable[[], Answerer], keys: Keys) -> int:
    """Serve until stopped; return the exit code."""
    try:
        listener = socket.create_server((host, port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "端口要在 0 到 65535 之间"
        print(f"jianbao: 不能监听 {host}:{port}（{reason}）：换一个端口，如 --port 8001", file=sys.stderr)
        return 2
    with listener:
        _say_who_gets_in(host, keys)
        print("正在载入索引和模型……", file=sys.stderr)
        answerer = open_answerer()
        answerer.index.encoder.query("预热")  # the first query loads the model
        print(f"简报已就绪：http://{host}:{listener.getsockname()[1]}（按 Ctrl+C 停止）", flush=True)
        config = uvicorn.Config(create_app(answerer, keys), log_level="warning", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _say_who_gets_in(host: str, keys: Keys) -> None:
    try:
        if not keys.any() and is_loopback(host):
            print(
                "还没有密钥：在这台机器上可以检索、上传和移出；放到代理后面以前，请先运行 jianbao key create 名称",
                file=sys.stderr,
            )
        elif not keys.any():
            print(
                "jianbao: 注意：没有访问控制，能连到这台机器的人都可以检索和打开原件；"
                "运行 jianbao key create 名称 创建密钥以后，只有带密钥的才可以",
                file=sys.stderr,
            )
    except KeysUnusable as error:  # each request is refused with the same words
        print(f"jianbao: {error}", file=sys.stderr)
