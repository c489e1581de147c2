"""From Documents to Hits: the catalog, its two views (vectors and keywords), and search over both."""

import ingest  # noqa: F401  to be imported before OpenVINO; ingest/__init__.py says why
