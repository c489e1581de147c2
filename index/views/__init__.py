"""The two views of the catalog, vectors and keywords: made from it, kept up to date with it, searched."""
