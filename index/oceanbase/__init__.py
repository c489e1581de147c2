"""The catalog on OceanBase or seekdb instead of one SQLite file: the same statements, translated."""
