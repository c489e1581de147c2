"""From a query to Hits: candidates, their order, filters, facets, and what is like a case."""
