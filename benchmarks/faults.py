"""Read the inputs that readers of documents got wrong (tests/test_faults.py says what is right), and count kind by kind.

With PYTHONPATH set to another folder its packages are measured instead of those of this one.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

from conftest import shared  # noqa: E402
from test_faults import RIGHT, Right, told  # noqa: E402

from ingest.containers import read_file  # noqa: E402
from ingest.document import Document  # noqa: E402
from ingest.errors import IngestError  # noqa: E402

KINDS = {
    "merged cells, headings of two rows": ("01", "10", "16-", "27b"),
    "Word: revisions, notes, headers, exponents, odd parts": ("02", "03", "04", "06", "07b"),
    "pictures of tables, layers that lie, stamped scans": ("08", "33", "34b"),
    "names that promise another format": ("12d", "13"),
    "encodings": ("14b", "15", "36c"),
    "columns, watermarks, footnotes of PDF": ("20b", "21c", "28"),
    "form fields, attachments": ("22", "23"),
    "mails": ("40h", "40i"),
    "dates, places, red heads, mastheads": ("16f", "51", "60a"),
}


def is_right(name: str, right: Right) -> bool:
    """Tell whether a file is read as it should be."""
    try:
        read = [one for one in read_file(shared("faults", name), name) if isinstance(one, Document)]
    except (IngestError, TypeError):  # readers of before raised what their libraries did
        return False
    if not read or {field: told(read[0], field) for field in right.told} != right.told:
        return False
    whole, at = "\n".join(document.text for document in read), 0
    for piece in right.holds:
        at = whole.find(piece, at)
        if at < 0:
            return False
    warned = "；".join(warning for document in read for warning in document.warnings)
    return right.warned in warned and not any(piece in whole for piece in right.lacks)


def main() -> None:
    """Print a table: kind, tried, right."""
    for kind, names in KINDS.items():
        chosen = [name for name in RIGHT if name.startswith(names)]
        print(f"| {kind} | {len(chosen)} | {sum(is_right(name, RIGHT[name]) for name in chosen)} |")


if __name__ == "__main__":
    main()
