"""Measure how fast pages are read, beside other readers in the same run, and whether memory stays flat over many files.

.venv/bin/python -m pip install -e ".[dev,bench]"
.venv/bin/python benchmarks/speed.py pdf FOLDER      text PDFs: Jianbao; PDFium, pypdf and pdfplumber alone
.venv/bin/python benchmarks/speed.py ocr FOLDER      scans: Jianbao; the same models with ONNX Runtime; accuracy
.venv/bin/python benchmarks/speed.py memory [FILES]  memory during a sync of FILES small files, 10000 by default
"""

from __future__ import annotations

import logging
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from ingest.read import read_document

ISSUE = """山海简报（示例）
2024年第{n}期
某县办公室  2024年5月9日
▲甲{n}镇推行“邻里食堂”。甲{n}镇利用闲置校舍建成食堂{n}家，服务老人{n}00人次。（甲{n}镇供稿）
▲乙{n}乡建设零工驿站。乙{n}乡建成驿站{n}个，帮助{n}名零工就近就业。（乙{n}乡供稿）
"""


def text_pdfs(folder: Path) -> None:
    """Print pages per second of text PDFs; files with scanned pages are left out."""
    import pdfplumber
    import pypdfium2
    from pypdf import PdfReader

    paths = [path for path in sorted(folder.glob("*.pdf")) if not read_document(path, path.name).recognised]
    pages = sum(len(pypdfium2.PdfDocument(path)) for path in paths)

    def by_pdfium(path: Path) -> None:
        for page in pypdfium2.PdfDocument(path):
            page.get_textpage().get_text_range()

    def by_pypdf(path: Path) -> None:
        for page in PdfReader(path).pages:
            page.extract_text()

    def by_pdfplumber(path: Path) -> None:
        with pdfplumber.open(path) as pdf:
            for page in pdf.pages:
                page.extract_text()
                page.close()

    ways: dict[str, Callable[[Path], object]] = {
        "Jianbao: items, facts, passages": lambda path: read_document(path, path.name),
        "PDFium alone (text)": by_pdfium,
        "pypdf alone (text; loader of Haystack, Onyx)": by_pypdf,
        "pdfplumber alone (text; loader of RAGFlow)": by_pdfplumber,
    }
    print(f"{len(paths)} files, {pages} pages")
    base = 0.0
    for name, read in ways.items():
        began = time.process_time()
        for path in paths:
            read(path)
        speed = pages / (time.process_time() - began)
        base = base or speed
        print(f"{name:<48} {speed:>8.1f} pages a CPU second   ratio {base / speed:>6.2f}")


def scans(folder: Path) -> None:
    """Print pages per second and character accuracy of scans that have their true text beside them."""
    import pypdfium2
    from rapidocr import EngineType, RapidOCR

    engines = {f"{model}.engine_type": EngineType.ONNXRUNTIME for model in ("Det", "Cls", "Rec")}
    other = RapidOCR(params={"Global.log_level": "critical", **engines})
    paths = sorted(folder.glob("*.pdf"))
    pages = sum(len(pypdfium2.PdfDocument(path)) for path in paths)

    def with_onnx(path: Path) -> str:
        texts: list[str] = []
        for page in pypdfium2.PdfDocument(path):
            texts += other(page.render(scale=2000 / max(page.get_size())).to_numpy(), use_cls=False).txts or []
        return "".join(texts)

    ways: dict[str, Callable[[Path], str]] = {
        "Jianbao": lambda path: read_document(path, path.name).text,
        "RapidOCR with ONNX Runtime": with_onnx,
    }
    for name, read in ways.items():
        began = time.monotonic()
        accuracies = [f"{_accuracy(path, read(path)):.3f}" for path in paths]
        print(f"{name:<28} {pages / (time.monotonic() - began):>6.2f} pages/s   accuracy {' '.join(accuracies)}")


def _accuracy(path: Path, read: str) -> float:
    truth, read = (re.sub(r"\s", "", text) for text in (path.with_suffix(".truth.txt").read_text(encoding="utf-8"), read))
    same = sum(block.size for block in SequenceMatcher(None, truth, read, autojunk=False).get_matching_blocks())
    return same / max(len(truth), len(read))


def memory(files: int) -> None:
    """Print the memory of a sync every tenth of the way, and what a second sync costs; the encoder is a tiny one."""
    from tiny_model import tiny_model

    from index.models.encoder import Encoder
    from index.progress import Progress
    from index.store.catalog import Catalog
    from index.sync.mirror import sync

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "documents"
        folder.mkdir()
        for number in range(files):
            (folder / f"{number:06}.txt").write_text(ISSUE.format(n=number), encoding="utf-8")
        encoder = Encoder(tiny_model(Path(scratch) / "model", [ISSUE]), Path(scratch))
        catalog = Catalog(Path(scratch) / "data")
        shown: set[int] = set()

        def watch(progress: Progress) -> None:
            tenth = progress.files * 10 // files
            if tenth not in shown:
                shown.add(tenth)
                print(f"{progress.files:>7} files  {_resident():>6.0f} MB")

        for round_ in ("first", "second"):
            began = time.monotonic()
            report = sync(folder, catalog, encoder, watch)
            print(f"{round_} sync: {time.monotonic() - began:.1f} s, added {report.added}, unchanged {report.unchanged}")


def _resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Run what the first argument names."""
    what, *rest = sys.argv[1:] or [""]
    logging.disable(logging.WARNING)  # pdfplumber's reader logs one for every font
    if what == "pdf" and rest:
        text_pdfs(Path(rest[0]))
    elif what == "ocr" and rest:
        scans(Path(rest[0]))
    elif what == "memory":
        memory(int(rest[0]) if rest else 10_000)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
