"""Run the HTTP server: bind first, load the index, then say where it is."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Callable

import uvicorn

from answer.answerer import Answerer
from service.app import create_app


def serve(host: str, port: int, open_answerer: Callable[[], Answerer]) -> int:
    """Serve until stopped; return the exit code."""
    try:
        listener = socket.create_server((host, port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "端口要在 0 到 65535 之间"
        print(f"jianbao: 不能监听 {host}:{port}（{reason}）：换一个端口，如 --port 8001", file=sys.stderr)
        return 2
    with listener:
        if not _is_loopback(host):
            print("jianbao: 注意：没有访问控制，能连到这台机器的人都可以检索和打开原件", file=sys.stderr)
        print("正在载入索引和模型……", file=sys.stderr)
        answerer = open_answerer()
        answerer.index.encoder.query("预热")  # the first query loads the model
        print(f"简报已就绪：http://{host}:{listener.getsockname()[1]}（按 Ctrl+C 停止）", flush=True)
        config = uvicorn.Config(create_app(answerer), log_level="warning", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
