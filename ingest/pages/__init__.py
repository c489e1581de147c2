"""An original's pages as pictures, and where on them a stretch of the text stands."""
