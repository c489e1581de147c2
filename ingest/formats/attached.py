"""What is said of files attached to a document that are not read with it."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5  # attached files that a warning names


def unread_attachments(names: Sequence[str]) -> tuple[str, ...]:
    """Return the warning that names attached files, () if there are none."""
    if not names:
        return ()
    named = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
    return (f"有 {len(names)} 个附件没有读（{named}）：请取出后另放进来",)
