"""/mcp: the MCP tools for language-model programs over HTTP (streamable, stateless)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from answer.answerer import Answerer
from service.access.caller import Noting, address_of, noting, visible_answerer
from service.access.concurrency import ConcurrencyLimit
from service.access.needs import needs
from service.mcp import mcp_server


def add_mcp(app: FastAPI, drafts: ConcurrencyLimit) -> MCPServer[Any]:
    """Add the route /mcp, which keeps no session between calls; the application has to run the server's session manager."""

    def opened(context: Context[Any]) -> tuple[Answerer, Noting]:
        request = _request(context)
        return visible_answerer(request), noting(request)

    def draft_place(context: Context[Any]) -> AbstractAsyncContextManager[None]:
        request = _request(context)
        return drafts.place(request.state.caller.name, address_of(request))

    server = mcp_server(opened, draft_place)
    # The Access middleware has already checked the caller, its site and its limits.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(json_response=True, stateless_http=True, transport_security=security)
    app.router.routes.append(Route("/mcp", endpoint=needs("search", "ask")(_Calls(server)), methods=["POST"]))
    return server


def _request(context: Context[Any]) -> Request:
    request = context.request_context.request
    assert isinstance(request, Request)
    return request


class _Calls:
    def __init__(self, server: MCPServer[Any]) -> None:
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._server.session_manager.handle_request(scope, receive, send)
