"""Access control: which callers may in, from which site, how often and how many at a time; and the form of a refusal."""
