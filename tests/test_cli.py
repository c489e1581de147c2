"""The commands as people run them: output, JSON, errors, exit codes, and how quickly help is there."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import DOCUMENTS, JIANBAO, ROOT, jianbao

from index.sync.intake import SyncReport
from ingest.read import read_document


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import sys\nfrom service.cli.main import main\n"
        f"try: main({list(arguments)!r})\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stderr.split())


def test_help_and_status_never_import_torch(sample_data: tuple[Path, SyncReport]) -> None:
    heavy = {"torch", "sentence_transformers", "faiss", "transformers", "tantivy"}
    assert not heavy & modules_after("--help")
    assert not heavy & modules_after("--data", str(sample_data[0]), "status")


def test_sync_reports_in_json_and_by_exit_code(tmp_path: Path, tiny_model: str) -> None:
    folder = tmp_path / "documents"
    shutil.copytree(DOCUMENTS, folder)
    (folder / "坏的.pdf").write_bytes(b"no pdf")
    run = jianbao("--data", str(tmp_path), "sync", str(folder), "--json", JIANBAO_ENCODER=tiny_model)
    report = json.loads(run.stdout)
    assert run.returncode == 1
    assert (report["added"], report["items"], report["changed"], report["removed"]) == (16, 71, 0, 0)
    assert [one["file"] for one in report["skipped"]] == ["坏的.pdf"]
    assert "内容不是 PDF" in report["skipped"][0]["reason"]
    assert report["warnings"] == []
    again = jianbao("sync", str(folder), "--data", str(tmp_path), JIANBAO_ENCODER=tiny_model)
    assert "未变 16" in again.stdout
    assert "跳过  坏的.pdf：内容不是 PDF" in again.stderr


def test_search_prints_passages_with_their_citation(sample_data: tuple[Path, SyncReport]) -> None:
    run = jianbao("--data", str(sample_data[0]), "search", "温岭残疾人居家就业", "-k", "1")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("1. 温岭市“一人一策”帮扶残疾人居家就业\n")
    assert "出处：《共富示例》2024年第2期（总第102期）【市县交流】" in run.stdout


def test_status(sample_data: tuple[Path, SyncReport]) -> None:
    run = jianbao("status", "--json", JIANBAO_DATA=str(sample_data[0]))
    status = json.loads(run.stdout)
    assert (status["documents"], status["items"]) == (16, 71)
    assert (status["folder"], status["unsaved"], status["writer"]) == (str(DOCUMENTS), 0, "")
    assert set(status) >= {"passages", "model", "data", "version"}
    assert "文件 16，条目 71" in jianbao("status", JIANBAO_DATA=str(sample_data[0])).stdout


def test_inspect_shows_how_a_file_is_read() -> None:
    path = str(DOCUMENTS / "简报" / "共富示例-2024年第5期.pdf")
    run = jianbao("inspect", path)
    assert "简报：《共富示例》2024年第5期" in run.stdout
    assert "5. 【市县交流】杭州市临安区培育“村播工坊”让山货搭上网络快车（杭州市临安区供稿）" in run.stdout
    form = json.loads(jianbao("inspect", path, "--json").stdout)
    assert (form["document"]["issue"], len(form["items"]), form["warnings"]) == (5, 10, [])
    assert form["passages"][0]["pages"] == [1, 2]
    item = form["items"][4]
    assert item["regions"] == ["浙江省杭州市临安区"]
    assert {"text", "value", "unit"} <= set(item["figures"][0])
    assert {"text", "iso"} <= set(item["dates"][0])
    assert "   地区：浙江省杭州市临安区" in run.stdout


def test_inspect_shows_the_role_of_each_line_on_a_page_without_scripts(tmp_path: Path) -> None:
    def lines(path: Path) -> list[tuple[str, str]]:
        run = jianbao("inspect", str(path), "--html")
        assert (run.returncode, run.stderr) == (0, "") and "<script" not in run.stdout and "http" not in run.stdout
        found = re.findall(r"<p[^>]*><small>(.*?)</small> (.*?)</p>", run.stdout)
        return [(role, re.sub(r"<[^>]*>", "", text)) for role, text in found]

    issue = lines(DOCUMENTS / "简报" / "共富示例-2024年第7期.txt")
    runs = [role for role, _ in itertools.groupby(role for role, _ in issue)]
    assert runs[:8] == ["刊头", "目录", "栏目", "标题、正文", "供稿", "栏目", "标题、正文", "供稿"] and runs[-1] == "发送"
    assert "未收录" not in runs and ("供稿", "（磐安县供稿）") in issue
    article = lines(DOCUMENTS / "新闻" / "示例新闻-01-一份热饭搭着快递车进山来.html")
    assert [role for role, _ in itertools.groupby(role for role, _ in article)][:5] == [
        "标题",
        "刊头",
        "正文",
        "小标题",
        "正文",
    ]
    evil = tmp_path / "恶.txt"
    evil.write_text("<script>window.ran=1</script>情况\n云溪县<img src=x onerror=alert(1)>办起食堂。", encoding="utf-8")
    assert ("正文", "云溪县&lt;img src=x onerror=alert(1)&gt;办起食堂。") in lines(evil)


def test_inspect_marks_doubtful_lines_and_pages_in_a_file(tmp_path: Path) -> None:
    page, layouts = tmp_path / "读法.html", ROOT / "tests" / "data" / "layouts"
    run = jianbao("inspect", str(layouts / "03-minsheng-kuaibao.pdf"), "--html", "-o", str(page))
    assert (run.returncode, run.stdout) == (0, "") and "用浏览器打开" in run.stderr
    text = page.read_text(encoding="utf-8")
    read = read_document(layouts / "03-minsheng-kuaibao.pdf", "x.pdf")
    assert f"条目划分的把握 {read.certainty:.0%}，请核对框出来的地方" in text
    doubts = [f"这里{'也许不是新的一条' if one.begins else '可能是另一条的开头'}（{one.chance:.0%}）" for one in read.doubts]
    assert doubts and re.findall(r"<strong>(.*?)</strong>", text) == doubts
    assert re.findall(r"<i>(.*?)</i>", text) == ["第 1 页", "第 2 页", "第 3 页"]
    for wrong in (["--html", "--json"], ["-o", str(page)], ["--html", "-o", str(tmp_path / "没有" / "x.html")]):
        run = jianbao("inspect", str(layouts / "10-dianshang-fayan.txt"), *wrong)
        assert run.returncode == 2 and not run.stderr.isascii()


def test_inspect_shows_what_an_archive_holds(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "归档.zip", "w") as archive:
        archive.write(DOCUMENTS / "简报" / "共富示例-2024年第7期.txt", "第7期.txt")
        archive.writestr("坏的.pdf", "no pdf")
    run = jianbao("inspect", str(tmp_path / "归档.zip"), "--json")
    form = json.loads(run.stdout)
    assert (run.returncode, form["documents"][0]["document"]["issue"]) == (1, 7)
    assert [skipped["file"] for skipped in form["skipped"]] == ["归档.zip/坏的.pdf"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "缺少参数"),
        (["fly"], "不能是 'fly'"),
        (["search"], "缺少参数：问题"),
        (["search", "x", "-k", "many"], "-k 的值不对"),
        (["search", "x", "-k", "1000"], "1 到 100"),
        (["search", "  "], "请输入"),
        (["search", "食堂\udcff"], "请先运行 jianbao sync"),
        (["search", "？"], "请输入"),
        (["search", "x", "--since", "去年"], "2024-01-31"),
        (["search", "x"], "请先运行 jianbao sync"),
        (["status"], "请先运行 jianbao sync"),
        (["sync", "nowhere"], "没有这个文件夹"),
        (["inspect", "nowhere.pdf"], "没有这个文件"),
        (["evaluate", "nowhere"], "corpus.jsonl"),
    ],
)
def test_errors_are_chinese_and_exit_with_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    run = jianbao("--data", str(tmp_path / "none"), *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_an_unknown_setting_is_an_error() -> None:
    run = jianbao("status", JIANBAO_DTAA="x")
    assert run.returncode == 2
    assert "没有这个设置：JIANBAO_DTAA" in run.stderr


def test_a_port_that_does_not_exist(sample_data: tuple[Path, SyncReport]) -> None:
    run = jianbao("--data", str(sample_data[0]), "serve", "--port", "99999")
    assert (run.returncode, "0 到 65535" in run.stderr) == (2, True)


def test_output_into_a_pipe_that_closes(sample_data: tuple[Path, SyncReport]) -> None:
    path = DOCUMENTS / "简报" / "共富示例-2024年第5期.pdf"
    run = subprocess.run(f"'{JIANBAO}' inspect '{path}' --json | head -c 1", shell=True, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("{", "")


def test_a_busy_port_is_an_error(sample_data: tuple[Path, SyncReport], server: str) -> None:
    run = jianbao("--data", str(sample_data[0]), "serve", "--port", server.rpartition(":")[2])
    assert run.returncode == 2
    assert "换一个端口" in run.stderr
