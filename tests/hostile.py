"""A hostile client, a process of its own: python hostile.py KIND ADDRESS … says "ready" and does its worst until stdin ends."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import suppress

HELD: list[socket.socket] = []


def connected(address: str, source: str = "") -> socket.socket:
    host, _, port = address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), 10, (source, 0) if source else None)
    HELD.append(connection)
    return connection


def unread(address: str, path: str, token: str, count: str = "12") -> None:
    """Ask for something large many times, and read nothing of it but its beginning."""
    for _ in range(int(count)):
        connection = connected(address)
        head = f"GET {path} HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 200"


def silent(address: str, count: str = "520", source: str = "", said: str = "") -> None:
    """Connect many times, and say nothing, or begin a head that never ends."""
    for _ in range(int(count)):
        connection = connected(address, source)
        with suppress(OSError):
            connection.sendall(said.encode())


def sending(address: str, path: str, token: str, file: str, count: str = "12", leaving: str = "") -> None:
    """Send a file as a draft many times at once, wait for the answers and send it again; or leave at once."""
    with open(file, "rb") as stream:
        content = stream.read()
    name = file.rpartition("/")[2]
    form = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n--x--\r\n"
    )
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(form)}\r\nConnection: close\r\n\r\n"
    )

    def again_and_again() -> None:
        while True:
            with suppress(OSError):
                connection = connected(address)
                connection.settimeout(300)
                connection.sendall(head.encode() + form)
                while not leaving and connection.recv(65536):
                    pass
            if leaving:
                return

    threads = [threading.Thread(target=again_and_again, daemon=True) for _ in range(int(count))]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    os.nice(19)  # it stands for another machine
    {"unread": unread, "silent": silent, "sending": sending}[sys.argv[1]](*sys.argv[2:])
    print("ready", flush=True)
    sys.stdin.read()
