"""Who did what cannot be changed afterwards: each line of the audit holds the hash of the one before it."""

from __future__ import annotations

import datetime as days
import json
import multiprocessing
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import jianbao

from index.models.encoder import Encoder
from index.store.catalog import Catalog
from index.sync.mirror import sync
from service.audit import log
from service.audit.chain import check_chain
from service.audit.log import CHAIN, EXPIRED, FOLDER, Audit, lines_of


def files(data: Path) -> list[Path]:
    return sorted((data / FOLDER).glob("*.jsonl"))


def write(data: Path, *what: str, days: int = 180) -> None:
    audit = Audit(data, days, queries=True)
    for one in what:
        audit.write({"action": "search", "query": one})
    audit.close()


class Clock(days.datetime):
    """A clock that says another day."""

    day = days.date(2026, 3, 1)

    @classmethod
    def now(cls, tz: days.tzinfo | None = None) -> days.datetime:  # type: ignore[override]
        return days.datetime.combine(cls.day, days.time(9, 30), tz)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(log, "datetime", Clock)
    return Clock


def edited(change: Callable[[list[str]], object]) -> Callable[[Path], None]:
    def tamper(data: Path) -> None:
        (file,) = files(data)
        lines = file.read_text(encoding="utf-8").splitlines()
        change(lines)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    return tamper


def replaced(lines: list[str]) -> None:
    lines[2] = lines[2].replace("三", "五")


def unchained(lines: list[str]) -> None:
    lines[:] = [json.dumps({k: v for k, v in json.loads(line).items() if k != "before"}) for line in lines]


TAMPERED: dict[str, Callable[[Path], None]] = {
    "a line changed": edited(replaced),
    "a line taken out": edited(lambda lines: lines.pop(2)),
    "the first line taken out": edited(lambda lines: lines.pop(0)),
    "the last line taken out": edited(lambda lines: lines.pop()),
    "the last lines taken out": edited(lambda lines: lines.__delitem__(slice(1, None))),
    "all lines taken out": edited(lambda lines: lines.clear()),
    "lines exchanged": edited(lambda lines: lines.insert(1, lines.pop(3))),
    "a line made up": edited(lambda lines: lines.insert(2, '{"time": "2026-03-01T09:30:00+08:00", "action": "search"}')),
    "a line twice": edited(lambda lines: lines.insert(2, lines[1])),
    "no line in the chain": edited(unchained),
    "a file deleted": lambda data: files(data)[0].unlink(),
    "the note of the last line deleted": lambda data: (data / FOLDER / CHAIN).unlink(),
}


@pytest.mark.parametrize("what", TAMPERED)
@pytest.mark.parametrize("goes_on", [False, True])
def test_what_is_changed_afterwards_shows(tmp_path: Path, what: str, goes_on: bool) -> None:
    write(tmp_path, "一", "二", "三", "四", "五")
    assert check_chain(tmp_path).faults == [] and check_chain(tmp_path).lines == 5
    TAMPERED[what](tmp_path)
    if goes_on:  # and what is written later hides nothing
        write(tmp_path, "六", "七")
    assert check_chain(tmp_path).faults


