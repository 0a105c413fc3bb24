"""Carry-in: matters begun on paper come in with their own numbers and dates, marked as such."""
