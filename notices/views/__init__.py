"""Pages of notices: the inbox, and what goes outside."""
