"""Show the pages of an original as pictures, and locate a span of its text on them."""
