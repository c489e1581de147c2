"""answer: from a question and an index to an Answer, which quotes the documents word for word or says that there is none."""
