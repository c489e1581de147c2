"""Tools for language-model programs (Model Context Protocol): search, answers, cases, similar cases and timelines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Annotated, Any

from fastapi.concurrency import run_in_threadpool
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from answer.answerer import Answerer
from index.errors import IndexingError
from service import VERSION
from service.access.caller import Noting
from service.actions.cases import similar_form, timeline_form
from service.actions.drafts import case_of_item, case_of_text
from service.actions.forms import answer_form, search_form
from service.actions.items import item_form
from service.actions.parameters import CONDITIONS, checked_conditions, checked_k, checked_query, checked_turns, plain
from service.errors import Refused

_ABOUT = """在本单位的工作动态、简报和新闻里检索和提问。结果都带出处：citation.line 可以直接写进脚注，citation.url 打开原文。
引用时请照抄原文和出处；ask 的 found 为 false 时，资料里没有答案，不要自己编。"""
_FILTERS_HELP = (
    "筛选条件，键可以是 kind（bulletin、news、other）、region（如 余姚、杭州市临安区）、section、contributor、series、year、"
    "since、until（2024-01-31 这样的日期）、document、folder"
)
_Conditions = Annotated[dict[str, str], Field(description=_FILTERS_HELP)]
_DESCRIPTIONS = {
    "search": "检索：返回最相关的段落（hits），各带出处；facets 是其中有哪些地区、栏目、年份。",
    "ask": "提问：返回能回答的原句和出处；found 为 false 表示没有依据，nearest 是最接近的。",
    "case": (
        "一个案例的全文和要点：标题、地区、供稿单位、举措、数据和出处；quotes 是概括它的原句，"
        "roles 说明是做了什么（did）、怎么做（how）还是成效（result）。"
    ),
    "similar": (
        "相似的案例：与一个案例（item）或一段草稿（text）相似；shared 是两边相近的问题、做法、成效，各是一对原句，"
        "why 是写成一行的；elsewhere 为 true 时不要同一地区的。"
    ),
    "timeline": "谁最早：一个主题的案例按发表日期从早到晚；first 是最早的那一个。",
}
_Count = Annotated[int, Field(ge=1, le=20, description="最多几条")]
_Previous = Annotated[list[str], Field(description="前面问过的问题，从早到晚；用于“那临安区呢”这样的追问")]
_Item = Annotated[str, Field(description="案例的编号：search 结果里的 item_id")]
Opened = Callable[[Context[Any]], tuple[Answerer, Noting]]
Place = Callable[[Context[Any]], AbstractAsyncContextManager[None]]


def mcp_server(opened: Opened, draft_place: Place = lambda _context: nullcontext()) -> MCPServer[Any]:
    """Return the server.

    `opened` maps the context of a call to its caller's answerer and the function that audits the call; `draft_place` to the
    caller's place among those whose drafts are read at a time.
    """
    server: MCPServer[Any] = MCPServer("jianbao", title="简报检索", instructions=_ABOUT, version=VERSION, log_level="WARNING")
    tools = _Tools(opened, draft_place)
    for name, description in _DESCRIPTIONS.items():
        server.add_tool(getattr(tools, name), name=name, description=description)
    return server


class _Tools:
    """The tools; each runs its work in a thread of the pool."""

    def __init__(self, opened: Opened, draft_place: Place) -> None:
        self._opened, self._draft_place = opened, draft_place

    async def search(
        self, context: Context[Any], query: str, k: _Count = 5, conditions: _Conditions | None = None
    ) -> dict[str, Any]:
        def work(answerer: Answerer) -> dict[str, Any]:
            return search_form(answerer.index, checked_query(query), checked_k(k), _checked(conditions))

        return await self._done(context, "search", query, work, conditions=conditions)

    async def ask(
        self, context: Context[Any], question: str, previous: _Previous | None = None, conditions: _Conditions | None = None
    ) -> dict[str, Any]:
        def work(answerer: Answerer) -> dict[str, Any]:
            turns = checked_turns(previous or [])
            return answer_form(answerer.answer(checked_query(question), turns, _checked(conditions)))

        return await self._done(context, "ask", question, work, conditions=conditions)

    async def case(self, context: Context[Any], item: _Item) -> dict[str, Any]:
        return await self._done(context, "item", "", lambda answerer: item_form(answerer.index.catalog, plain(item)), item=item)

    async def similar(
        self, context: Context[Any], item: _Item = "", text: str = "", k: _Count = 5, elsewhere: bool = False
    ) -> dict[str, Any]:
        def work(answerer: Answerer) -> dict[str, Any]:
            if bool(item) == bool(text.strip()):
                raise Refused("bad_draft", "item（案例编号）和 text（草稿全文）要写一个，且只写一个")
            case = case_of_item(answerer.index, item) if item else case_of_text(answerer.index, text)
            return similar_form(answerer.index, case, k, {}, elsewhere)

        place = self._draft_place(context) if text else None
        return await self._done(context, "similar", "", work, place, item=item)

    async def timeline(self, context: Context[Any], topic: str, conditions: _Conditions | None = None) -> dict[str, Any]:
        return await self._done(
            context,
            "timeline",
            topic,
            lambda answerer: timeline_form(answerer.index, topic, _checked(conditions)),
            conditions=conditions,
        )

    async def _done(
        self,
        context: Context[Any],
        action: str,
        query: str,
        work: Callable[[Answerer], dict[str, Any]],
        place: AbstractAsyncContextManager[None] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        def run() -> dict[str, Any]:
            answerer, note = self._opened(context)
            result = work(answerer)
            found = result.get("found", len(result["hits"]) if "hits" in result else None)
            about = result.get("understood") or result.get("query") or query.strip()
            return note(action, result, about, way="mcp", found=found, **more)

        try:
            async with place or nullcontext():
                return await run_in_threadpool(run)
        except (Refused, IndexingError) as error:
            raise ToolError(str(error)) from error


def _checked(conditions: dict[str, str] | None) -> dict[str, str]:
    unknown = sorted((conditions or {}).keys() - set(CONDITIONS))
    if unknown:
        raise Refused("unknown_parameter", f"没有这个筛选条件：{'、'.join(unknown)}（可用的有 {'、'.join(CONDITIONS)}）")
    return checked_conditions(conditions or {})
