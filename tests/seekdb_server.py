"""Start a real seekdb, the single-node sibling of OceanBase, from its package: in a network of its own, reached by a socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest

_STARTS = 30  # seconds
# The server needs an interface with a hardware address and an IPv4 address; in a network of its own nothing it sends gets out.
_NETWORK = (
    'ip link set lo up; ip link add v0 type veth peer name v1; ip addr add 10.99.0.1/30 dev v0; ip link set v0 up; exec "$@"'
)


@contextmanager
def seekdb(folder: Path) -> Iterator[str]:
    """Run a server with its files in `folder`; yield the path of its socket. Skips the test where it cannot be started."""
    with running(folder) as (_, socket):
        yield socket


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The same, with the process."""
    found = importlib.util.find_spec("pylibseekdb")
    if found is None or not found.submodule_search_locations:
        pytest.skip("needs the package pylibseekdb")
    home = Path(found.submodule_search_locations[0])
    folder.mkdir(parents=True, exist_ok=True)
    parameters = ("memory_budget=2G", "datafile_size=256M", "log_disk_size=2G")
    options = [part for one in parameters for part in ("--parameter", one)]
    command = [str(home / "seekdb"), "--nodaemon", "--port", "2881", "--base-dir", str(folder), *options]
    if shutil.which("unshare") and shutil.which("ip"):
        command = ["unshare", "-n" if os.geteuid() == 0 else "-rn", "sh", "-c", _NETWORK, "sh", *command]
    with (folder / "out.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log,
            env={**os.environ, "LD_LIBRARY_PATH": str(home), "TELEMETRY_ENABLED": "false"},
        )  # fmt: skip
    socket = str(folder / "run" / "sql.sock")
    try:
        if not _answers(process, socket):
            pytest.skip(f"seekdb does not start here: {(folder / 'out.log').read_text(errors='replace')[-300:]}")
        yield process, socket
    finally:
        process.terminate()
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], socket: str) -> bool:
    until = time.monotonic() + _STARTS
    while time.monotonic() < until and process.poll() is None:
        try:
            with pymysql.connect(unix_socket=socket, user="root", connect_timeout=2) as db, db.cursor() as cursor:
                cursor.execute("CREATE DATABASE IF NOT EXISTS jianbao CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
                return True
        except pymysql.Error:
            time.sleep(0.1)
    return False
