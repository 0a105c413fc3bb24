"""Pages of enterprises, one file per noun."""
