"""Make the index mirror a folder: read what is new or changed, encode what has no vector yet, drop what is gone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from index.models.encoder import Encoder
from index.progress import Tell, Watch, silent
from index.store.catalog import Catalog
from index.store.documents import group_warnings
from index.store.groups import folder_groups, rules_of
from index.sync.intake import Intake, SyncReport
from index.sync.writer import Writer
from index.views.both import save_if_behind
from ingest.errors import FolderMissing, OtherFolder
from ingest.walk import removed, walk
from ingest.workers import read_files


def sync(
    folder: Path, catalog: Catalog, encoder: Encoder, watch: Watch = silent, tell: Tell = lambda _message: None,
    replace: bool = False,
) -> SyncReport:  # fmt: skip
    """Make the catalog mirror the files below `folder`; raise Busy if another process is writing.

    An empty folder is refused with FolderMissing if any file is indexed; another folder than before, with files missing
    in it, with OtherFolder unless it is to `replace` that. A file that cannot be read is skipped with its reason; what was
    indexed of it before stays.
    """
    report = SyncReport()
    files = {file: path for path, file in walk(folder, report.skipped)}
    with catalog.writing():
        stamps = catalog.stamps()
        if stamps and not files and not report.skipped:
            raise FolderMissing(
                f"{folder} 里没有文件，而索引里有 {len(stamps)} 个：可能是共享文件夹没有挂上，没有改动索引。"
                f"确实要清空，请删除数据文件夹 {catalog.path.parent}"
            )
        earlier, gone = catalog.state("folder"), removed(stamps.keys() | catalog.origins(), files.keys(), report.skipped)
        if earlier and gone and earlier != str(folder.resolve()) and not replace:
            raise OtherFolder(
                f"索引里收录的是 {earlier}，那里的 {len(gone)} 个文件（共 {len(stamps)} 个）在 {folder.resolve()} 里没有，"
                "换文件夹会把它们移出索引：确实要换，请加 --replace"
            )
        catalog.regroup()  # whatever was changed in the file
        catalog.remember("folder", str(folder.resolve()))
        writer = Writer(catalog, encoder, len(files), watch)
        with catalog.connect() as db:
            group_of = folder_groups(rules_of(db))
        intake = Intake(files, stamps, writer, report, group_of)
        for file, news in read_files(intake.to_read()):
            intake.take(file, news)
        intake.settle_copies()
        writer.flush()
        _drop(removed(stamps.keys() | catalog.origins(), files.keys(), report.skipped), catalog, report)
        writer.finish()
        report.warnings += [*writer.warnings, *group_warnings(catalog)]
        save_if_behind(catalog, tell)
        catalog.remember("synced", datetime.now().isoformat(" ", "minutes"))
    counts = catalog.counts()
    report.items, report.passages = counts["items"], counts["passages"]
    return report


def _drop(gone: set[str], catalog: Catalog, report: SyncReport) -> None:
    for file in gone:
        catalog.forget(file)
        report.removed += 1
