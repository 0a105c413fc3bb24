"""Pages of inspections, one file per noun."""
