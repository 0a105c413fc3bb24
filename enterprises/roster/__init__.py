"""The roster import: from a stranger's spreadsheet to rows of the enterprise file."""