def _many(data: Path) -> None:
    write(data, *map(str, range(200)))


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    writers = [multiprocessing.get_context("spawn").Process(target=_many, args=(tmp_path,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = check_chain(tmp_path)
    assert (found.lines, found.faults) == (600, [])


def test_a_line_cut_by_a_loss_of_power_and_one_written_last_before_a_kill_break_nothing(tmp_path: Path) -> None:
    write(tmp_path, "一", "二")
    noted = (tmp_path / FOLDER / CHAIN).read_bytes()
    write(tmp_path, "三")
    (tmp_path / FOLDER / CHAIN).write_bytes(noted)  # killed before it could note its line
    write(tmp_path, "四")
    (file,) = files(tmp_path)
    with file.open("ab") as stream:
        stream.write(b'{"time": "2026-03-01T09:30:00+08:00", "action": "se')
    write(tmp_path, "五")
    found = check_chain(tmp_path)
    assert (found.lines, found.faults) == (5, [])
    assert [line["query"] for line in lines_of(tmp_path)] == ["一", "二", "三", "四", "五"]


def test_lines_of_before_the_chain_stay(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "audit-2026-02-01.jsonl").write_text('{"time": "2026-02-01T10:00:00", "action": "search"}\n')
    write(tmp_path, "一")
    found = check_chain(tmp_path)
    assert (found.earlier, found.lines, found.faults) == (1, 1, [])


def test_a_clock_a_year_ahead_deletes_nothing(tmp_path: Path, clock: type[Clock]) -> None:
    for day in range(1, 11):
        clock.day = days.date(2026, 3, day)
        write(tmp_path, f"第{day}天", days=10)
    clock.day = days.date(2027, 3, 10)
    write(tmp_path, "时钟错了", days=11)
    clock.day = days.date(2026, 3, 10)
    write(tmp_path, "时钟对了", days=11)
    assert len(files(tmp_path)) == 11 and check_chain(tmp_path).faults == []
    assert [line["query"] for line in lines_of(tmp_path)][9:] == ["第10天", "时钟对了", "时钟错了"]


def test_files_that_are_too_old_go_and_the_chain_says_so(tmp_path: Path, clock: type[Clock]) -> None:
    for day in range(1, 8):
        clock.day = days.date(2026, 3, day)
        write(tmp_path, f"第{day}天", days=3)
    assert [path.name[-7:-6] for path in files(tmp_path)] == ["5", "6", "7"] and check_chain(tmp_path).faults == []
    assert [line["files"] for line in lines_of(tmp_path) if line["action"] == EXPIRED][-1] == ["audit-2026-03-04.jsonl"]
    files(tmp_path)[0].unlink()  # by somebody else
    assert check_chain(tmp_path).faults


def test_verify_checks_it_and_what_administrators_do_is_in_it(tmp_path: Path, tiny_encoder: Encoder) -> None:
    data = tmp_path / "data"
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("食堂情况\n云溪县办起共享食堂，老人每餐六元。", encoding="utf-8")
    sync(tmp_path / "documents", Catalog(data), tiny_encoder)
    for command in (
        ("key", "create", "门户", "--group", "内部"), ("key", "revoke", "门户"), ("backup", str(tmp_path / "b")),
        ("restore", str(tmp_path / "b")), ("rebuild",),
    ):  # fmt: skip
        assert jianbao("--data", str(data), *command).returncode == 0
    lines = list(lines_of(data))
    assert [line["action"] for line in lines] == ["key-create", "key-revoke", "backup", "restore", "rebuild"]
    assert all(line["by"] == "cli" and line["who"] for line in lines) and lines[0]["groups"] == ["内部"]
    run = jianbao("--data", str(data), "verify")
    assert run.returncode == 0 and check_chain(data).last in run.stdout
    edited(lambda lines: lines.pop(1))(data)
    run = jianbao("--data", str(data), "verify", "--json")
    told = json.loads(run.stdout)
    assert run.returncode == 1 and not told["ok"] and told["problems"][0]["where"] == "audit"
    assert "新建密钥" in jianbao("--data", str(data), "report").stdout


def _made_up(data: Path, day: str, *lines: dict[str, object]) -> None:
    """Add a file whose lines follow one another, and no line that is there."""
    before = ""
    with (data / FOLDER / f"audit-{day}.jsonl").open("ab") as file:
        for line in lines:
            text = json.dumps({"time": f"{day}T09:00:00+08:00", **line, "before": before}).encode()
            file.write(text + b"\n")
            before = log.hash_of(text)


def test_a_forged_line_hides_no_deletion(tmp_path: Path) -> None:
    write(tmp_path, "一", "二", "三", "四")
    (file,) = files(tmp_path)
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"".join(line + b"\n" for line in (lines[0], *lines[3:])))
    _made_up(tmp_path, "2026-01-01", {"action": EXPIRED, "ends": [log.hash_of(lines[2]), log.hash_of(lines[0])]})
    faults = check_chain(tmp_path).faults
    assert len(faults) == 3 and sum("audit-2026-01-01.jsonl 第 1 行起" in fault for fault in faults) == 1


def test_lines_that_nothing_follows_show(tmp_path: Path, clock: type[Clock]) -> None:
    for day in range(1, 8):
        clock.day = days.date(2026, 3, day)
        write(tmp_path, f"第{day}天", days=3)
    assert check_chain(tmp_path).faults == []
    _made_up(tmp_path, "2026-03-04", {"action": "search"}, {"action": "search"})
    assert [fault[:26] for fault in check_chain(tmp_path).faults] == ["audit-2026-03-04.jsonl 第 1"]
    files(tmp_path)[0].write_text('{"time": "2026-03-04T09:00:00", "action": "search"}\n', encoding="utf-8")
    assert check_chain(tmp_path).faults  # older than what was deleted


def test_lines_added_behind_the_last_one_show(tmp_path: Path) -> None:
    write(tmp_path, "一", "二")
    (file,) = files(tmp_path)
    with file.open("ab") as stream:
        for _ in range(2):
            text = json.dumps({"action": "search", "before": check_chain(tmp_path).last}).encode()
            stream.write(text + b"\n")
    assert [fault for fault in check_chain(tmp_path).faults if "第 3 行起" in fault]


@pytest.mark.parametrize("lacking", (1, 30))
def test_a_disk_that_is_full_in_the_middle_of_a_line_is_noticed(tmp_path: Path, lacking: int) -> None:
    write(tmp_path, "一", "二")
    (file,) = files(tmp_path)
    size, line = file.stat().st_size, len(file.read_bytes().splitlines()[-1]) + 1
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + line - lacking, hard))  # more is not written
    try:
        with pytest.raises(OSError, match="No space"):
            write(tmp_path, "三")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    write(tmp_path, "四")
    assert [line["query"] for line in lines_of(tmp_path)] == ["一", "二", "四"]
    assert check_chain(tmp_path).faults == []
