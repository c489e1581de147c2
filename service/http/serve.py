"""Run the HTTP server: bind, answer "loading" while the index and the models load, then print the address."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from answer.answerer import Answerer
from ingest.budget import use_few_heaps
from service.access.origins import is_loopback
from service.audit.log import Audit
from service.http.app import create_app
from service.http.connections import Connections
from service.http.journal import keep_journal
from service.keys.key_file import KeysUnusable
from service.keys.registry import Keys
from service.settings import Settings

_LOG = logging.getLogger("jianbao")
_IDLE = 15  # seconds that an idle connection is kept open
_FAREWELL = 30  # seconds that requests under way get when the server stops


def serve(host: str, port: int, open_answerer: Callable[[], Answerer], keys: Keys, settings: Settings, anyone: bool) -> int:
    """Serve until stopped; return the exit code. `anyone`: whether other machines may search without keys."""
    keep_journal()
    use_few_heaps()
    if not _may_listen(host, keys, settings, anyone):
        return 2
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "端口要在 0 到 65535 之间"
        print(f"jianbao: 不能监听 {host}:{port}（{reason}）：换一个端口，如 --port 8001", file=sys.stderr)
        return 2
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each response waits 40 ms for an acknowledgement
    with listener:
        # uvicorn raises SIGTERM again after its shutdown; this handler lets our own clean-up run then.
        signal.signal(signal.SIGTERM, lambda *_: None)
        audit = _opened_audit(settings)
        app = create_app(None, keys, settings, audit, anyone)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False,
            http=Connections(settings.proxies).connection,  # type: ignore[arg-type]  # it is made as a class is
            timeout_keep_alive=_IDLE, timeout_graceful_shutdown=_FAREWELL,
        )  # fmt: skip
        server = uvicorn.Server(config)
        failure: list[Exception] = []
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        loading = threading.Thread(target=_load, args=(app, open_answerer, address, server, failure), name="load", daemon=True)
        loading.start()
        server.run(sockets=[listener])
        _LOG.info("已停止")
        if audit:
            audit.close()
    if failure:
        raise failure[0]
    if loading.is_alive():  # stopped before it was ready: a library that is still loading a model aborts at the usual end
        logging.shutdown()
        os._exit(0)
    return 0


def _load(
    app: FastAPI, open_answerer: Callable[[], Answerer], address: str, server: uvicorn.Server, failure: list[Exception]
) -> None:
    """Load the answerer; a failure stops the server."""
    _LOG.info("正在载入索引和模型……")
    try:
        answerer = open_answerer()
        answerer.index.encoder.query("预热")  # the first query loads the model
    except Exception as error:
        failure.append(error)
        server.should_exit = True
        return
    app.state.answerer = answerer
    print(f"简报已就绪：{address}（按 Ctrl+C 停止）", flush=True)


def _opened_audit(settings: Settings) -> Audit | None:
    try:
        return Audit(settings.data, settings.audit_days, settings.audit_queries)
    except OSError as error:
        _LOG.error(
            "审计日志写不了（%s）：%s。谁查了什么不会留下记录，请检查数据文件夹的权限和空间", settings.data, error.strerror
        )
        return None


def _may_listen(host: str, keys: Keys, settings: Settings, anyone: bool) -> bool:
    """Tell whether the server may listen on this address, and say who can then use it."""
    try:
        guarded = bool(settings.sso_user) or keys.any()
    except KeysUnusable as error:  # each request will be refused with this message
        _LOG.error("%s", error)
        return True
    if guarded:
        return True
    if is_loopback(host):
        _LOG.info("还没有密钥：在这台机器上可以检索、上传和移出；放到代理后面以前，请先运行 jianbao key create 名称")
    elif anyone:
        _LOG.warning(
            "没有访问控制，能连到这台机器的人都可以检索和打开公开的原件；运行 jianbao key create 名称 以后，只有带密钥的才可以"
        )
    else:
        print(
            f"jianbao: 还没有密钥，不能监听 {host}：那样能连到这台机器的人都能检索和打开原件。"
            "请先运行 jianbao key create 名称；确实要对所有人开放，请加 --allow-anyone",
            file=sys.stderr,
        )
        return False
    return True
