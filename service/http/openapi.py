"""The OpenAPI description of the HTTP API: what each route is for, example requests and responses, and errors."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route

from service import VERSION
from service.access.needs import public

_ABOUT = (
    "检索、提问和找案例的接口。有密钥以后，每个请求都要带 Authorization: Bearer 密钥；看得到哪些文件由密钥的分组决定。"
    "出错时状态码是 4xx 或 5xx，内容都是 error，其中 code 给程序用，message 是给人看的中文；429 和 503 带 Retry-After。"
)
_LINE = "《浙里示例》2024年第2期（总第102期）【市县交流】缙云县把活送到村民家门口（缙云县供稿），2024年2月29日，第2页"
_CITATION = {
    "document_id": "a9e0000fedb2", "file": "简报/示例-2024年第2期.pdf", "kind": "bulletin", "title": "《浙里示例》2024年第2期",
    "date": "2024-02-29", "section": "市县交流", "item": "缙云县把活送到村民家门口", "regions": ["浙江省丽水市缙云县"],
    "pages": [2], "span": [906, 1241], "line": _LINE, "url": "/documents/a9e0000fedb2#906-1241",
}  # fmt: skip
_TEXT = "截至2024年1月底，全县建成共富工坊126家，吸纳村民就业5380人。"
_HIT = {
    "passage_id": "a9e0000fedb2-3-906-1241", "item_id": "a9e0000fedb2-3", "text": _TEXT, "highlights": [[15, 19]],
    "score": 10.367, "citation": _CITATION,
}  # fmt: skip
_FACETS = {"region": {"浙江省丽水市缙云县": 1}, "section": {"市县交流": 1}}
_SEARCHED = {"query": "共富工坊", "hits": [_HIT], "facets": _FACETS, "took_ms": 35.2}
_ANSWER = {
    "question": "缙云县共富工坊吸纳多少村民就业？", "found": True, "short": "5380人", "citations": [_CITATION],
    "nearest": [], "by": "extractive",
    "sentences": [{"text": _TEXT, "citations": [1], "mark": [26, 31], "checked": True}],
}  # fmt: skip
_LINE_OF_CASE = {"text": _TEXT, "span": [930, 964], "roles": ["did", "result"], "line": _LINE, "highlights": [[15, 19]]}
_CASE = {"item_id": "a9e0000fedb2-3", "hits": [_HIT], "lines": [_LINE_OF_CASE]}
_CASES = {
    "query": "共富工坊", "sort": "relevance", "form": "case", "total": 1, "complete": True, "files": 3, "cases": [_CASE],
}  # fmt: skip
_SHARED = {
    "kind": "result", "here": {"text": "带动就业300人", "span": [120, 127], "head": ""},
    "there": {"text": "吸纳村民就业5380人", "span": [954, 964], "head": ""},
}  # fmt: skip
_WHY = {
    "why": "成效相近：“带动就业300人”与“吸纳村民就业5380人”", "shared": [_SHARED], "terms": ["来料加工"], "measures": [],
}  # fmt: skip
_SIMILAR = {"title": "草稿", "hits": [{**_HIT, **_WHY}]}
_TIMELINE = {"query": "共富工坊", "first": "a9e0000fedb2-3", "hits": [_HIT], "undated": []}
_CASE = {"item_id": "a9e0000fedb2-3", "title": "缙云县把活送到村民家门口", "date": "2024-02-29"}
_THEME = {"names": ["来料加工", "工坊"], "total": 6, "counts": [1, 2, 3], "trend": "growing", "cases": [_CASE]}
_THEMES = {"periods": ["2022", "2023", "2024"], "items": 74, "themes": [_THEME]}
# (method, path): summary, example request body, example response; None for no example.
_DESCRIBED: dict[tuple[str, str], tuple[str, Any, Any]] = {
    ("get", "/api/search"): ("检索：最相关的段落，各带出处", None, _SEARCHED),
    ("post", "/api/ask"): ("提问：摘录能回答的原句；没有依据时 found 为 false", {"question": _ANSWER["question"]}, _ANSWER),
    ("get", "/api/cases"): ("找案例：按相关度、日期或成效数据列出；form=file 列出相关的文件（通知、法规等）", None, _CASES),
    ("post", "/api/similar"): ("与一个案例或一段草稿相似的案例", {"text": "我县拟把来料加工的订单送到村里"}, _SIMILAR),
    ("post", "/api/similar/file"): ("与一个草稿文件相似的案例；文件不收录", None, _SIMILAR),
    ("get", "/api/figures"): (
        "案例的成效里写到哪些数据，各有几个案例", None, {"query": "共富工坊", "figures": [{"figure": "就业", "cases": 15}]},
    ),
    ("get", "/api/timeline"): ("谁最早：一个主题的案例按发表日期从早到晚", None, _TIMELINE),
    ("get", "/api/themes"): ("主题：收录的内容讲些什么，各时期各有多少", None, _THEMES),
    ("get", "/api/compare"): ("对比 2 到 5 个案例：举措按意思、数据按指标对齐", None, None),
    ("get", "/api/items/{item_id}"): ("一个案例：全文、要点、出处，和别处讲同一件事的", None, None),
    ("get", "/api/export"): ("把案例导出成 Word、Markdown、CSV 或 JSON", None, None),
    ("post", "/api/export"): (
        "同上；Word 里放进 pictures 的图：png 是 base64，caption 是图下面的字",
        {"items": "a9e0000fedb2-3", "format": "docx", "pictures": []}, None,
    ),
    ("get", "/api/stories"): ("这些案例里哪些讲的是同一件事", None, {"pairs": [["a9e0000fedb2-3", "b7e0000fedb2-1"]]}),
    ("get", "/api/places"): ("画地图用：一个省的市县，或全国的省份，排成什么样", None, None),
    ("get", "/api/numbers"): ("每月、每期各有多少个条目", None, None),
    ("get", "/api/suggest"): (
        "输入时的建议；也认拼音首字母", None, {"query": "共富", "suggestions": [{"text": "共富工坊", "kind": "word"}]},
    ),
    ("get", "/api/documents"): ("收录的文件，最新的在前", None, None),
    ("post", "/api/documents"): ("上传文件并收录（要 ingest 权限）", None, None),
    ("get", "/api/documents/{document_id}"): ("一份文件：条目、段落、事实，拿不准的地方，和更正", None, None),
    ("delete", "/api/documents/{document_id}"): ("移出一份文件；原件另存，不删除（要 ingest 权限）", None, None),
    ("post", "/api/documents/{document_id}/corrections"): (
        "更正一份文件：条目的分合、标题、地区，文件的标题、日期（要 ingest 权限）",
        {"kind": "title", "at": 906, "line": "缙云县把活送到村民家门口", "value": "缙云县送活到家门口"}, None,
    ),
    ("delete", "/api/documents/{document_id}/corrections/{number}"): ("撤销一处更正（要 ingest 权限）", None, None),
    ("get", "/api/documents/{document_id}/original"): ("原件", None, None),
    ("get", "/api/documents/{document_id}/pages/{number}"): ("原件的一页，WebP 图片", None, None),
    ("get", "/api/documents/{document_id}/places"): ("一段文字在原件页面上的位置", None, None),
    ("get", "/api/status"): ("收录情况：数量、刊期、没能收录的文件和原因、最拿不准条目划分的文件", None, None),
    ("post", "/api/feedback"): (
        "结果有没有用", {"query": "共富工坊", "item": "a9e0000fedb2-3", "helpful": True, "reason": ""}, {"kept": True},
    ),
    ("get", "/feed.atom"): ("一个主题的订阅源（Atom），最新的在前", None, None),
    ("get", "/api/session"): ("本站网页用：现在是谁，能做什么", None, None),
    ("post", "/api/session"): ("本站网页用：记住密钥", {"key": "jb_…"}, None),
    ("delete", "/api/session"): ("本站网页用：忘掉密钥", None, None),
    ("get", "/healthz"): ("进程是否在运行", None, {"status": "ok"}),
    ("get", "/readyz"): ("能不能回答：索引和模型已载入，模型有回应", None, {"status": "ready"}),
}  # fmt: skip
_PARAMETERS = {
    "q": ("要查的内容", "共富工坊"), "k": ("最多几条", 10), "kind": ("bulletin 简报、news 新闻、other 其他", "bulletin"),
    "region": ("地区，任何叫法", "缙云县"), "section": ("栏目", "市县交流"), "contributor": ("供稿单位", "缙云县"),
    "series": ("刊名", "浙里示例"), "year": ("年份", "2024"), "since": ("这一天及以后", "2024-01-31"),
    "until": ("这一天及以前", "2024-12-31"), "document": ("文件的编号", "a9e0000fedb2"), "folder": ("子文件夹", "简报/2024年"),
    "sort": ("relevance、date 或 figure", "date"), "figure": ("按这项数据从大到小", "带动就业"),
    "like": ("没有案例写到的数据：列出意思相近、写到的", "卖货金额"),
    "form": ("case 案例、file 文件（通知、法规、报告、表格）、all 全部", "case"),
    "items": ("案例的编号，用逗号分开", "a9e0000fedb2-3,a9e0000fedb2-4"), "format": ("docx、markdown、csv 或 json", "docx"),
    "title": ("标题", "案例汇编"), "elsewhere": ("不要同一地区的", True), "document_id": ("文件的编号", "a9e0000fedb2"),
    "item_id": ("案例的编号", "a9e0000fedb2-3"), "number": ("第几页，或第几处更正", 1), "width": ("宽度，像素", 1200),
    "start": ("从第几个字", 906), "end": ("到第几个字之前", 1241), "key": ("密钥：订阅的程序不能发请求头", "jb_…"),
}  # fmt: skip
_ERROR = {"error": {"code": "empty_query", "message": "请输入要查的内容"}}
_STATUSES = {
    "400": "请求不对", "401": "没有密钥，或密钥不对", "403": "密钥不能做这件事", "404": "没有", "408": "没有传完",
    "409": "与已有的冲突",
    "411": "没有写明长度", "413": "太大", "415": "不是能读的格式", "429": "太频繁", "431": "请求头太长",
    "503": "现在用不了，稍后再试", "507": "写不进去",
}  # fmt: skip


def describe(app: FastAPI) -> None:
    """Give an application this description."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            whole = get_openapi(title=app.title, version=VERSION, description=_ABOUT, routes=app.routes)
            parts = whole.setdefault("components", {})
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            whole["security"] = [{"key": []}, {}]
            for path, methods in whole["paths"].items():
                for method, operation in methods.items():
                    _complete(operation, *_DESCRIBED[method, path])
            app.openapi_schema = whole
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    for route in app.routes:
        if isinstance(route, Route) and route.path == app.openapi_url:
            public(route.endpoint)


def _complete(operation: dict[str, Any], summary: str, body: Any, response: Any) -> None:
    operation["summary"] = summary
    for parameter in operation.get("parameters", []):
        parameter["description"], parameter["example"] = _PARAMETERS[parameter["name"]]
    if body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = body
    answers = operation["responses"]
    answers.pop("422", None)  # FastAPI's status for invalid parameters; ours is 400
    if response is not None:
        answers["200"].setdefault("content", {})["application/json"] = {"example": response}
    content = {"application/json": {"example": _ERROR}}
    for status, meaning in _STATUSES.items():
        answers[status] = {"description": meaning, "content": content}
