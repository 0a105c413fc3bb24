"""Forms of enterprises, one file per noun."""
