"""One module for each file format: a file becomes paragraphs, or several documents."""
