"""Readers, one module for each file format: from a file to paragraphs, or to several documents."""
