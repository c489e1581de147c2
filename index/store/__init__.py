"""The catalog: one SQLite file, the only truth about what is indexed, and what is asked of it."""
