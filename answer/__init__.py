"""answer: from a question and an index to an Answer, quoted word for word, or to the word that there is none."""
