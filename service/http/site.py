"""The pages and their modules; the address of a module has a hash of the content, so browsers cache it for good."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from service.access.needs import public
from service.keys.registry import Keys

_WEB = Path(__file__).parent.parent / "web"
_DOCS = Path(str(files("fastapi_offline"))) / "static"  # Swagger UI
_POLICY = (
    "default-src 'self'; style-src 'self'{styles}; img-src 'self' blob: data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors {ancestors}"
)
_PAGES = {  # address: page name
    "/": "index",
    "/documents/{document_id}": "document",
    "/items/{item_id}": "item",
    "/compare": "compare",
    "/similar": "similar",
    "/status": "status",
    "/docs": "docs",
}
_OPENSEARCH = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>简报检索</ShortName>
  <Description>在本单位的工作动态、简报和新闻里检索</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <Image width="16" height="16" type="image/svg+xml">{base}web/{version}/icon.svg</Image>
  <Url type="text/html" template="{base}?q={{searchTerms}}"/>
</OpenSearchDescription>
"""


class _Modules(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(self, full_path: str, stat_result: object, scope: Scope, status_code: int = 200) -> Response:  # type: ignore[override]
        response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def add_site(app: FastAPI, keys: Keys) -> None:
    """Add the pages, the widget and the OpenSearch description for browsers."""
    version = _version()
    for address, name in _PAGES.items():
        # Swagger UI uses inline styles.
        styles = " 'unsafe-inline'" if name == "docs" else ""
        _add_page(app, address, _filled(_framed(name), "../" * (address.count("/") - 1), version), styles)

    @app.get("/embed", include_in_schema=False)
    @public
    def embed(key: str = "") -> Response:
        """Return the page for an iframe; only the origins of its key may frame it."""
        found = keys.of(key) if key else None
        return _page(_filled(_read("embed.html"), "", version), " ".join(["'self'", *(found.origins if found else ())]))

    @app.get("/widget.js", include_in_schema=False)
    @public
    def widget() -> Response:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(f'export * from "./web/{version}/element.js";\n', media_type="text/javascript", headers=headers)

    @app.get("/opensearch.xml", include_in_schema=False)
    @public
    def opensearch(request: Request) -> Response:
        base = escape(str(request.base_url), {'"': "&quot;"})
        return Response(_OPENSEARCH.format(base=base, version=version), media_type="application/opensearchdescription+xml")

    app.mount("/docs/ui", public(StaticFiles(directory=_DOCS)), name="docs")
    app.mount(f"/web/{version}", public(_Modules(directory=_WEB)), name="web")


def _version() -> str:
    """Return a hash of all files together: 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _WEB.rglob("*") if path.is_file()):
        digest.update(path.relative_to(_WEB).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _read(page: str) -> str:
    return (_WEB / "pages" / page).read_text(encoding="utf-8")


def _framed(name: str) -> str:
    """Return a page in the frame that all pages share; in its file a blank line parts head and body."""
    head, body = _read(f"{name}.html").split("\n\n", 1)
    frame = _read("frame.html").replace(f'data-page="{name}"', 'aria-current="page"')
    return frame.replace("{name}", name).replace("{head}", head).replace("{body}", body.rstrip())


def _filled(page: str, up: str, version: str) -> str:
    """Return a page with addresses relative to the root of the service, which may lie below a path of another site."""
    return page.replace("{base}", up or "./").replace("{web}", f"{up}web/{version}")


def _add_page(app: FastAPI, address: str, page: str, styles: str) -> None:
    @app.get(address, include_in_schema=False)
    @public
    def show() -> Response:
        return _page(page, styles=styles)


def _page(page: str, ancestors: str = "'self'", styles: str = "") -> Response:
    headers = {
        "Content-Security-Policy": _POLICY.format(ancestors=ancestors, styles=styles),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)
