"""Recognise the kind of a document (issue, notice or plan, article) and where its items begin."""
