"""Look after an index: what is wrong with it and what mends it; one file out and in."""
