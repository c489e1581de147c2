"""Read old formats of Word and WPS: LibreOffice, where it is installed, converts them into new ones."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.errors import NotNow, Unreadable
from ingest.extracted import Extracted
from ingest.formats.docx import read_docx

_SECONDS = 45.0  # a start takes 10, a long document 30; must be less than SILENCE of ingest/workers.py


def read_legacy(path: Path) -> Extracted:
    """Read a .doc, .wps or .rtf file; raise Unreadable if there is no LibreOffice, or it fails."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        advice = "请用 Word/WPS 打开后另存为 .docx；或在本机安装 LibreOffice 后再试"
        raise NotNow(f"旧格式 {path.suffix.lower()} 读不了：{advice}")
    with TemporaryDirectory() as folder:
        return read_docx(_convert(path, office, Path(folder)))


def _convert(path: Path, office: str, folder: Path) -> Path:
    """Convert a file into `folder`, with a profile of its own: two runs cannot share one."""
    profile, out = folder / "profile", folder / "out"
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--convert-to", "docx"]
    process = subprocess.Popen(
        [*command, "--outdir", str(out), str(path.resolve())],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"LibreOffice 转换超过 {_SECONDS:.0f} 秒：请用 Word/WPS 打开后另存为 .docx") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # the program started here has started another
            process.wait()
    converted = next(out.glob("*.docx"), None)
    if converted is None:
        raise Unreadable("LibreOffice 转换失败，文件可能已损坏或加密：请用 Word/WPS 打开后另存为 .docx")
    return converted
