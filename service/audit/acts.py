"""What administrators do at the command line stands in the audit, too."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Callable
from typing import Any

from service.audit.log import Audit
from service.settings import Settings

BY = "cli"  # the field `by` of such a line


def record(settings: Settings, tell: Callable[[str], None], action: str, **more: Any) -> None:
    """Write an act into the audit of a data folder; `more` is what it was done with. Tell where that cannot be written."""
    about = {"id": secrets.token_hex(8), "who": _user(), "by": BY, "address": "", "action": action, **more, "shown": []}
    try:
        audit = Audit(settings.data, settings.audit_days, settings.audit_queries)
        audit.write(about)
        audit.close()
    except OSError as error:
        tell(f"审计日志写不了（{settings.data}）：{error.strerror}。这次操作没有留下记录，请检查数据文件夹的权限和空间")


def _user() -> str:
    """Return the name of the person at the command line; who became root through sudo is named, too."""
    try:
        own = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        own = str(os.getuid())
    return f"{os.environ['SUDO_USER']}（sudo {own}）" if os.environ.get("SUDO_USER") else own
