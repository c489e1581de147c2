"""What kind of document paragraphs are, and where its items begin: issues, notices and plans, articles."""
