"""From a query to Hits: candidates, ranking, filters, facets, and items similar to a case."""
