"""The catalog: one SQLite file, the only truth about what is indexed, and all queries to it."""
