"""From Documents to Hits: the catalog, its two views (vectors and keywords), and search over both."""
