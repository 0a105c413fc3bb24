"""Views of documents, one file per noun."""
