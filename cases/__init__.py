"""cases: find precedents, find similar ones, order them by date, compare them side by side, summarise them for export."""
